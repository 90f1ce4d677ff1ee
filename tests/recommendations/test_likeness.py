"""Passages in common: what is found, what is shown to whom, and that it costs the page nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.models import SectionContent
from recommendations.likeness import passages, reading, showing
from recommendations.likeness.passages import Passage
from recommendations.models import Likeness, PassageMark, ReadRevision
from smartfactory.models import Authority, Job, Role
from tests.factories import declarations as made
from tests.factories.organisations import make_enterprise, make_member

COPIED = (
    "压铸岛由四台力控机器人协同取件，视觉系统在两秒内判定飞边与缩孔，判定结果写入工件的唯一编码，"
    "后续热处理与机加工工序按编码自动调取参数，全过程数据保存三年备查。"
)
OWN = ["甲厂的转运车按照节拍从立体库领取托盘，到线边后由扫码枪核对批次，错料立即停线并通知班长到场处置。",
       "乙车间用能源网关采集每台炉子的燃气与电耗，夜间低谷自动保温，白班开工之前一小时升到工艺要求的温度。"]  # fmt: skip


def filed(text, city="990101", *, enterprise=None, track="2024-excellence", status="in_review"):
    """A declaration whose summary is `text` alone; everything else written freely differs."""
    enterprise = enterprise or make_enterprise(authority=Authority.objects.get(code=city))
    declaration = made.make_declaration(enterprise=enterprise, track=track)
    for one in SectionContent.objects.filter(declaration=declaration):
        data = {key: value for key, value in one.data.items() if not (isinstance(value, str) and len(value) > 40)}
        one.data = data | ({"summary": text} if one.key == "factory" else {})
        one.save()
    for one in declaration.instances.all():
        one.data = {key: value for key, value in one.data.items() if not (isinstance(value, str) and len(value) > 25)}
        one.save()
    declaration.refresh_from_db()
    made.extend_deadline(declaration)
    return declaration


@pytest.fixture
def frozen(policy, monkeypatch):
    """Return a function that freezes a text as a revision, whatever the form would still ask for, and reads it."""
    from declarations import freezing

    monkeypatch.setattr(freezing.checks, "run", lambda *args, **more: [])

    def freeze(text, *args, status="in_review", read=True, **more):
        declaration = made.submit(filed(text, *args, **more))
        if status != "submitted":
            declaration = made.advance(declaration, "take_up")
        if read:
            look(declaration)
        return declaration

    return freeze


def look(declaration):
    from smartfactory import jobs

    job = Job.objects.get(kind=reading.JOB, subject=f"revision:{declaration.latest_revision_id}")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "ready", job.error


def official_of(declaration):
    return made.people_of(declaration)[2]


# The comparison itself


def passage(text, at=0):
    return Passage("a.b", "甲", at, text)


class TestPassages:
    def test_a_copy_with_another_number_and_other_marks_is_still_a_copy(self):
        other = COPIED.replace("四台", "六台").replace("，", "、 ").replace("三年", "５年")
        (pair,) = passages.pairs([passage(COPIED)], [passage(other)])
        assert pair.share >= 70

    @pytest.mark.parametrize("text", OWN)
    def test_another_text_of_the_same_trade_is_none(self, text):
        assert passages.pairs([passage(COPIED)], [passage(text)]) == []

    def test_a_short_passage_within_a_long_one_is_found(self):
        (pair,) = passages.pairs([passage(COPIED[:60])], [passage(OWN[0] + COPIED + OWN[1])])
        assert pair.share > 90

    def test_neighbours_are_shown_as_one(self):
        mine = [passage(COPIED), passage(OWN[0], 1)]
        (pair,) = passages.pairs(mine, [passage(COPIED, 4), passage(OWN[0], 5)])
        assert pair.mine.text == COPIED + OWN[0]

    def test_the_same_text_has_the_same_marks_however_it_is_typed(self):
        assert passage(COPIED).marks == passage(f" {COPIED.replace('，', ',')}\n").marks
        assert len(passage(COPIED).marks) == passages.MARKS

    def test_phrases_are_no_passages(self):
        assert list(passages._pieces("数据保存三年。按单生产。")) == []
        assert list(passages._pieces("")) == []

    def test_nothing_written_is_lost_between_passages(self):
        assert "".join(passages._pieces(COPIED + OWN[0] + "完。")) == COPIED + OWN[0] + "完。"


# What is shown


pytestmark = pytest.mark.django_db


def test_a_copied_passage_stands_on_both_pages_side_by_side(frozen, client_for):
    one, two = frozen(COPIED + OWN[0]), frozen(OWN[1] + COPIED)
    official = client_for(official_of(one))
    for mine, other in ((one, two), (two, one)):
        page = official.get(f"/reviews/{mine.public_id}/").content.decode()
        section = page[page.index('id="alike"') : page.index('id="desk"')]
        assert other.enterprise.name in section
        assert other.number in section
        assert "别家的" in section
        assert section.count("<mark>") >= 2
        assert "只供核对，不是结论" in section
    assert Likeness.objects.count() == 1


def test_without_anything_in_common_it_says_so(frozen, client_for):
    frozen(OWN[0])
    mine = frozen(OWN[1])
    page = client_for(official_of(mine)).get(f"/reviews/{mine.public_id}/").content.decode()
    assert "没有找到与其他申报书相同的段落" in page


def test_before_the_job_has_run_the_page_says_it_waits(frozen, client_for):
    mine = frozen(COPIED, read=False)
    assert "还没有比对" in client_for(official_of(mine)).get(f"/reviews/{mine.public_id}/").content.decode()


def test_own_earlier_declarations_are_told_apart(frozen, client_for):
    first = frozen(COPIED)
    again = frozen(COPIED, enterprise=first.enterprise, track="2025-excellence")
    found = showing.report(again, official_of(again))
    assert ([one.revision.declaration for one in found.own], found.others) == ([first], [])
    page = client_for(official_of(again)).get(f"/reviews/{again.public_id}/").content.decode()
    assert "本企业自己的" in page
    assert "别家的" not in page


def test_who_may_not_see_the_other_learns_neither_name_nor_words(frozen, client_for):
    here, there = frozen(COPIED), frozen(COPIED, "990102")
    page = client_for(official_of(here)).get(f"/reviews/{here.public_id}/").content.decode()
    assert there.enterprise.name not in page
    assert there.number not in page
    assert "另与 1 份不由本单位受理的申报书有相同段落" in page
    above = make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990000"))
    assert there.enterprise.name in client_for(above).get(f"/reviews/{here.public_id}/").content.decode()
    assert not Likeness.objects.visible_to(official_of(here)).exists()


def test_the_enterprise_never_sees_it(frozen, client_for):
    one, two = frozen(COPIED), frozen(COPIED)
    preparer = made.people_of(one)[0]
    assert not Likeness.objects.visible_to(preparer).exists()
    for address in (f"/declarations/{one.public_id}/", f"/declarations/{one.public_id}/revisions/1/"):
        page = client_for(preparer).get(address).content.decode()
        assert two.enterprise.name not in page
        assert "相同的段落" not in page


def test_what_was_withdrawn_or_replaced_is_not_compared_with(frozen):
    one, two = frozen(COPIED, status="submitted"), frozen(COPIED)
    from smartfactory import workflow

    workflow.fire(one, "withdraw", actor=made.people_of(one)[0], version=one.version)
    found = showing.report(two, official_of(two))
    assert (found.others, found.hidden) == ([], 0)
    again = filed_again(one, OWN[0])
    look(again)
    assert set(PassageMark.objects.values_list("revision", flat=True)) == {
        again.latest_revision_id, two.latest_revision_id,
    }  # fmt: skip
    assert showing.report(two, official_of(two)).others == []


def filed_again(declaration, text):
    row = SectionContent.objects.get(declaration=declaration, key="factory")
    SectionContent.objects.filter(pk=row.pk).write(data=row.data | {"summary": text})
    return made.submit(type(declaration).objects.get(pk=declaration.pk))


def test_read_at_the_same_moment_the_pair_is_found_once(frozen):
    """Both mark before either compares: whichever goes first, the pair stands once."""
    one, two = frozen(COPIED, read=False), frozen(COPIED, read=False)
    for each in (one, two):
        reading.mark(each.latest_revision, reading._passages(each.latest_revision))
    for each in (two, one, two):
        Job.objects.filter(subject=f"revision:{each.latest_revision_id}", kind=reading.JOB).update(state="pending")
        look(each)
    assert Likeness.objects.count() == 1
    assert ReadRevision.objects.count() == 2


def test_taking_up_has_old_declarations_read(frozen, client_for):
    mine = frozen(COPIED, status="submitted", read=False)
    Job.objects.filter(kind=reading.JOB).delete()
    act = {"act": "take_up", "version": mine.version}
    assert client_for(official_of(mine)).post(f"/reviews/{mine.public_id}/act/", act).status_code == 302
    assert Job.objects.filter(kind=reading.JOB, subject=f"revision:{mine.latest_revision_id}").exists()


def test_more_findings_cost_no_more_queries(frozen, client_for):
    mine = frozen(COPIED)
    client, counts = client_for(official_of(mine)), {}
    for size in (1, 3, 9):
        while Likeness.objects.count() < size:
            frozen(COPIED)
            Likeness.objects.exclude(older=mine.latest_revision).delete()
        client.get(f"/reviews/{mine.public_id}/")
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/reviews/{mine.public_id}/").content.decode()
        counts[size] = len(asked)
    assert len(set(counts.values())) == 1, counts
    assert "另有 1 份" in page
