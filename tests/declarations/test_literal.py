"""Sixty kinds of awkward text: each is kept, and stands literally on the page, in the print and in the workbook."""

import html
import io
import json
import unicodedata

import openpyxl
import pytest

from declarations import content, printing, services, workbook
from declarations.models import Declaration, ScenarioInstance, SectionContent
from smartfactory import documents, text
from tests.factories.declarations import PDF, submit

# What somebody may paste into a box, by what makes it awkward.
TEXTS = {
    "script": "<script>alert(1)</script>", "image": "<img src=x onerror=alert(1)>", "svg": "<svg/onload=alert(1)>",
    "closing": "</textarea></td></html>", "comment": "<!-- x -->", "cdata": "<![CDATA[x]]>", "attribute": '" onfocus="alert(1)',
    "single": "' onclick='x", "backtick": "`x`", "entity": "&lt;b&gt;", "numeric": "&#x41;&#65;", "ampersand": "A&B & C",
    "angle": "1 < 2 > 0", "template": "{{ 7 * 7 }}", "tag": "{% debug %}", "comment-tag": "{# x #}", "dollar": "${7*7}",
    "erb": "<%= 7*7 %>", "percent": "%s %n %(x)s", "format": "{0} {x}", "formula": "=1+1", "plus": "+1+1", "minus": "-1+1",
    "at": "@SUM(A1)", "link": '=HYPERLINK("http://x","y")', "command": "=cmd|' /C calc'!A0", "tab-formula": "a =1+1",
    "quote-formula": "'=1+1", "bar": "|x", "sql": "' OR 1=1 --", "union": "1; DROP TABLE x", "path": "../../etc/passwd",
    "windows": "C:\\x\\y", "url": "javascript:alert(1)", "data": "data:text/html,x", "host": "//example.com/x", "mail": "a@b\u3002cn",
    "json": '{"a": [1, null]}', "yaml": "!!python/object:x", "xml": '<?xml version="1.0"?>', "csv": 'a,"b",c;d', "excel": "_x0041_",
    "carriage": "_x000D_", "emoji": "😀👩‍🏭", "rare": "𠮷𠀀龘", "combining": "e\u0301 n\u0303", "fullwidth": "ＡＢＣ１２３", "width": "a\u00a0b\u2003c",
    "joiner": "क्षि", "arabic": "مرحبا 123", "hebrew": "שלום", "digits": "٣٤٥", "roman": "Ⅳ ② ㎡ ℃", "dash": "甲—乙–丙-丁", "quotes": "“甲”‘乙’「丙」",
    "backslash": "\\n \\u0041 \\", "null-word": "null None undefined NaN", "zero": "0", "long": "长" * 400, "nested": "[" * 200 + "(" * 200,
}  # fmt: skip
# What cannot be stored or printed truthfully goes; the rest of the text stays.
STRIPPED = {
    "nul": ("甲\x00乙", "甲乙"), "escape": ("甲\x1b[31m乙", "甲[31m乙"), "override": ("甲\u202e乙", "甲乙"), "isolate": ("甲\u2066乙\u2069", "甲乙"),
    "mark": ("\ufeff甲", "甲"), "noncharacter": ("甲\ufffe", "甲"), "surrogate": ("甲\ud800乙", "甲乙"), "lines": ("甲\r\n乙\r丙", "甲\n乙\n丙"),
}  # fmt: skip


def test_there_are_sixty_kinds():
    assert len(TEXTS) + len(STRIPPED) >= 60


@pytest.mark.parametrize("name", STRIPPED)
def test_what_cannot_be_kept_goes_and_the_rest_stays(name):
    given, kept = STRIPPED[name]
    assert text.clean(given) == kept


@pytest.fixture
def kept(draft, preparer):
    """All the texts in one long answer, a line each, and each as the name of a row of a table and in a scenario."""
    rows = [{"name": one} for one in TEXTS.values()]
    lines = "\n".join(TEXTS.values())
    part = SectionContent.objects.get(declaration=draft, key="applicant")
    saved = services.save_section(
        draft, "applicant", {"profile": lines, "honours": rows}, version=part.version, actor=preparer
    )
    assert saved.saved
    scenario = ScenarioInstance.objects.filter(declaration=draft).first()
    assert services.save_instance(draft, scenario.uid, {"description": lines}, version=1, actor=preparer).saved
    return Declaration.objects.get(pk=draft.pk)


def stored(one):
    return unicodedata.normalize("NFC", " ".join(one.split()))


def test_each_stands_literally_on_the_pages(kept, preparer, client_for, address):
    client = client_for(preparer)
    pages = [client.get(address(rest)).content.decode() for rest in ("applicant/", "check/", "matrix/", "scenarios/1/")]
    for page in pages[:2]:
        for name, one in TEXTS.items():
            assert html.escape(stored(one)) in " ".join(page.split()), name
    for page in pages:
        for sign in ("<script>alert", "<img src=x", "<svg/onload", 'onfocus="alert'):
            assert sign not in page.replace("&quot;", "")


def test_each_stands_literally_in_the_workbook(kept):
    body = workbook.template(kept)
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    uids = set(ScenarioInstance.objects.filter(declaration=kept).values_list("uid", flat=True))
    reading = workbook.read(body, content.describe(kept.track), uids)
    names = [row["name"] for row in reading.values["applicant"]["honours"]]
    assert [stored(one) for one in names] == [stored(one) for one in TEXTS.values()]


def test_each_stands_literally_in_what_is_printed_and_exported(kept, monkeypatch, preparer):
    # The maximum number of rows is no concern of this test.
    monkeypatch.setattr("declarations.freezing.errors", lambda problems: [])
    drawn = []
    monkeypatch.setattr(documents, "_draw", lambda source, *rest: drawn.append(source) or PDF)
    revision = submit(kept).latest_revision
    page = " ".join(printing.declaration(revision).html.split())
    said = json.loads(revision.payload)["sections"]["applicant"]
    for name, one in TEXTS.items():
        assert html.escape(stored(one)) in page, name
        assert stored(one) in {row["name"] for row in said["honours"]}, name
    assert "<script>alert" not in page
