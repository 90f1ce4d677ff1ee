"""What a form accepts is what is stored, shown, sent back by an untouched page, exported, and imported again.

FORM_EXAMPLES sets how many examples each form gets. Tracks that share a form share its examples: FORMS and BOOKS say
which do, and are held to what the editions say.
"""

import json
import os
from functools import partial
from itertools import chain
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations import checks, content, forms, workbook
from declarations.content.values import is_blank
from declarations.models import Track
from declarations.vocabulary import NUMBERS, Kind
from declarations.workbook.plans import plans
from declarations.workbook.reading import ERRORS
from tests.support.pages import pieced, sent_back, whole

EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "60"))
# A part of a form ("-each": what it asks about every instance) and the tracks that have it alike, examples under the first.
FORMS = (
    (
        "applicant scenarios scenarios-each outcomes",
        "2022-scenario 2022-factory 2022-guangdong-scenario 2022-guangdong-factory",
    ),
    ("factory", "2022-scenario 2022-guangdong-scenario"),
    ("factory", "2022-factory 2022-guangdong-factory"),
    (
        "applicant factory scenarios scenarios-each outcomes",
        "2024-excellence 2024-hebei-excellence 2024-liaoning-excellence",
    ),
    ("applicant", "2025-excellence 2025-pioneer 2025-advanced 2025-basic 2025-changsha-advanced 2025-wuhu-basic"),
    ("applicant", "2025-heilongjiang-advanced"),
    ("applicant", "2025-jiangsu-advanced"),
    ("applicant", "2025-wuhu-titled 2025-wuhu-review"),
    ("applicant factory", "2025-zhejiang-future"),
    ("factory scenarios scenarios-each", "2025-excellence"),
    ("factory outcomes", "2025-pioneer"),
    ("factory", "2025-advanced 2025-basic 2025-heilongjiang-advanced 2025-wuhu-basic"),
    ("factory", "2025-changsha-advanced"),
    ("factory", "2025-jiangsu-advanced"),
    ("factory", "2025-wuhu-titled"),
    ("factory", "2025-wuhu-review"),
    (
        "scenarios scenarios-each",
        "2025-pioneer 2025-advanced 2025-basic 2025-changsha-advanced 2025-heilongjiang-advanced"
        " 2025-jiangsu-advanced 2025-wuhu-basic",
    ),
    (
        "outcomes",
        "2025-excellence 2025-advanced 2025-basic 2025-changsha-advanced 2025-heilongjiang-advanced"
        " 2025-jiangsu-advanced 2025-wuhu-basic",
    ),
)
PLACES = sorted((tracks.split()[0], part) for parts, tracks in FORMS for part in parts.split())
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
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 1000, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


def form_of(track, part):
    """The fields of one form of this track; none where it asks nothing there."""
    description = content.describe(Track.objects.get(code=track))
    section = description.by_key.get(part.removesuffix("-each"))
    fields = (section.instance_fields if part.endswith("-each") else section.fields) if section else ()
    return description, [one for one in fields if one.stored and not one.fixed]


def around(description):
    """What of a form the answers of every part are read, drawn and checked with."""
    return (
        description.indicators,
        sorted(description.segments.items()),
        sorted(description.scenarios.items()),
        description.custom_scenarios,
    )


def shared(identities):
    """The tracks of each identity, in the order of the editions; `identities` are (track, name, identity)."""
    found = {}
    for track, name, identity in identities:
        found.setdefault((name, repr(identity)), []).append(track)
    return sorted((name, sorted(tracks)) for (name, _), tracks in found.items())


def told(table):
    return sorted((part, sorted(tracks.split())) for parts, tracks in table for part in parts.split())


def test_tracks_share_the_forms_that_are_the_same_in_everything(policy):
    """Whole sections are compared, with what is shown or fixed in them, and all that stands around the answers."""
    found = []
    for track in Track.objects.all():
        description = content.describe(track)
        for section in description.sections:
            for part in (section.key, f"{section.key}-each"):
                if form_of(track.code, part)[1]:
                    found.append((track.code, part, (section, around(description))))
    assert shared(found) == told(FORMS)


def answers(fields, description):
    """What a person might send: (name, text) pairs for one to three of the fields."""
    each = {one.key: typed(one, description) for one in fields}
    ticked = {one.key for one in fields if one.kind == Kind.MULTICHOICE}

    def sending(keys):
        multiple = ("multiple", ",".join(one for one in keys if one in ticked))
        return st.tuples(*(each[one] for one in keys)).map(lambda found: [*chain(*found), multiple])

    return st.lists(st.sampled_from(sorted(each)), min_size=1, max_size=3, unique=True).flatmap(sending)


def typed(field, description):
    """(name, text) pairs as a person might send them for one field."""
    if field.kind == Kind.TABLE:
        return st.lists(st.tuples(*map(_cell, field.columns)), max_size=3).map(partial(_rows, field))
    if field.kind == Kind.INDICATORS:
        asked = [_indicator(field.key, one) for one in description.indicators if not one.computed]
        return st.lists(st.one_of(asked), min_size=1, max_size=2).map(
            lambda found: [(f"{field.key}-shown", "1"), *chain(*found)]
        )
    if field.kind == Kind.MULTICHOICE:
        values = [one.value for one in field.options]
        return st.lists(st.sampled_from(values), unique=True).map(lambda found: [(field.key, one) for one in found])
    return _choices(field, description).map(lambda text: [(field.key, text)])


def _rows(field, rows):
    cells = [
        (f"{field.key}-{place}-{column.key}", text)
        for place, row in enumerate(rows)
        for column, text in zip(field.columns, row, strict=True)
    ]
    return [(f"{field.key}-rows", str(len(rows))), *cells]


def _cell(column):
    return st.sampled_from(["", *(one.value for one in column.options)]) if column.options else TEXT


def _indicator(key, one):
    asked = ["before", "after"] if one.kind == "change" else ["value"]
    written = st.dictionaries(st.sampled_from([*asked, "note"]), TEXT)
    return st.tuples(written, st.sampled_from([{}, {"na": "1"}])).map(
        lambda found: [(f"{key}-{one.number}-{name}", text) for name, text in (found[0] | found[1]).items()]
    )


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


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_what_is_accepted_is_stored_shown_and_sent_back(policy, place):
    description, fields = form_of(*place)

    @SETTINGS
    @given(answers(fields, description))
    def trip(sent):
        check(description, fields, accept(fields, QueryDict(urlencode(sent))))

    trip()


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_a_page_read_in_pieces_says_what_it_says_as_a_whole(policy, place):
    """Or examples would be cheap because less is looked at."""
    description, fields = form_of(*place)
    for text in ('<div class="x"><td>', "</textarea><div>", '"><select name="x"><div>', "甲&amp;\n乙"):
        stored = {one.key: text for one in fields if one.kind in (Kind.TEXT, Kind.TEXTAREA)}
        html = drawn(fields, stored, description)[1]
        assert pieced(html) == whole(html) != []


@pytest.mark.parametrize(
    "html",
    [
        '<div><textarea name="a">甲<div>乙</textarea></div>',
        '<div><input name="a" value="<div>"></div>',
        '<select name="a"><div><option value="1"></div></select>',
        '<div><!-- <div><input name="b"> --><input name="a"></div>',
        '<script>"<div><input name=b>"</script><input name="a">',
    ],
)
def test_a_page_cut_where_a_control_is_open_is_read_as_a_whole(html):
    assert [name for name, _ in whole(html)] == ["a"]
    assert pieced(html) == whole(html)


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
    said = {row.key: row for row in content.rows(payload, description)}
    for one in fields:
        row = said[f"{one.section}.u1.{one.key}" if per_instance else one.anchor]
        assert row.blank == is_blank(stored.get(one.key)), one.key
        if not row.blank:
            _says(row, one, stored[one.key])
    checks.quick(payload, description)


def _says(row, field, value):
    """Words as they were typed, each row of a table, each indicator on its line."""
    if field.kind in (Kind.TEXT, Kind.TEXTAREA):
        assert row.text == value
    elif field.kind == Kind.TABLE:
        assert len(row.table.rows) == len(value)
        for line, cells in zip(row.table.rows, value, strict=True):
            for words, column in zip(line, field.columns, strict=True):
                assert (words == "") == is_blank(cells[column.key])
                assert words == cells[column.key] or column.kind not in (Kind.TEXT, Kind.TEXTAREA)
    elif field.kind == Kind.INDICATORS:
        lines = {line[0]: line[3:] for line in row.table.rows}
        for number, kept in value.items():
            texts = ("", "", "不适用") if kept["na"] else (kept["before"], kept["after"], kept["value"])
            assert lines[number] == (*texts, kept["note"])


# Worksheets and the tracks that have them alike.
BOOKS = (
    ("sheets", "2022-scenario 2022-factory 2022-guangdong-scenario 2022-guangdong-factory"),
    ("sheets", "2024-excellence 2024-hebei-excellence 2024-liaoning-excellence"),
    (
        "sheets",
        "2025-excellence 2025-pioneer 2025-advanced 2025-basic 2025-changsha-advanced 2025-heilongjiang-advanced"
        " 2025-jiangsu-advanced 2025-wuhu-basic",
    ),
)
READABLE = {
    Kind.DATE: ["2023-06-30"],
    Kind.MONTH: ["2023-06"],
    Kind.PHONE: ["13800138000"],
    Kind.EMAIL: ["jia@example.cn"],
}
# A cell that says so is taken for a formula's error, and asked about.
WORDS = TEXT.filter(lambda one: not ERRORS.search(one))


def test_tracks_share_the_worksheets_that_are_the_same_in_everything(policy):
    found = []
    for track in Track.objects.all():
        description = content.describe(track)
        sheets = list(plans(description))
        assert bool(sheets) == description.has_lists, "what has no worksheet is offered none"
        if sheets:
            found.append((track.code, "sheets", (sheets, around(description))))
    assert shared(found) == told(BOOKS)


def answered(plan, description):
    """What may be kept of one worksheet's field, made of cells that an import takes."""
    if plan.kind == Kind.INDICATORS:
        asked = [one for one in description.indicators if not one.computed]
        values = st.dictionaries(st.sampled_from([one.number for one in asked]), st.none(), max_size=2)
        kinds = {one.number: ("before", "after") if one.kind == "change" else ("value",) for one in asked}
        return values.flatmap(lambda found: st.fixed_dictionaries({one: _measured(kinds[one]) for one in found}))
    columns = [one for one in plan.columns if one.key not in plan.fixed]
    return st.lists(st.fixed_dictionaries({one.key: exported(one) for one in columns}), max_size=3)


def _measured(keys):
    numbers = st.sampled_from(["", "0", "-3.25", "1200", "0.5"])
    more = {"na": st.sampled_from(["", "yes"]), "note": WORDS}
    return st.fixed_dictionaries({**dict.fromkeys(keys, numbers), **more})


def exported(column):
    """A value that an import takes: numbers and dates that can be, any words, any of the options or none."""
    values = [one.value for one in column.options]
    if column.kind == Kind.MULTICHOICE:
        return st.lists(st.sampled_from(values), unique=True)
    if values:
        return st.sampled_from(["", *values])
    if column.kind in (Kind.TEXT, Kind.TEXTAREA, Kind.SCENARIO):
        return WORDS
    if column.kind in NUMBERS:
        return st.sampled_from(["", str((column.params.get("years") or [column.params.get("min", "1")])[0])])
    return st.sampled_from(["", *READABLE.get(column.kind, [])])


def kept(plan, description, raw):
    """What the part holds once `raw` was typed into the worksheet's field."""
    if plan.kind != Kind.INSTANCES:
        return content.clean(plan.field, raw)
    asked = description.instance_section.instance_by_key
    rows = [{key: content.clean(asked[key], value) for key, value in row.items()} for row in raw]
    return [{"uid": f"u{place}", **row} for place, row in enumerate(rows)]


@pytest.mark.parametrize("track", [tracks.split()[0] for _, tracks in BOOKS])
def test_worksheets_go_out_to_excel_and_come_back(policy, track):
    description = content.describe(Track.objects.get(code=track))
    sheets = {one.name: one for one in plans(description)}
    each = {name: answered(plan, description) for name, plan in sheets.items()}
    few = st.lists(st.sampled_from(sorted(each)), min_size=1, max_size=3, unique=True)

    @settings(SETTINGS, max_examples=max(8, EXAMPLES // 8))
    @given(few.flatmap(lambda names: st.fixed_dictionaries({one: each[one] for one in names})))
    def trip(typed):
        stored = {name: kept(sheets[name], description, raw) for name, raw in typed.items()}
        come_back(description, sheets, stored)

    trip()


def come_back(description, sheets, stored):
    """`stored` by worksheet is what an import of the exported workbook makes of it again; other sheets stay blank."""
    sections = {}
    for name, value in stored.items():
        sections.setdefault(sheets[name].section, {})[sheets[name].field.key] = value
    uids = {one["uid"] for name, rows in stored.items() if sheets[name].kind == Kind.INSTANCES for one in rows}
    reading = workbook.read(workbook.filled(sections, description), description, uids)
    assert [one.message for one in reading.errors] == []
    assert reading.sheets == len(sheets)
    for name, plan in sheets.items():
        if plan.kind == Kind.INSTANCES:
            again = [{**kept(plan, description, [row])[0], "uid": uid} for uid, row in reading.instances]
        else:
            again = content.clean(plan.field, reading.values[plan.section][plan.field.key])
        assert again == stored.get(name, type(again)()), name
