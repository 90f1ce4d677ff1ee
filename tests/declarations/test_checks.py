"""One test for each rule: a complete declaration has no problem, and each rule finds exactly its own."""

import dataclasses
import datetime

import pytest

from declarations import checks, content
from tests.factories.declarations import make_declaration


@pytest.fixture
def found(payload, description):
    """Run all rules and return (level, field, message) triples."""

    def run(today=None):
        return [(one.level, one.field, one.message) for one in checks.run(payload, description, today=today)]

    return run


def only(found, field, level="error"):
    """The words of the one problem there is, which stands at `field`."""
    assert [one[:2] for one in found] == [(level, field)], found
    return found[0][2]


def test_complete_declaration_has_no_problem(found):
    assert found() == []


@pytest.mark.parametrize(
    ("section", "field", "value", "words"),
    [
        ("applicant", "main_products", "", "还没有填写主营业务"),
        ("applicant", "nature", "", "还没有选择单位性质"),
        ("applicant", "licence", [], "还没有上传营业执照"),
        ("applicant", "staff_total", "很多", "应是整数，现在是“很多”"),
        ("applicant", "registered_capital", "约一亿", "应是数"),
        ("applicant", "founded", "去年", "应是日期"),
        ("factory", "built_from", "2021年春", "应是年月"),
        ("applicant", "contact_email", "nobody", "不是邮箱地址"),
        ("applicant", "contact_phone", "1380000", "应为 11 位数字，现在是 7 位"),
        ("applicant", "nature", "martian", "不在可选项里"),
        ("applicant", "profile", "字" * 501, "超出 1 字。请删减到 500 字以内"),
        ("applicant", "credit_code", "91990101000", "应为 18 位，现在是 11 位"),
        ("applicant", "industry", "汽车", "写法不对"),
        ("applicant", "above_scale", False, "选了“否”就不能申报"),
        ("applicant", "compliance", ["safety"], "还有 2 项没有确认"),
        ("applicant", "credit_date", "2099-01-01", "晚于今天"),
        ("applicant", "staff_rnd", 900, "多于总数"),
        ("factory", "maturity_score", "7", "不能大于 5"),
        ("factory", "maturity_score", "3.123", "最多 2 位小数"),
        ("factory", "built_from", "2024-08", "建设完成年月早于建设开始年月（2024-08）"),
        ("factory", "investment_total", "12000", "各项之和是 11,600 万元"),
        ("applicant", "finances", [], "请至少填 1 行"),
        ("scenarios", "instances", [], "还没有场景实例"),
        ("applicant", "credit_date", "0001-01-01", "信用报告日期是 0001-01-01，年份不对"),
        ("applicant", "credit_date", "2001-01-01", "信用报告日期早于成立日期（2009-05）"),
        ("applicant", "founded", "1066-10-14", "成立日期是 1066-10-14，年份不对"),
        ("factory", "built_from", "9999-01", "建设开始年月是 9999-01，年份不对"),
        ("factory", "built_from", "2021-13", "应是年月"),
        ("applicant", "staff_total", "9" * 26, "从业人员数太大：写了 26 位数。最大可以填 1,000,000"),
        ("applicant", "registered_capital", "9" * 26, "注册资本太大：写了 26 位数。最大可以填 999,999,999,999,999"),
        ("applicant", "staff_total", 1000001, "从业人员数不能大于 1000000"),
        ("factory", "maturity_score", "1e400", "应是数，现在是“1e400”"),
    ],
)
def test_single_answers(payload, found, section, field, value, words):
    payload["sections"][section][field] = value
    messages = [message for level, _, message in found() if level == "error"]
    assert any(words in message for message in messages), messages


def test_failed_check_digit_is_only_a_warning(payload, found):
    code = payload["sections"]["applicant"]["credit_code"]
    wrong = "0" if code[-1] != "0" else "1"
    payload["sections"]["applicant"]["credit_code"] = code[:-1] + wrong
    assert "校验位对不上" in only(found(), "credit_code", level="warning")


def test_answer_required_only_in_its_case(payload, found):
    payload["sections"]["applicant"]["nature"] = "central"
    assert "还没有填写所属中央企业集团" in only(found(), "soe_group")


def test_table_with_too_many_rows(payload, found):
    payload["sections"]["applicant"]["finances"] = payload["sections"]["applicant"]["finances"] * 2
    assert found()[0] == ("error", "finances", "近三年财务情况有 6 行，最多 3 行。请删去多余的")


def test_no_year_stands_in_two_rows(payload, found):
    payload["sections"]["applicant"]["finances"][1]["year"] = 2021
    assert "第 2 行的年度与第 1 行重复，都是 2021。请核对" in only(found(), "finances")


@pytest.mark.parametrize(("left", "named"), [(2, "2023"), (1, "2022、2023")])
def test_a_year_that_is_asked_for_and_not_told_is_pointed_out(payload, found, left, named):
    """The table is complete for all that blocks: an enterprise may not have stood in that year."""
    del payload["sections"]["applicant"]["finances"][left:]
    words = only(found(), "finances", "warning")
    assert words == f"近三年财务情况没有 {named} 年。请添一行补填；那一年企业还没有成立的不用补，不影响提交"


def test_the_missing_year_cites_the_question_and_is_silent_while_nothing_is_told(payload, description, found):
    rows = payload["sections"]["applicant"]["finances"]
    payload["sections"]["applicant"]["finances"] = rows[:1]
    (warning,) = checks.run(payload, description)
    field = description.section("applicant").by_key["finances"]
    assert (warning.clause, warning.standing) == (field.clause, field.standing)
    payload["sections"]["applicant"]["finances"] = [dict.fromkeys(rows[0], ""), *rows[1:]]
    assert not any("没有 2021 年" in message for _, _, message in found())
    payload["sections"]["applicant"]["finances"] = []
    assert "请至少填 1 行" in only(found(), "finances")


def test_table_row_begun_must_be_finished(payload, found):
    payload["sections"]["factory"]["integrators"] = [{"name": "某公司", "work": ""}]
    assert "第 1 行还没有填写承担内容" in only(found(), "integrators")


def test_table_cell_must_be_readable(payload, found):
    payload["sections"]["factory"]["integrators"] = [{"name": "某公司", "work": "集成", "amount": "很多"}]
    assert "第 1 行的合同额（万元）应是数" in only(found(), "integrators")


@pytest.mark.parametrize(
    ("section", "field", "row", "column", "value", "words"),
    [
        ("applicant", "finances", 0, "year", 1800, "第 1 行的年度应是 2021、2022、2023 年中的一年，现在是 1800"),
        ("applicant", "finances", 1, "revenue", "-5", "第 2 行的营业收入不能小于 0，现在是 -5"),
        ("factory", "prior_titles", 0, "date", "2099-01-01", "第 1 行的获评日期晚于今天"),
        ("scenarios", "equipment", 1, "since", "0001-01", "第 2 行的启用年月是 0001-01，年份不对"),
        ("scenarios", "equipment", 0, "count", 0, "第 1 行的数量不能小于 1，现在是 0"),
        ("outcomes", "milestones", 0, "year", 1800, "第 1 行的年度不能小于 2024，现在是 1800"),
        ("applicant", "finances", 2, "year", "9" * 26, "第 3 行的年度太大：写了 26 位数。最大可以填 999,999,999,999"),
    ],
)
def test_impossible_cells(payload, description, section, field, row, column, value, words):
    payload["sections"][section][field][row][column] = value
    places = {one.message: one.cell for one in checks.run(payload, description) if one.level == "error"}
    message = next((one for one in places if words in one), "")
    assert places.get(message) == f"{field}-{row}-{column}", places


@pytest.mark.parametrize(
    ("code", "level", "words"),
    [
        ("123", "error", "第 1 行的统一社会信用代码应为 18 位，现在是 3 位"),
        ("91990101MA0O00000X", "error", "第 1 行的统一社会信用代码里不会出现“O”"),
        ("91ABCDEFMA0000000X", "error", "第 1 行的统一社会信用代码第 3 至 8 位是登记地区码"),
        ("wrong digit", "warning", "第 1 行的统一社会信用代码的校验位对不上"),
    ],
)
def test_codes_in_tables_are_checked_as_elsewhere(payload, found, code, level, words):
    if level == "warning":
        own = payload["sections"]["applicant"]["credit_code"]
        code = own[:-1] + ("0" if own[-1] != "0" else "1")
    payload["sections"]["factory"]["integrators"] = [{"name": "某公司", "work": "集成", "credit_code": code}]
    assert words in only(found(), "integrators", level=level)


def test_a_sound_code_in_a_table_passes(payload, found):
    code = payload["sections"]["applicant"]["credit_code"]
    payload["sections"]["factory"]["integrators"] = [{"name": "某公司", "work": "集成", "credit_code": code}]
    assert found() == []


def test_nothing_is_computed_from_a_refused_value(payload, description):
    from declarations.content.payload import computed

    field = next(one for one in description.fields() if one.kind == "indicators")
    typed = {"9": {"before": "-1", "after": "0.8", "na": False, "note": ""}}
    assert computed(description, field, typed, [])["9"]["value"] == ""
    indicators(payload)["9"] |= {"before": "-1", "after": "0.8", "value": ""}
    assert [one.cell for one in checks.run(payload, description)] == ["indicators-9-before"]


def test_table_cell_must_be_among_its_options(payload, found):
    payload["sections"]["factory"]["integrators"] = [{"name": "某公司", "work": "集成", "origin": "moon"}]
    assert "境内外不在可选项里" in only(found(), "integrators")


def indicators(payload):
    return payload["sections"]["outcomes"]["indicators"]


def test_indicator_without_values(payload, found):
    del indicators(payload)["7"]
    assert "还没有填写第 7 项“生产效率提升”建设前、建设后的值" in only(found(), "indicators")


def test_indicator_not_applicable_needs_a_reason(payload, found):
    indicators(payload)["2"] = {"na": True, "note": ""}
    assert "勾选了不适用，还没有写原因" in only(found(), "indicators")
    indicators(payload)["2"]["note"] = "离散型制造"
    assert found() == []


def test_indicator_rate_above_hundred(payload, found):
    indicators(payload)["18"]["value"] = "120"
    assert "不会大于 100" in only(found(), "indicators")


def test_indicator_base_value_out_of_range(payload, found):
    indicators(payload)["9"] |= {"before": "130", "after": "0.9", "value": "99.31"}
    assert "建设前是 130，不会大于 100" in only(found(), "indicators")


def test_indicator_from_zero_needs_an_explanation(payload, found):
    indicators(payload)["7"] = {"before": "0", "after": "5", "value": "", "na": False, "note": ""}
    assert "建设前为 0" in only(found(), "indicators")


def test_indicator_value_must_follow_from_its_bases(payload, found):
    indicators(payload)["7"]["value"] = "35"
    assert "按前后值算是 20" in only(found(), "indicators")


def test_share_of_ai_is_what_the_instances_say(payload, found):
    indicators(payload)["3"]["value"] = "80"
    assert "写的是 80，按前后值算是 60" in only(found(), "indicators")


def test_count_of_enterprises_equals_the_list(payload, found):
    indicators(payload)["20"]["value"] = "4"
    assert "有 3 家，第 20 项指标写的是 4 家" in only(found(), "replicated")


def test_models_and_instances_are_compared(payload, found):
    indicators(payload)["4"]["value"] = "9"
    assert "合计 5 个" in only(found(), "indicators", level="warning")


def test_rate_and_equipment_are_compared(payload, found):
    indicators(payload)["1"]["value"] = "50"
    assert "按主要装备算是 100.0%" in only(found(), "equipment", level="warning")


def test_growth_and_revenue_are_compared(payload, found):
    indicators(payload)["6"] = {"before": "76000", "after": "68000", "value": "-10.53", "na": False, "note": ""}
    assert "增减方向相反" in only(found(), "indicators", level="warning")


@pytest.mark.parametrize(
    ("after", "points", "words"),
    [("75000", 1, ""), ("76000", 1, "按财务表近两年的营业收入算是"), ("90000", 1, "按财务表近两年的营业收入算是")],
    ids=["within a point", "two points off", "far off"],
)
def test_growth_is_what_the_revenues_say(payload, found, after, points, words):
    rows = payload["sections"]["applicant"]["finances"]
    rows[-2]["revenue"], rows[-1]["revenue"] = "68000", "74800"
    value = (int(after) - 68000) * 100 / 68000
    indicators(payload)["6"] = {"before": "68000", "after": after, "value": f"{value:.2f}", "na": False, "note": ""}
    if words:
        assert words in only(found(), "indicators", level="warning")
    else:
        assert found() == []


@pytest.mark.parametrize(
    ("name", "before", "after", "contrary"),
    [
        ("产品不良率", "2.1", "3.4", True),
        ("产品不良率（机加）", "2.1", "3.4", True),
        ("产品不良率下降", "3.4", "2.1", False),
        ("产品不良率", "2.1", "2.1", False),
        ("生产效率", "60", "40", True),
        ("生产效率提升", "40", "60", False),
        ("换型时间", "17", "96", False),
        ("产品不良率", "", "3.4", False),
    ],
)
def test_a_scenario_does_not_say_the_contrary_of_an_indicator(payload, found, name, before, after, contrary):
    instances(payload)[0]["results"] = [{"name": name, "unit": "", "before": before, "after": after}]
    key = f"{instances(payload)[0]['uid']}.results"
    said = [message for level, field, message in found() if (level, field) == ("warning", key)]
    assert bool(said) is contrary
    assert all("方向相反" in message for message in said)


def instances(payload):
    return payload["sections"]["scenarios"]["instances"]


def test_instance_names_are_unique(payload, found):
    instances(payload)[1]["name"] = instances(payload)[0]["name"]
    assert [message for *_, message in found()] == [
        f"场景 {n} 的实例名称与另一个场景重复。请改成不同的名称" for n in (1, 2)
    ]


def test_the_mark_of_a_copy_is_pointed_out(payload, found):
    instances(payload)[1]["name"] = "柔性单元（副本2）"
    assert "末尾还有“（副本2）”" in only(found(), f"{instances(payload)[1]['uid']}.name", level="warning")
    instances(payload)[1]["name"] = "（副本）管理"
    assert found() == []


def test_instance_name_without_the_dash(payload, found):
    instances(payload)[0]["name"] = "柔性—单元"
    assert "不能有“—”" in only(found(), f"{instances(payload)[0]['uid']}.name")


def test_instance_in_an_unknown_segment(payload, found):
    instances(payload)[2]["segment"] = "astrology"
    assert any("不在场景参考指引里" in message for *_, message in found())


def test_secret_instance_blocks(payload, found):
    instances(payload)[0]["secret"] = "involved"
    assert "就不能申报" in only(found(), f"{instances(payload)[0]['uid']}.secret")


def test_copied_descriptions_are_pointed_out(payload, found):
    instances(payload)[1]["description"] = instances(payload)[0]["description"] * 3
    instances(payload)[0]["description"] = instances(payload)[0]["description"] * 3
    assert "开头大段相同" in only(found(), f"{instances(payload)[1]['uid']}.description", level="warning")


def test_maturity_below_the_tier_blocks(payload, found):
    payload["sections"]["factory"]["maturity_level"] = "2"
    assert "成熟度 2 级，要求 3 级及以上" in only(found(), "maturity_level")


def test_missing_area_is_soft_in_2024_and_may_be_explained(payload, found):
    del instances(payload)[0]
    indicators(payload)["3"]["value"] = "50"
    indicators(payload)["4"]["value"] = "4"
    assert "没有覆盖工厂建设，原则上应满足" in only(found(), "instances", level="warning")
    payload["sections"]["scenarios"]["coverage_note"] = "工厂为租赁，不涉及。"
    assert found() == []


def test_missing_title_is_soft_in_2024_and_may_be_explained(payload, found):
    payload["sections"]["factory"]["prior_titles"] = []
    assert "未获评先进级" in only(found(), "prior_titles", level="warning")
    payload["sections"]["factory"]["prior_note"] = "正在申报先进级。"
    assert found() == []


def test_branch_outside_special_industries_blocks(payload, found):
    payload["sections"]["applicant"] |= {"entity_type": "branch", "branch_proof": [{"name": "a"}]}
    assert "不在允许分支机构申报的行业内" in only(found(), "entity_type")


def test_today_decides_what_lies_in_the_future(payload, found):
    messages = [message for *_, message in found(today=datetime.date(2024, 5, 1))]
    assert "建设完成年月晚于今天，现在是 2024-06。请核对" in messages
    assert "评估日期晚于今天，现在是 2024-08-20。请核对" in messages


def test_problems_come_in_the_order_of_the_form(payload, found):
    payload["sections"]["outcomes"]["plan"] = ""
    payload["sections"]["applicant"]["profile"] = ""
    assert [field for _, field, _ in found()] == ["profile", "plan"]


def test_titles_are_hard_in_2025(policy):
    declaration = make_declaration(track="2025-pioneer")
    described, said = content.describe(declaration.track), content.payload(declaration)
    assert checks.run(said, described) == []
    said["sections"]["factory"]["prior_titles"] = [{"tier": "ADVANCED", "document": "x", "date": "2023-01-01"}]
    told = [(one.level, one.field, one.message) for one in checks.run(said, described)]
    assert "未获评卓越级" in only(told, "prior_titles")


def test_scenario_outside_its_segment_blocks_where_the_catalogue_is_closed(payload, description, found):
    closed = dataclasses.replace(description, custom_scenarios=False)
    messages = [one.message for one in checks.run(payload, closed)]
    assert "场景 1 的典型场景“工厂建设场景”不属于所选环节。请重新选择" in messages
    assert found() == []
