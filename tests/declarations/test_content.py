"""Values, payload, the walk and the comparison."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from declarations import content
from declarations.content.comparison import compare
from declarations.content.description import Column, Field, Option
from declarations.content.values import change
from declarations.vocabulary import Kind
from smartfactory.canonical import canonical_json

OPTIONS = (Option("a", "甲"), Option("b", "乙"))
KINDS = [kind for kind in Kind.values if kind not in (Kind.FILES, Kind.INSTANCES, Kind.TABLE, Kind.INDICATORS)]
TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


def field(kind, **more):
    return Field("factory", "x", "某项", kind, options=OPTIONS, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "stored", "shown"),
    [
        (Kind.TEXT, "  多  个\n空格 ", "多 个 空格", "多 个 空格"),
        (Kind.TEXTAREA, "一\r\n二\x00\n", "一\n二", "一\n二"),
        (Kind.INT, "１２，３００", 12300, "12300"),
        (Kind.INT, "十二", "十二", "十二"),
        (Kind.MONEY, "12,600.50", "12600.5", "12,600.5"),
        (Kind.DECIMAL, "-0.0", "0", "0"),
        (Kind.DECIMAL, "1e9", "1e9", "1e9"),
        (Kind.DATE, "2024年6月3日", "2024-06-03", "2024年6月3日"),
        (Kind.DATE, "2024-02-30", "2024-02-30", "2024年2月30日"),
        (Kind.MONTH, "2024/6", "2024-06", "2024年6月"),
        (Kind.BOOL, "yes", True, "是"),
        (Kind.BOOL, "maybe", None, ""),
        (Kind.CREDIT_CODE, " 9199 0101ａ ", "91990101A", "91990101A"),
        (Kind.CHOICE, "a", "a", "甲"),
        (Kind.MULTICHOICE, ["b", "a", "z"], ["a", "b"], "甲；乙"),
    ],
)
def test_clean_and_show(kind, typed, stored, shown):
    assert content.clean(field(kind), typed) == stored
    assert content.shown(field(kind), stored) == shown


@pytest.mark.parametrize(
    ("kind", "unit", "typed", "stored"),
    [
        ("money", "万元", "21,100万元", "21100"), ("money", "万元", "21100 万元", "21100"), ("money", "万元", "2.11亿元", "2.11亿元"),
        ("money", "万元", "211000000元", "211000000元"), ("decimal", "%", "46.2％", "46.2"), ("int", "人", "1160人", 1160),
        ("int", "人", "十人", "十人"), ("decimal", "", "97%", "97%"), ("money", "万元", "万元", "万元"),
    ],
)  # fmt: skip
def test_the_unit_asked_for_may_be_written_behind_the_number(kind, unit, typed, stored):
    assert content.clean(field(kind, unit=unit), typed) == stored
    assert content.clean(field(kind, unit=unit), str(stored)) == stored


@example("credit_code", "C¸")
@given(st.sampled_from(KINDS), TEXT | st.lists(TEXT, max_size=3) | st.none() | st.booleans())
def test_cleaning_again_changes_nothing_and_has_a_canonical_form(kind, typed):
    stored = content.clean(field(kind), typed)
    again = content.clean(field(kind), content.token(stored) if not isinstance(stored, list) else stored)
    assert again == stored
    canonical_json({"value": stored})
    assert isinstance(content.shown(field(kind), stored), str)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "zzz"]), TEXT, max_size=3), max_size=5))
def test_tables_keep_only_their_columns_and_no_blank_rows(typed):
    table = field(Kind.TABLE, columns=(Column("a", "甲", Kind.TEXT), Column("b", "乙", Kind.INT)))
    stored = content.clean(table, typed)
    assert all(set(row) == {"a", "b"} and any(value != "" for value in row.values()) for row in stored)
    assert content.clean(table, stored) == stored
    canonical_json(stored)


@given(
    st.dictionaries(
        st.text(string.digits, max_size=4) | TEXT,
        st.dictionaries(st.sampled_from(["before", "after", "value", "note", "na"]), TEXT),
    )
)
def test_indicators_survive_anything(typed):
    stored = content.clean(field(Kind.INDICATORS), typed)
    canonical_json(stored)
    assert content.clean(field(Kind.INDICATORS), stored) == stored


@pytest.mark.parametrize("raw", ["text", 7, [["x"]], [None], {"1": "x"}, None])
def test_shapes_nobody_sends_by_hand(raw):
    table = field(Kind.TABLE, columns=(Column("a", "甲", Kind.TEXT),))
    assert content.clean(table, raw) == []
    assert content.clean(field(Kind.INDICATORS), raw) == {}


@pytest.mark.parametrize(
    ("before", "after", "decreasing", "expected"),
    [
        ("96", "60", True, "37.5"),
        ("50", "60", False, "20"),
        ("0", "5", False, None),
        ("-4", "2", False, "150"),
        ("3", "2", True, "33.33"),
    ],
)
def test_change_in_percent(before, after, decreasing, expected):
    from decimal import Decimal

    assert change(Decimal(before), Decimal(after), decreasing=decreasing) == expected


@given(st.text("甲乙丙，。\n", max_size=60), st.text("甲乙丙，。\n", max_size=60))
def test_comparison_spells_both_texts(old, new):
    pieces = list(compare(old, new))
    assert "".join(text for kind, text in pieces if kind != "ins") == old
    assert "".join(text for kind, text in pieces if kind != "del") == new


def test_equal_payloads_do_not_differ(payload, description):
    assert content.diff(payload, payload, description) == []


def test_diff_within_a_long_text(payload, description):
    changed = {
        **payload,
        "sections": {
            **payload["sections"],
            "factory": {
                **payload["sections"]["factory"],
                "effect": "换型时间由 96 分钟降到 15 分钟，产品不良率由 3.8% 降到 0.9%。",
            },
        },
    }
    (found,) = content.diff(payload, changed, description)
    assert (found.key, found.section, found.label) == ("factory.effect", "factory", "建设成效")
    assert [text for kind, text in found.old if kind == "del"] == ["7"]
    assert [text for kind, text in found.new if kind == "ins"] == ["5"]


def test_diff_of_instances_names_the_removed(payload, description):
    fewer = {
        **payload,
        "sections": {
            **payload["sections"],
            "scenarios": {
                **payload["sections"]["scenarios"],
                "instances": payload["sections"]["scenarios"]["instances"][1:],
            },
        },
    }
    gone = [one for one in content.diff(payload, fewer, description) if one.after is None]
    assert {one.label for one in gone} >= {"环节", "实例名称", "场景描述"}


def test_walk_masks_what_is_private(payload, description):
    open_rows = {row.key: row.text for row in content.rows(payload, description)}
    masked = {row.key: row.text for row in content.rows(payload, description, masked=True)}
    assert open_rows["applicant.contact_phone"] == "10000000107"
    assert masked["applicant.contact_phone"] == "100****0107"
    assert {key for key in open_rows if open_rows[key] != masked[key]} == {
        "applicant.contact_phone",
        "applicant.contact_email",
    }


def test_walk_finds_its_description_by_the_payload(payload, description):
    assert [row.key for row in content.rows(payload)] == [row.key for row in content.rows(payload, description)]


def test_lines_for_the_summary_sheet(payload):
    assert content.contact(payload) == ("周敏", "10000000107")
    assert content.project_title(payload) == "新能源汽车一体化压铸壳体柔性制造智能工厂"
    assert (
        content.instance_line(payload["sections"]["scenarios"]["instances"][2])
        == "生产作业—人机协同作业—柔性单元的生产作业协同"
    )


def test_facts_for_the_conditions(payload, description):
    found = content.facts(payload, description)
    assert (found.maturity_level, found.industry, found.is_branch, found.built_until) == (4, "C3670", False, "2024-06")
    assert found.prior_tiers == {"ADVANCED", "EXCELLENCE"}
    assert str(found.ai_share) == "3/5"
    assert found.flags["2024-COM-GEN-05"] is True


def test_progress_counts_answers_begun_as_open(payload, description):
    from declarations import checks

    del payload["sections"]["outcomes"]["indicators"]["7"]
    problems = checks.run(payload, description)
    parts = content.completeness(payload, description, checks.by_section(problems), checks.missing(problems))
    states = {one.section.key: (one.state, one.total - one.done) for one in parts}
    assert states == {
        "applicant": ("done", 0),
        "factory": ("done", 0),
        "scenarios": ("done", 0),
        "outcomes": ("doing", 1),
    }


def test_queries_do_not_grow_with_the_instances(draft, django_assert_num_queries):
    content.describe(draft.track)
    with django_assert_num_queries(3):
        content.payload(draft)
