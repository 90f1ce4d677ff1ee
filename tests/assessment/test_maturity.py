"""GB/T 39117 scoring: worked examples to the last digit, edges, cutting, and what must hold for any scores."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment import maturity, maturity_loader, maturity_scores

DATA = Path(__file__).parent / "data"
EXAMPLES = ["maturity-process", "maturity-discrete", "maturity-discrete-cut"]
STANDARD = maturity_loader.from_files()
HALF = Fraction(1, 2)


def example(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)


def scored(name):
    given_ = example(name)
    return given_, maturity.score(STANDARD, maturity_scores.parse(given_["scores"], STANDARD))


def six(value):
    """Six digits as the paper prints them; a tie such as 0.5113475 goes the way its nearest binary number lies."""
    return f"{float(value):.6f}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_node_of_the_worked_example_to_six_digits(name):
    expected, outcome = scored(name)
    for code, by_level in expected["nodes"].items():
        for level, value in by_level.items():
            found = outcome.nodes.get((code, int(level)))
            assert (found is None and value is None) or six(found) == value, (code, level)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_level_is_the_exact_fraction(name):
    expected, outcome = scored(name)
    assert {
        str(level): str(value) for level, value in outcome.levels.items() if str(level) in expected["fractions"]
    } == expected["fractions"]
    assert {level: six(outcome.levels[int(level)]) for level in expected["levels"]} == expected["levels"]
    assert outcome.levels[1] == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_total_and_level_with_and_without_the_stop_rule(name):
    expected, outcome = scored(name)
    free = maturity.total(STANDARD, outcome.levels, stop=False)
    assert (outcome.total, outcome.band.level) == (Fraction(expected["total"]), expected["level"])
    assert (six(free), STANDARD.band(free).level) == (
        str(expected["without_stop_rule"]["total"]),
        expected["without_stop_rule"]["level"],
    )


@pytest.mark.parametrize(
    ("values", "stop", "total", "level"),
    [
        (["1", "0.92", "0.55"], True, "2.55", 2),
        (["1", "0.80", "0.7999"], True, "2.7999", 2),
        (["1", "0.7999999999999999999999999"], True, "1.7999999999999999999999999", 1),
        (["0.7", "1", "1", "1", "1"], True, "0.7", 0),
        (["0.7", "1", "1", "1", "1"], False, "4.7", 4),
        (["1", "1", "0.7", "0.4", "0"], True, "2.7", 2),
        (["1", "1", "0.7", "0.4", "0"], False, "3.1", 3),
        (["1"] * 5, True, "5", 5),
        (["0"] * 5, True, "0", 0),
        (["1", "1", "0.8", "0.8", "0.8"], True, "5", 5),
    ],
)
def test_totals_at_the_edges(values, stop, total, level):
    levels = {number: Fraction(value) for number, value in enumerate(values, 1)}
    found = maturity.total(STANDARD, levels, stop=stop)
    assert (found, STANDARD.band(found).level) == (Fraction(total), level)


@pytest.mark.parametrize("band", STANDARD.bands[1:], ids=lambda one: one.name)
def test_a_band_begins_exactly_at_its_lower_end(band):
    hair = Fraction(1, 10**30)
    assert STANDARD.band(band.lower).level == band.level
    assert STANDARD.band(band.lower - hair).level == band.level - 1


def test_a_level_nobody_scored_ends_the_count():
    assert maturity.total(STANDARD, {1: Fraction(1), 3: Fraction(1)}, stop=True) == 1
    assert maturity.total(STANDARD, {1: Fraction(1), 3: Fraction(1)}, stop=False) == 2


def test_an_empty_cell_takes_no_part_and_is_not_a_zero():
    data = {"type": "process", "scores": {"P1": {"1": []}, "P2": {"1": [1]}, "T1": {"1": [1]}}}
    outcome = maturity.score(STANDARD, maturity_scores.parse(data, STANDARD))
    assert outcome.levels == {1: 1}
    assert ("P1", 1) not in outcome.nodes
    assert outcome.nodes["people", 1] == 1
    assert "P1/1" in outcome.missing


def test_cells_without_requirements_are_not_called_missing():
    _, outcome = scored("maturity-discrete")
    assert outcome.missing == ()


def test_cutting_spreads_the_weight_over_siblings():
    weights = maturity.effective_weights(STANDARD, "discrete", ["M10", "M13"])
    shares = {code: after for code, (_, after) in weights.items()}
    assert [shares[code] for code in ("design", "production", "sales", "service", "M12")] == [
        Fraction(1300, 87),
        Fraction(4800, 87),
        Fraction(1300, 87),
        Fraction(1300, 87),
        100,
    ]
    assert "logistics" not in shares
    assert weights["production"][0] == 48


def test_the_json_tells_which_weights_cutting_changed():
    assert scored("maturity-discrete")[1].as_json()["weights_after_cut"] == {}
    changed = scored("maturity-discrete-cut")[1].as_json()["weights_after_cut"]
    assert changed["design"] == {"printed": "13", "used": "1300/87"}
    assert changed["M12"] == {"printed": "50", "used": "100"}


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "cut", "scores", "process", "P1", "1", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_whatever_is_sent_is_read_or_refused_in_words(data):
    if isinstance(data, dict):
        data = {"type": "process", **data}
    problems = ["read"]
    try:
        maturity.score(STANDARD, maturity_scores.parse(data, STANDARD)).as_json()
    except maturity.ScoresError as error:
        problems = error.problems
    assert problems
    assert all(problems)


def test_scores_of_a_cut_node_are_left_out():
    full, cut = example("maturity-discrete"), example("maturity-discrete-cut")
    assert full["scores"]["scores"] == cut["scores"]["scores"]
    assert scored("maturity-discrete-cut")[1].nodes.get(("M10", 2)) is None


@pytest.mark.parametrize("code", ["P1", "P2", "T1", "T2", "T3", "R1", "R2", "M3", "M4", "M5", "M6", "M7", "M8", "M9"])
def test_what_may_not_be_cut_is_refused_by_name(code):
    with pytest.raises(maturity.ScoresError, match=f"{code} .*不可裁剪"):
        maturity_scores.parse({"type": "discrete", "cut": [code], "scores": {"P1": {"1": [1]}}}, STANDARD)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "JSON 对象"),
        ({"scores": {"P1": {"1": [1]}}}, "“type”应是 process 或 discrete"),
        ({"type": "batch", "scores": {"P1": {"1": [1]}}}, "现在是“batch”"),
        ({"type": ["process"], "scores": {"P1": {"1": [1]}}}, "“type”应是"),
        ({"type": "process"}, "“scores”应是"),
        ({"type": "process", "scores": {}}, "不能为空"),
        ({"type": "process", "scores": {"P9": {"1": [1]}}}, "“P9”不是流程型要评的子域"),
        ({"type": "process", "scores": {"M1": {"1": [1]}}}, "“M1”不是流程型要评的子域"),
        ({"type": "process", "scores": {"P1": {"6": [1]}}}, "没有“6”级"),
        ({"type": "process", "scores": {"P1": {"1": [0.7]}}}, "“0.7”不在评分档里"),
        ({"type": "process", "scores": {"P1": {"1": [True]}}}, "“True”不在评分档里"),
        ({"type": "process", "scores": {"P1": {"1": ["1"]}}}, "“1”不在评分档里"),
        ({"type": "process", "scores": {"P1": {"1": 1}}}, "应是评分的列表"),
        ({"type": "process", "scores": {"P1": [1]}}, "应是级别到评分的对照"),
        ({"type": "process", "cut": ["X1"], "scores": {"P1": {"1": [1]}}}, "没有子域“X1”"),
        ({"type": "process", "cut": [[]], "scores": {"P1": {"1": [1]}}}, "没有子域"),
        ({"type": "process", "cut": ["M13"], "scores": {"P1": {"1": [1]}}}, "流程型不评“M13 产品服务”"),
        ({"type": "process", "cut": "M10", "scores": {"P1": {"1": [1]}}}, "“cut”应是"),
        ({"type": "process", "weights": {}, "scores": {"P1": {"1": [1]}}}, "不认识的键“weights”"),
        ({"type": "process", "scores": {"P1": {"1": [float("inf")]}}}, "不在评分档里"),
    ],
)
def test_scores_that_cannot_be_read_are_refused_by_name(data, words):
    with pytest.raises(maturity.ScoresError, match=words):
        maturity_scores.parse(data, STANDARD)


@st.composite
def any_scores(draw):
    kind = draw(st.sampled_from(sorted(STANDARD.types)))
    codes = [code for code, leaf in STANDARD.leaves.items() if kind in leaf.weights]
    may_cut = [code for code in codes if STANDARD.leaves[code].may_cut]
    marks = st.lists(st.sampled_from(STANDARD.scale), max_size=4).map(tuple)
    cells = draw(
        st.dictionaries(st.tuples(st.sampled_from(codes), st.sampled_from(STANDARD.levels)), marks, max_size=60)
    )
    return maturity.Scores(kind, cells, frozenset(draw(st.lists(st.sampled_from(may_cut), unique=True))))


@settings(max_examples=120, deadline=None)
@given(any_scores())
def test_with_the_stop_rule_the_level_is_the_run_of_satisfied_levels(scores):
    outcome = maturity.score(STANDARD, scores)
    run = 0
    while STANDARD.satisfied(outcome.levels.get(run + 1)):
        run += 1
    assert outcome.band.level == run
    assert outcome.total == 5 or outcome.total - run < STANDARD.satisfied_at
    assert all(0 <= value <= 1 for value in outcome.nodes.values())


@settings(max_examples=80, deadline=None)
@given(any_scores(), st.data())
def test_a_better_mark_never_lowers_anything(scores, data):
    filled = sorted(cell for cell, marks in scores.cells.items() if marks)
    if not filled:
        return
    cell = data.draw(st.sampled_from(filled))
    better = {**scores.cells, cell: (Fraction(1), *scores.cells[cell][1:])}
    before = maturity.score(STANDARD, scores)
    after = maturity.score(STANDARD, maturity.Scores(scores.kind, better, scores.cut))
    assert all(after.nodes[key] >= value for key, value in before.nodes.items())
    assert after.total >= before.total


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_json_reads_back_as_the_same_numbers(name):
    expected, outcome = scored(name)
    answer = json.loads(json.dumps(outcome.as_json()))
    assert answer["fractions"]["total"] == str(Fraction(expected["total"]))
    assert {
        level: str(Decimal(text).quantize(Decimal("0.000001")))
        for level, text in answer["levels"].items()
        if level in expected["levels"]
    } == expected["levels"]
    assert answer["standing"] == "unverified"
    assert answer["satisfied"]["1"] is True
