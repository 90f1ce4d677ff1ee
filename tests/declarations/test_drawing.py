"""Questions are filled into stencils; what comes out is what crispy-forms itself would draw."""

import re

import pytest
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django.template.loader import render_to_string

from declarations import content
from declarations.drawing import Asked
from declarations.forms import OneQuestion, PartForm
from declarations.models import Track
from declarations.vocabulary import Kind
from smartfactory.problems import Problem
from smartfactory.stencils import Stencil, hole

AWKWARD = "<b>&\"'\ue000answer\ue001{{ x }}{% y %}\u4e00"
BOUNDED = (Kind.BOOL, Kind.CHOICE, Kind.SEGMENT, Kind.SCENARIO, Kind.MULTICHOICE)
TRACKS = ("2022-scenario", "2024-excellence", "2025-pioneer")
GRIDS = (Kind.TABLE, Kind.INDICATORS, Kind.FILES, Kind.INSTANCES)


class QuickForm(PartForm):
    """Without the headings between the questions, for comparing question by question."""

    def layout(self):
        return Layout(*(one for one in super().layout().fields if isinstance(one, Asked)))


def drawn(form):
    return re.sub(r"\s+", " ", render_crispy_form(form))


def answers(field, description):
    """Values of every shape a stored answer can take."""
    if field.kind == Kind.MULTICHOICE:
        return [None, [], [field.options[0].value], [one.value for one in field.options]]
    if field.kind in BOUNDED:
        known = {
            Kind.BOOL: [True, False],
            Kind.SEGMENT: list(description.segments)[:2],
            Kind.SCENARIO: [names[0] for names in description.scenarios.values()][:2],
        }.get(field.kind, [one.value for one in field.options])
        return [None, *known[:3], *known[-1:]]
    if field.kind in GRIDS:
        return [None]
    return [None, "", "2024-06-30", "2024-06", 7, AWKWARD]


@pytest.mark.parametrize("problems", [0, 1, 2], ids=["sound", "one-error", "two-errors"])
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
def test_every_question_of_every_form_is_what_crispy_draws(policy, problems, is_open):
    seen = 0
    for track in Track.objects.filter(code__in=TRACKS):
        description = content.describe(track)
        for section in description.sections:
            for fields in (section.fields, section.instance_fields):
                seen += compare(description, [one for one in fields if one.kind not in GRIDS], problems, is_open)
    assert seen > 200


def compare(description, fields, count, is_open):
    places = [answers(field, description) for field in fields]
    for turn in range(max((len(one) for one in places), default=0)):
        values = {field.key: some[turn % len(some)] for field, some in zip(fields, places, strict=True)}
        arguments = {
            "problems": [Problem(f"{n}：{AWKWARD}", field=one.key) for one in fields for n in range(count)],
            "is_open": {one.key: is_open for one in fields},
        }
        quick, slow = (kind(fields, values, description, **arguments) for kind in (QuickForm, OneQuestion))
        assert drawn(quick) == drawn(slow)
    return sum(map(len, places))


def test_a_returned_question_carries_the_officials_words(policy):
    description = content.describe(Track.objects.get(code="2024-excellence"))
    fields = description.section("factory").fields
    item = type("Item", (), {"number": 1, "message": AWKWARD, "clause": "二（五）"})()
    form = PartForm(fields, {}, description, returns={"summary": [item]}, is_open={one.key: False for one in fields})
    html = drawn(form)
    assert html.count("退回意见 1") == 1
    assert "<b>" not in html


def table(description):
    return next(one for one in description.fields() if one.kind == Kind.TABLE and len(one.columns) > 3)


def test_cells_hold_what_was_typed_and_nothing_else(policy):
    description = content.describe(Track.objects.get(code="2024-excellence"))
    field = table(description)
    rows = [{column.key: AWKWARD for column in field.columns}, {column.key: 7 for column in field.columns}]
    html = drawn(PartForm([field], {field.key: rows}, description))
    escaped = render_to_string("declarations/parts/hidden.html", {"row": {"version": AWKWARD}})
    text = re.search(r'name="version" value="(.*?)" data', escaped)[1]
    typed = [one for one in field.columns if not one.options]
    assert html.count(f'value="{text}"') == len(typed)
    for place in (0, 1):
        for column in field.columns:
            assert f'name="{field.key}-{place}-{column.key}"' in html
    assert "第 2 行" in html


def test_a_chosen_cell_is_the_selected_one(policy):
    description = content.describe(Track.objects.get(code="2024-excellence"))
    field, column = next(
        (one, column)
        for one in description.fields()
        if one.kind == Kind.TABLE
        for column in one.columns
        if column.options
    )
    for option in column.options:
        html = drawn(PartForm([field], {field.key: [{column.key: option.value}]}, description))
        assert re.findall(r'value="([^"]*)" selected', html) == [option.value]


def test_indicators_hold_their_values(policy):
    description = content.describe(Track.objects.get(code="2024-excellence"))
    field = next(one for one in description.fields() if one.kind == Kind.INDICATORS)
    change = next(one for one in description.indicators if one.kind == "change")
    value = {change.number: {"before": "96", "after": AWKWARD, "value": "12.5", "na": True, "note": "口径"}}
    html = drawn(PartForm([field], {field.key: value}, description))
    prefix = f"{field.key}-{change.number}"
    assert f'name="{prefix}-before" value="96"' in html
    assert f'<output class="num" data-change>12.5{change.unit}</output>' in html
    assert re.search(rf'name="{prefix}-na"[^>]* checked', html)
    assert html.count(" checked") == 1
    assert "<b>&" not in html


def test_a_stencil_fills_each_hole_and_escapes():
    stencil = Stencil(f"<p>{hole('one')}</p>{hole('two')}{hole('one')}")
    assert stencil.fill({"one": "<", "two": hole("one")}) == f"<p>&lt;</p>{hole('one')}&lt;"
