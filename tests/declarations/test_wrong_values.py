"""Values that cannot be, as the pages show them: at the cell itself, each with a line of its own that leads there."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from declarations import checks, content
from declarations.models import Evidence, SectionContent, Track
from declarations.vocabulary import Kind

pytestmark = pytest.mark.django_db
WRONG = {"9": ("before", "-1"), "1": ("value", "250"), "19": ("value", "abc"), "18": ("value", "1e400")}


@pytest.fixture
def writer(draft, preparer, client_for):
    return client_for(preparer)


@pytest.fixture
def spoiled(draft):
    row = SectionContent.objects.get(declaration=draft, key="outcomes")
    for number, (key, value) in WRONG.items():
        row.data["indicators"][number] |= {key: value}
    row.data["milestones"] = [{"year": 1800, "goal": "第四个单元"}]
    SectionContent.objects.filter(pk=row.pk).write(data=row.data)


def png(width, height):
    out = io.BytesIO()
    Image.new("L", (width, height), 200).save(out, "PNG")
    return out.getvalue()


def control(html, name):
    return re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', html)[0]


def test_every_wrong_cell_is_marked_and_named_in_a_line_of_its_own(writer, spoiled, address):
    html = writer.get(address("outcomes/?checked=1")).content.decode()
    for name in (*(f"indicators-{number}-{key}" for number, (key, _) in WRONG.items()), "milestones-0-year"):
        assert 'aria-invalid="true"' in control(html, name)
        assert "is-invalid" in control(html, name)
        assert f'id="id_{name}"' in control(html, name)
        # Once in the summary, once at the group.
        assert len(re.findall(rf'<a href="[^"]*#id_{name}">', html)) == 2
    assert "is-invalid" not in control(html, "indicators-9-after")
    assert re.search(r'data-indicator="9".*?data-change>—</output>', html, re.DOTALL)


def test_the_check_leads_to_the_cell(writer, spoiled, address):
    html = writer.get(address("check/")).content.decode()
    assert f"{address('outcomes/')}?checked=1#id_indicators-1-value" in html
    assert f"{address('outcomes/')}?checked=1#id_milestones-0-year" in html


def test_autosave_names_the_cell(writer, draft, address):
    body = {"version": 1, "milestones-rows": "1", "milestones-0-year": "1800", "milestones-0-goal": "投产"}
    answer = writer.post(address("outcomes/autosave/"), body, headers={"X-Requested-With": "fetch"})
    assert [one["cell"] for one in answer.json()["problems"]] == ["milestones-0-year"]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("扫描.pdf", b"MZ not a pdf", "内容不是 PDF"),
        ("空.pdf", b"", "这个文件是空的"),
        ("一点.png", png(1, 1), "图片只有 1×1 像素，看不清内容。请换成每边至少 300 像素的图片再上传"),
    ],
)
def test_a_refused_upload_names_question_and_file(writer, draft, address, name, body, words):
    kept = Evidence.objects.count()
    sent = {"version": "1", "base": "{}", "upload": "licence", "licence-file": SimpleUploadedFile(name, body)}
    answer = writer.post(address("applicant/"), sent)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert f"营业执照或法人证书：“{name}”没有上传。{words}" in html
    assert re.search(rf'href="[^"]*#div_id_licence">营业执照或法人证书：“{name}”没有上传', html)
    assert Evidence.objects.count() == kept


def test_a_readable_picture_is_kept(writer, draft, address):
    sent = {"version": "1", "upload": "licence", "licence-file": SimpleUploadedFile("执照.png", png(300, 400))}
    writer.post(address("applicant/"), sent)
    assert Evidence.objects.filter(declaration=draft, name="执照.png").exists()


def test_a_file_is_taken_out_only_after_asking_once_more(writer, draft, address):
    row = Evidence.objects.filter(declaration=draft, field="licence").get()
    sent = {"version": "1", "base": "{}", "profile": "没有丢的简介。", "take_out": row.public_id}
    answer = writer.post(address("applicant/"), sent)
    assert answer["Location"] == address(f"evidence/{row.public_id}/remove/")
    assert SectionContent.objects.get(declaration=draft, key="applicant").data["profile"] == "没有丢的简介。"
    page = writer.get(answer["Location"]).content.decode()
    assert row.name in page
    assert f"{address('applicant/')}#div_id_licence" in page
    assert Evidence.objects.filter(pk=row.pk).exists()
    assert writer.post(answer["Location"])["Location"] == f"{address('applicant/')}#div_id_licence"
    assert not Evidence.objects.filter(pk=row.pk).exists()


def test_the_check_has_a_contents_list(writer, draft, address):
    html = writer.get(address("check/")).content.decode()
    for place in re.findall(r'href="#((?:part|g)-[^"]+)"', html):
        assert html.count(f'id="{place}"') == 1
    assert 'href="#part-scenarios"' in html
    assert "可左右滚动 ⇆" in html


def test_declarations_come_before_offers(writer, draft):
    html = writer.get("/declarations/").content.decode()
    assert "data-l=" in html
    if "可申报" in html:
        assert html.index(draft.number) < html.index("可申报")


def test_a_number_too_large_is_called_so(writer, draft, address):
    body = {"version": 1, "staff_total": "9" * 26}
    answer = writer.post(address("applicant/autosave/"), body, headers={"X-Requested-With": "fetch"})
    (problem,) = answer.json()["problems"]
    assert problem["message"] == "从业人员数太大：写了 26 位数。最大可以填 1,000,000，请核对。单位是人"


def test_a_cell_keeps_to_its_columns_limit(draft, description, payload):
    """Row and column are named, at the cell, counted without white space; the Excel import says the same."""
    field = next(one for one in description.fields() if one.anchor == "factory.integrators")
    column = next(one for one in field.columns if one.kind == Kind.TEXT)
    most = column.max_chars
    rows = payload["sections"][field.section][field.key]
    rows[0][column.key] = " 甲" * most
    assert not [one for one in checks.run(payload, description) if one.cell == f"{field.key}-0-{column.key}"]
    rows[0][column.key] = "甲" * (most + 2)
    found = [one for one in checks.run(payload, description) if one.cell == f"{field.key}-0-{column.key}"]
    place = f"第 1 行的{column.label}超出 2 字。请删减到 {most} 字以内"
    assert [one.message for one in found] == [f"{field.label}{place}"]
    assert found[0].standing == "unverified"


def test_every_text_column_of_every_form_has_a_limit(policy):
    unlimited = [
        f"{track.code} {field.anchor} {column.key}"
        for track in Track.objects.all()
        for field in content.describe(track).fields()
        for column in field.columns
        if column.kind == Kind.TEXT and not column.max_chars
    ]
    assert unlimited == []
