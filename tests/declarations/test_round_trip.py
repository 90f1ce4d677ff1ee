"""What a form accepts is what is stored, shown, sent back by an untouched page, and exported.

FORM_EXAMPLES sets how many examples each form gets. Tracks that share a form share its examples: FORMS says which do,
and is held to what the editions say. test_workbook_round_trip.py has the worksheets.
"""

import json
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given, settings

from declarations import checks, content, forms, printing
from declarations.content.values import is_blank
from declarations.models import Track
from declarations.vocabulary import Kind
from tests.support.answering import EXAMPLES, SETTINGS, answers, around, shared, told
from tests.support.pages import pieced, sent_back, text_nodes, whole

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


def form_of(track, part):
    """The fields of one form of this track; none where it asks nothing there."""
    description = content.describe(Track.objects.get(code=track))
    section = description.by_key.get(part.removesuffix("-each"))
    fields = (section.instance_fields if part.endswith("-each") else section.fields) if section else ()
    return description, [one for one in fields if one.stored and not one.fixed]


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
    back = sent_back(html)
    back["base"], back["multiple"] = form.base, form.multiple
    again = accept(fields, back)
    for key, value in stored.items():
        assert again.get(key) == value or (is_blank(again.get(key)) and is_blank(value)), key
    assert forms.dirty(by_key, back) == {}
    assert "<script>alert" not in html
    _walk(description, fields, stored)


def payload_of(description, fields, stored):
    """A payload in which nothing else is answered."""
    part = dict(stored)
    if fields[0].per_instance:
        section = description.instance_section
        holder = next(one.key for one in section.fields if one.kind == Kind.INSTANCES)
        part = {holder: [{"uid": "u1", "segment_name": "", "area": "", **stored}]}
    return {"schema": content.SCHEMA, "track": {"code": description.track}, "sections": {fields[0].section: part}}


def _walk(description, fields, stored):
    """The one walk behind check page, PDF and JSON says each value as people read it; no rule breaks on it."""
    payload = payload_of(description, fields, stored)
    assert json.loads(content.canonical(payload)) == payload
    said = {row.key: row for row in content.rows(payload, description)}
    for one in fields:
        row = said[f"{one.section}.u1.{one.key}" if one.per_instance else one.anchor]
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


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_the_page_to_check_and_the_print_say_the_same(policy, place):
    """Two sets of templates draw the rows of the walk: neither may leave out, shorten or reorder what the other says."""
    description, fields = form_of(*place)

    _say_the_same(content.rows(payload_of(description, fields, {}), description))

    @settings(SETTINGS, max_examples=max(8, EXAMPLES // 8))
    @given(answers(fields, description))
    def trip(sent):
        stored = accept(fields, QueryDict(urlencode(sent)))
        rows = content.rows(payload_of(description, fields, stored), description)
        _say_the_same([row for row in rows if row.section == fields[0].section and row.field.key in stored])

    trip()


def _say_the_same(rows):
    page = [_nodes_on_the_page(row) for row in rows]
    paper = render_to_string("pdf/declaration_group.html", {"group": {"title": "", "blocks": printing.blocks(rows)}})
    assert [one[0] for one in page] == [row.label for row in rows]
    assert [text for one in page for text in one] == text_nodes(paper)


def _nodes_on_the_page(row):
    return text_nodes(render_to_string("declarations/parts/answer.html", {"row": row}), but="yan-swipe")
