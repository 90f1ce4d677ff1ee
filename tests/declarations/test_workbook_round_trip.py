"""What a worksheet hands out is what an import takes from it again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations import content, workbook
from declarations.models import Track
from declarations.vocabulary import NUMBERS, Kind
from declarations.workbook.plans import plans
from declarations.workbook.reading import ERRORS
from tests.support.answering import AWKWARD, EXAMPLES, SETTINGS, TEXT, around, shared, told

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


def test_each_awkward_text_comes_back_from_every_cell_of_words(policy):
    """Three rows at a time, which every table takes."""
    description = content.describe(Track.objects.get(code="2024-excellence"))
    sheets = {one.name: one for one in plans(description) if one.kind != Kind.INDICATORS}
    for texts in batched([one for one in AWKWARD if not ERRORS.search(one)], 3):
        stored = {
            name: kept(plan, description, [_everywhere(plan, one) for one in texts]) for name, plan in sheets.items()
        }
        come_back(description, sheets, stored)


def batched(values, size):
    return [values[place : place + size] for place in range(0, len(values), size)]


def _everywhere(plan, text):
    """A row with `text` wherever words are asked for."""
    blank = {one.key: [] if one.kind == Kind.MULTICHOICE else "" for one in plan.columns if one.key not in plan.fixed}
    words = (Kind.TEXT, Kind.TEXTAREA)
    return blank | {one.key: text for one in plan.columns if one.key in blank and one.kind in words and not one.options}


def come_back(description, sheets, stored):
    """`stored` by worksheet is what an import of the exported workbook makes of it again; other sheets stay blank."""
    sections = {}
    for name, value in stored.items():
        sections.setdefault(sheets[name].section, {})[sheets[name].field.key] = value
    uids = {one["uid"] for name, rows in stored.items() if sheets[name].kind == Kind.INSTANCES for one in rows}
    reading = workbook.read(workbook.filled(sections, description), description, uids)
    assert [one.message for one in reading.errors] == []
    assert reading.sheets == len(list(plans(description)))
    for name, plan in sheets.items():
        if plan.kind == Kind.INSTANCES:
            again = [{**kept(plan, description, [row])[0], "uid": uid} for uid, row in reading.instances]
        else:
            again = content.clean(plan.field, reading.values[plan.section][plan.field.key])
        assert again == stored.get(name, type(again)()), name
