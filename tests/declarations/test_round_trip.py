"""What a form accepts is what is stored, shown, sent back by an untouched page, exported, and imported again.

FORM_EXAMPLES sets how many examples each form gets; unless told otherwise sixty for three forms that are unlike each other
and a few for every other track, whose forms share most of their questions with these.
"""

import json
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations import checks, content, forms, workbook
from declarations.content.values import is_blank
from declarations.models import SectionContent, Track
from declarations.vocabulary import NUMBERS, Kind
from declarations.workbook.reading import ERRORS
from tests.factories.declarations import make_declaration
from tests.support.pages import sent_back

UNLIKE = ("2022-scenario", "2024-excellence", "2025-pioneer")
EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "60"))
FEW = int(os.environ.get("FORM_EXAMPLES", "5"))
FILES = sorted(Path("fixtures/editions").glob("*/campaign.yaml"))
TRACKS = [row["code"] for file in FILES for row in yaml.safe_load(file.read_text("utf-8"))["tracks"]]
PARTS = [
    *((track, part, False) for track in TRACKS for part in ("applicant", "factory", "scenarios", "outcomes")),
    *((track, "scenarios", True) for track in TRACKS),
]
AWKWARD = st.sampled_from([
    "<script>alert(1)</script>", "&amp;&lt;", "\"'`", "=1+1", "+1", "-1", "@SUM(A1)", "{{ x }}{% y %}", "\ue000answer\ue001",
    "a\x00b", "\u202eabc", "\r\n", "0\r1", "\n\n甲\n", " 　", "e\u0301", "😀𠮷", "2024-02-30", "2024-13", "２０２４-０１-０１", "٢٠٢٤-01-01",
    "2024/6/3", "2024年6月", "1,200.50", "1e5", "007", "１２３", "-0", "0.1000000", "9" * 16, "null", "None", "True", "是", "%41%00",
])  # fmt: skip
TEXT = st.one_of(
    AWKWARD,
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text("0123456789.,-年月日", max_size=12),
    st.just(""),
)
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


def form_of(track, part, per_instance):
    """The fields of one form that is there in this track; nothing where it is not."""
    description = content.describe(Track.objects.get(code=track))
    section = description.by_key.get(part)
    fields = (section.instance_fields if per_instance else section.fields) if section else ()
    return description, [one for one in fields if one.stored and not one.fixed]


def typed(field, description, draw):
    """(name, text) pairs as a person might send them for one field."""
    if field.kind == Kind.TABLE:
        rows = draw(st.integers(0, 3))
        cells = [(n, column) for n in range(rows) for column in field.columns]
        pairs = [(f"{field.key}-{n}-{column.key}", _cell(column, draw)) for n, column in cells]
        return [(f"{field.key}-rows", str(rows)), *pairs]
    if field.kind == Kind.INDICATORS:
        one = draw(st.sampled_from([one for one in description.indicators if not one.computed]))
        number, asked = one.number, ["before", "after"] if one.kind == "change" else ["value"]
        keys = draw(st.lists(st.sampled_from([*asked, "note"]), unique=True))
        pairs = [(f"{field.key}-{number}-{key}", draw(TEXT)) for key in keys]
        return [
            (f"{field.key}-shown", "1"),
            *pairs,
            *([(f"{field.key}-{number}-na", "1")] if draw(st.booleans()) else []),
        ]
    if field.kind == Kind.MULTICHOICE:
        return [
            (field.key, one)
            for one in draw(st.lists(st.sampled_from([one.value for one in field.options]), unique=True))
        ]
    return [(field.key, draw(_choices(field, description)))]


def _cell(column, draw):
    return draw(st.sampled_from(["", *(one.value for one in column.options)])) if column.options else draw(TEXT)


def _choices(field, description):
    known = {
        Kind.BOOL: ["yes", "no", ""],
        Kind.CHOICE: ["", *(one.value for one in field.options)],
        Kind.SEGMENT: ["", *description.segments],
    }.get(field.kind)
    if field.kind == Kind.SCENARIO and not description.custom_scenarios:
        known = ["", *(name for names in description.scenarios.values() for name in names)]
    return st.sampled_from(known) if known else TEXT


def accept(fields, sent):
    """What is stored for what was sent."""
    by_key = {one.key: one for one in fields}
    return {key: content.clean(by_key[key], raw) for key, raw in forms.typed(by_key, sent).items()}


def drawn(fields, stored, description):
    form = forms.PartForm(fields, stored, description)
    return form, form.html


@pytest.mark.parametrize("place", PARTS, ids=lambda place: f"{place[0]}-{place[1]}{'-each' * place[2]}")
def test_what_is_accepted_is_stored_shown_and_sent_back(policy, place):
    description, fields = form_of(*place)
    if not fields:
        return  # this track has no such form

    @settings(SETTINGS, max_examples=EXAMPLES if place[0] in UNLIKE else FEW)
    @given(st.data())
    def trip(data):
        few = data.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique_by=lambda one: one.key))
        pairs = [pair for one in few for pair in typed(one, description, data.draw)]
        multiple = ",".join(one.key for one in few if one.kind == Kind.MULTICHOICE)
        stored = accept(fields, QueryDict(urlencode([*pairs, ("multiple", multiple)])))
        check(description, fields, stored)

    trip()


def check(description, fields, stored):
    by_key = {one.key: one for one in fields}
    # Stored once, read back the same: from the row's JSON, and cleaned again.
    assert json.loads(json.dumps(stored)) == stored
    assert {key: content.clean(by_key[key], value) for key, value in stored.items()} == stored
    # Sent back by a page nobody touched: nothing has changed, nothing is lost.
    form, html = drawn(fields, stored, description)
    back = sent_back(html).copy()
    back["base"], back["multiple"] = form.base, form.multiple
    again = accept(fields, back)
    for key, value in stored.items():
        assert again.get(key) == value or (is_blank(again.get(key)) and is_blank(value)), key
    assert forms.dirty(by_key, back) == {}
    assert "<script>alert" not in html
    _walk(description, fields, stored)


def _walk(description, fields, stored):
    """The one walk behind check page, PDF and JSON says each value as people read it; no rule breaks on it."""
    per_instance = fields[0].per_instance
    part = dict(stored)
    if per_instance:
        section = description.instance_section
        holder = next(one.key for one in section.fields if one.kind == Kind.INSTANCES)
        part = {holder: [{"uid": "u1", "segment_name": "", "area": "", **stored}]}
    payload = {"schema": content.SCHEMA, "track": {"code": description.track}, "sections": {fields[0].section: part}}
    assert json.loads(content.canonical(payload)) == payload
    said = {row.key.rpartition(".")[2]: row for row in content.rows(payload, description)}
    for one in fields:
        value = stored.get(one.key)
        if one.key in stored and not is_blank(value) and one.kind in (Kind.TEXT, Kind.TEXTAREA):
            assert said[one.key].text == value
        elif one.key in stored and not is_blank(value) and one.kind not in (Kind.INDICATORS, *NUMBERS):
            assert said[one.key].text
    checks.quick(payload, description)


DATES = {Kind.DATE: "2023-06-30", Kind.MONTH: "2023-06"}
# A cell that says so is taken for a formula's error, and asked about.
WORDS = TEXT.filter(lambda one: not ERRORS.search(one))


def exported(column, draw):
    """A value that an import takes: numbers and dates that can be, any words, any of the options or none."""
    if column.options:
        return draw(st.sampled_from(["", *(one.value for one in column.options)]))
    if column.kind == Kind.BOOL:
        return draw(st.sampled_from(["yes", "no", ""]))
    if column.kind in (Kind.TEXT, Kind.TEXTAREA):
        return draw(WORDS)
    years = column.params.get("years") or [column.params.get("min", "1")]
    return draw(st.sampled_from(["", str(years[0]) if column.kind in NUMBERS else DATES.get(column.kind, "")]))


@pytest.mark.parametrize("track", TRACKS)
def test_tables_go_out_to_excel_and_come_back(policy, track):
    declaration = make_declaration(track=track, filled=False)
    description = content.describe(declaration.track)
    tables = [one for one in description.fields() if one.kind == Kind.TABLE]
    if not tables:
        assert not description.has_lists, "what has no table has no worksheet, and is offered none"
        return

    @settings(SETTINGS, max_examples=max(8, EXAMPLES // 8) if track in UNLIKE else max(2, FEW // 8))
    @given(st.data())
    def trip(data):
        field = data.draw(st.sampled_from(tables))
        rows = [
            {column.key: exported(column, data.draw) for column in field.columns}
            for _ in range(data.draw(st.integers(0, 3)))
        ]
        stored = content.clean(field, rows)
        SectionContent.objects.filter(declaration=declaration, key=field.section).write(data={field.key: stored})
        reading = workbook.read(workbook.template(declaration), description, set())
        assert [one.message for one in reading.errors] == []
        assert content.clean(field, reading.values[field.section][field.key]) == stored

    trip()
