"""Files that are said to answer a condition at a page, and looked at without leaving the house."""

import pikepdf
import pytest
from django.urls import reverse

from declarations import anchors, content, evidence, matrix
from declarations.models import Declaration, Evidence, LateChangeError
from smartfactory import files
from smartfactory.models import AuditEntry, Job
from tests.factories.declarations import advance, submit


@pytest.fixture
def paper(draft, tmp_path):
    """A file of five pages in the place of the first that was asked for."""
    pdf = pikepdf.new()
    for _ in range(5):
        pdf.add_blank_page(page_size=(200, 300))
    pdf.save(tmp_path / "five.pdf")
    row = Evidence.objects.filter(declaration=draft).select_related("instance").first()
    stored = files.put(tmp_path / "five.pdf", files.MIMES["pdf"])
    Evidence.objects.filter(pk=row.pk).write(file=stored, pages=5, name="五页.pdf")
    return Evidence.objects.select_related("file", "instance").get(pk=row.pk)


@pytest.fixture
def condition(description):
    return next(iter(anchors.conditions(description)))


@pytest.fixture
def view(draft, paper):
    return reverse("declaration_evidence_view", args=[draft.public_id, paper.public_id])


def cited(declaration, code):
    found = matrix.lines(content.payload(declaration), content.describe(declaration.track))
    return [(one.name, at.first, at.last) for line in found if line.result.rule.code == code for one, at in line.cited]


def test_a_condition_names_the_pages_that_answer_it(draft, preparer, paper, condition):
    anchors.add(paper, condition, 2, 3, actor=preparer)
    anchors.add(paper, condition, 5, 0, actor=preparer)
    assert cited(draft, condition) == [("五页.pdf", 2, 3), ("五页.pdf", 5, 5)]
    assert AuditEntry.objects.filter(act="evidence.point").count() == 2


def test_said_twice_is_said_once(draft, preparer, paper, condition):
    for _ in range(2):
        anchors.add(paper, condition, 2, 3, actor=preparer)
    assert len(cited(draft, condition)) == 1
    assert AuditEntry.objects.filter(act="evidence.point").count() == 1


@pytest.mark.parametrize(("first", "last", "field"), [(0, 0, "first"), (6, 6, "first"), (4, 2, "last"), (2, 9, "last")])
def test_pages_the_file_does_not_have_are_named(draft, preparer, paper, condition, first, last, field):
    with pytest.raises(anchors.BadAnchor, match="这个文件有 5 页") as caught:
        anchors.add(paper, condition, first, last, actor=preparer)
    assert caught.value.field == field
    assert not Evidence.objects.get(pk=paper.pk).anchors


def test_a_condition_that_is_not_asked_for_is_refused(preparer, paper):
    with pytest.raises(anchors.BadAnchor) as caught:
        anchors.add(paper, "nothing", 1, 1, actor=preparer)
    assert caught.value.field == "condition"


def test_it_is_taken_back_by_place_and_condition(draft, preparer, paper, condition):
    anchors.add(paper, condition, 1, 1, actor=preparer)
    anchors.remove(paper, 0, "another", actor=preparer)
    anchors.remove(paper, 7, condition, actor=preparer)
    assert len(cited(draft, condition)) == 1
    anchors.remove(paper, 0, condition, actor=preparer)
    assert cited(draft, condition) == []


def test_what_was_filed_keeps_its_pages_and_takes_no_more(draft, preparer, paper, condition):
    anchors.add(paper, condition, 2, 2, actor=preparer)
    revision = submit(draft).latest_revision
    found = matrix.lines(revision.content, content.describe(draft.track))
    assert [at.where for line in found for _, at in line.cited] == ["第 2 页"]
    assert "第 2 页对应条件" in content.text_of(revision.content, content.describe(draft.track))
    with pytest.raises(LateChangeError):
        anchors.add(paper, condition, 3, 3, actor=preparer)


def test_after_a_return_only_the_named_answers_take_pages(draft, preparer, paper, condition):
    submit(draft)
    advance(draft, "take_up")
    advance(draft, "return_")
    with pytest.raises(LateChangeError):
        anchors.add(paper, condition, 3, 3, actor=preparer)
    Declaration.objects.filter(pk=draft.pk).update(unlocked=[paper.address])
    anchors.add(paper, condition, 3, 3, actor=preparer)
    assert cited(draft, condition) == [("五页.pdf", 3, 3)]


def test_the_page_shows_a_picture_of_the_page_asked_for(client_for, preparer, view):
    page = client_for(preparer).get(f"{view}?page=4")
    assert page.context["page"] == 4
    assert 'src="data:image/jpeg;base64,' in page.text
    for rubbish in ("0", "99", "x", "9" * 40, "-1"):
        assert 1 <= client_for(preparer).get(f"{view}?page={rubbish}").context["page"] <= 5


def test_the_form_points_and_says_what_is_wrong(client_for, preparer, draft, view, condition):
    client = client_for(preparer)
    wrong = client.post(view, {"condition": condition, "first": "9", "last": ""})
    assert wrong.status_code == 422
    assert "起始页写 1 到 5 之间的数" in wrong.text
    assert client.post(view, {"condition": condition, "first": "3", "last": "4"}).status_code == 302
    linked = client.get(reverse("declaration_matrix", args=[draft.public_id])).text
    assert f'href="{view}?page=3"' in linked
    client.post(view, {"remove": f"0:{condition}"})
    assert cited(draft, condition) == []


def test_officials_see_the_pages_as_filed_and_leave_a_trace(client_for, draft, preparer, official, paper, condition):
    anchors.add(paper, condition, 2, 2, actor=preparer)
    revision = submit(draft).latest_revision
    client = client_for(official)
    shown = client.get(reverse("revision_matrix", args=[draft.public_id, revision.number])).text
    address = reverse("declaration_file_view", args=[draft.public_id, revision.number, paper.file_id])
    assert f'href="{address}?page=2"' in shown
    page = client.get(f"{address}?page=2")
    assert "data:image/jpeg;base64," in page.text
    assert "标出这几页" not in page.text
    assert AuditEntry.objects.filter(act="declaration.download", body__contains=paper.file_id).count() == 1


def test_the_small_picture_is_drawn_by_a_job(draft, preparer, description, run_jobs, tmp_path):
    field = next(one for one in description.fields() if one.kind == "files" and not one.per_instance)
    Evidence.objects.filter(declaration=draft, field=field.key).delete()
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 300))
    pdf.save(tmp_path / "one.pdf")
    with (tmp_path / "one.pdf").open("rb") as upload:
        row = evidence.add(draft, field, upload, "一页.pdf", actor=preparer)
    assert not row.small
    run_jobs()
    assert row.small
    assert Job.objects.get(kind=evidence.PREVIEW_JOB).state == "ready"


def test_the_same_content_is_not_taken_twice_into_one_place(draft, preparer, description, paper):
    field = next(one for one in description.fields() if one.anchor == paper.address)
    with paper.file.open() as upload, pytest.raises(files.BadFile, match="完全相同"):
        evidence.add(draft, field, upload, "又一次.pdf", actor=preparer)


def test_the_same_content_in_another_place_is_told(client_for, draft, preparer, description, paper):
    other = next(
        one for one in description.fields()
        if one.kind == "files" and one.anchor != paper.address and not one.per_instance and not one.params.get("figure")
    )  # fmt: skip
    Evidence.objects.filter(declaration=draft, section=other.section, field=other.key).delete()
    with paper.file.open() as upload:
        row = evidence.add(draft, other, upload, "副本.pdf", actor=preparer)
    assert evidence.elsewhere(row) == "五页.pdf"


@pytest.mark.parametrize("marked", [0, 1])
def test_of_two_copies_the_marked_one_is_opened(draft, preparer, paper, condition, client_for, marked):
    other = Evidence.objects.filter(declaration=draft).exclude(pk=paper.pk).select_related("instance").last()
    Evidence.objects.filter(pk=other.pk).write(file=paper.file, pages=5, name="同一份.pdf")
    copies = [Evidence.objects.select_related("instance").get(pk=one.pk) for one in (paper, other)]
    anchors.add(copies[marked], condition, 2, 3, actor=preparer)
    page = client_for(preparer).get(reverse("declaration_matrix", args=[draft.public_id])).text
    right, wrong = (
        reverse("declaration_evidence_view", args=[draft.public_id, one.public_id]) + "?page=2"
        for one in (copies[marked], copies[1 - marked])
    )
    assert right in page
    assert wrong not in page
