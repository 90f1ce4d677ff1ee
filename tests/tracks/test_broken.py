"""A broken edition is refused whole, whichever file is broken; each error says file, line and reason."""

import re
import shutil

import pytest

from assessment import loader
from assessment.models import Edition
from declarations.models import Track

pytestmark = pytest.mark.django_db


@pytest.fixture
def folders(tmp_path, policy):
    """A copy of all editions, to be broken."""
    made = tmp_path / "editions"
    shutil.copytree(loader.EDITIONS, made)
    return made


def broken(folders, place, old, new, count=1):
    """Replace text in `edition/chapter`; return the line where it stood."""
    path = folders / f"{place}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


BREAKS = [
    # unknown codes
    ("2024/campaign", "answers: [2024-EXC-APP-06]", "answers: [2024-EXC-APP-99]", "条件“2024-EXC-APP-99”没有定义"),
    ("2024/quotas", "track: 2024-excellence, kind: xpcc", "track: 2024-gold, kind: xpcc", "申报类别“2024-gold”没有定义"),
    ("2024/quotas", "kind: xpcc", "kind: corps", "现在是“corps”"),
    ("2024/documents", "finding: maturity", "finding: horoscope", "现在是“horoscope”"),
    ("2024/documents", "{key: rank, title: 序号", "{key: colour, title: 序号", "现在是“colour”"),
    ("2024/form", "answers: [2024-COM-GEN-01]", "answers: [2024-COM-GEN-77]", "条件“2024-COM-GEN-77”没有定义"),
    ("2024/form", "count_indicator: 20", "count_indicator: 21", "指标“21”没有定义"),
    ("2022/conditions", "operator: any_of", "operator: some_of", "现在是“some_of”"),
    ("2022/conditions", "{operator: maturity_at_least, params: {level: 2}}", "{operator: maturity, params: {level: 2}}",
     "没有判定方式“maturity”"),
    ("2022/tiers", "tier: SCENARIO", "tier: SCENERY", "现在是“SCENERY”"),
    ("2022/form", "only: [2022-factory]", "only: [2022-works]", "申报类别“2022-works”没有定义"),
    ("2024-hebei/edition", 'region: "130000"', 'region: "139999"', "单位“139999”没有定义"),
    ("2024-hebei/edition", 'extends: "2024"', 'extends: "2023"', "没有可以沿用的版次“2023”"),
    ("2024-hebei/quotas", 'unit: "133100"', 'unit: "133199"', "单位“133199”没有定义"),
    ("2024-liaoning/edition", 'excluded: ["210200"]', 'excluded: ["210299"]', "单位“210299”没有定义"),
    ("2024-liaoning/edition", 'region: "210000"\n', "", "也要写 region"),
    # bands that overlap or leave a gap, numbers that contradict
    ("2025/quotas", "low: 11, high: 20", "low: 10, high: 20", "和上一档重叠"),
    ("2025/quotas", "low: 11, high: 20", "low: 12, high: 20", "和上一档之间缺 11 到 11"),
    ("2025/quotas", "low: 20, high: null", "low: 19, high: null", "和上一档重叠"),
    ("2025/quotas", "kind: province, unlimited: true", "kind: province, unlimited: true, limit: 3", "不能再写 limit"),
    ("2025/quotas", "kind: separately_planned_city, via: parent", "kind: separately_planned_city, limit: 5, via: parent",
     "不能再写 limit"),
    ("2022/quotas", "kind: separately_planned_city", "kind: province", "只能有一条不分档的名额规则"),
    ("2024-liaoning/quotas", 'kind: city, limit: 2', 'kind: city, unit: "210100", limit: 2', "下级名额写了两次"),
    ("2025/quotas", "low: 11, high: 20", "low: -11, high: 20", "应是 0 到 32767 的整数，现在是“-11”"),
    ("2024/quotas", "limit: 20", "limit: -20", "应是 0 到 32767 的整数，现在是“-20”"),
    ("2024/quotas", "limit: 20", "limit: 99999", "应是 0 到 32767 的整数，现在是“99999”"),
    # stages that end before what feeds them
    ("2024/campaign", "2024-11-29", "2020-11-29", "早于线上申报的 2024-11-22"),
    # what places set for themselves
    ("2025-zhejiang/edition", '"330127", ', '"339999", ', "单位“339999”没有定义"),
    ("2025-zhejiang/conditions", "places: mountain-island", "places: islands", "地区“islands”没有定义"),
    ("2025-zhejiang/conditions", "          - {title: 车间, when: {factory.subject: workshop}, least: 2000}\n", "",
     "后面要有同样情形"),
    ("2025-zhejiang/conditions", "workshop}, least: 2000", "workshop}, least: 两千", "“least”应是数，现在是“两千”"),
    ("2025-zhejiang/conditions", "of: factory.digital_level", "of: factory.summary", "没有数字项“factory.summary”"),
    ("2025-zhejiang/conditions", "{factory.subject: factory}, least: 3}", "{factory.size: factory}, least: 3}",
     "没有单选项“factory.size”"),
    ("2025-zhejiang/edition", "    source: zhejiang-2025\n", "    source: nowhere\n", "“source”应是已登记的文件或网址"),
    ("2025-heilongjiang/edition", "track: 2025-heilongjiang-advanced", "track: 2025-heilongjiang-gold",
     "申报类别“2025-heilongjiang-gold”没有定义"),
    ("2025-heilongjiang/edition", "params: {level: 3}", "params: {level: 6}", "应是 1 到 5 的整数"),
    ("2025-changsha/form", "accept: [mp4]", "accept: [avi]", "不认识的文件类型“avi”"),
    ("2025-changsha/form", "accept: [mp4]", "accept: [pdf]", "只有接受 mp4 的附件能写 max_seconds"),
    ("2025-changsha/form", "max_seconds: 300", "max_seconds: 0", "应是 1 或更大的整数"),
    # missing clauses
    ("2024/quotas", "clause: 二（二）2, ", "", "名额缺少“clause”"),
    ("2024/documents", "clause: 二（一）1, ", "", "形式审查项缺少“clause”"),
    ("2022/campaign", "clause: 三（一）, ", "", "截止时间缺少“clause”"),
    ("2022/quotas", "clause: 三（三）", 'clause: ""', "名额的“clause”不能为空"),
    ("2024-hebei/quotas", "clause: 二（二）2, ", "", "下级名额缺少“clause”"),
    ("2024-liaoning/quotas", "不占名额, clause: 条号未见", "不占名额", "不占名额的情形缺少“clause”"),
    # sources
    ("2022/quotas", "source: notice-248", "source: notice-249", "“notice-249”不在 edition.yaml"),
    ("2024-hebei/campaign", "source: hebei-533", "source: hebei-534", "“hebei-534”不在 edition.yaml"),
    # weights
    ("2024/documents", "weight: 50", "weight: 51", "权重之和应为 100，现在是 101"),
    ("2025/documents", "weight: 10", "weight: 9", "权重之和应为 100，现在是 99"),
    ("2024/form", "label: 系统甲, kind: text, max_chars: 40, required: true, width: 18", "label: 系统甲, kind: text, max_chars: 40, required: true, width: 28",
     "合计应为 100，现在是 110"),
    ("2024/form", "params: {years: [2021, 2022, 2023], unique: true}", "params: {yaers: [2021]}", "不认识的规则“yaers”"),
    # twice the same
    ("2025/catalogue", "number: 2,", "number: 1,", "编码“1”重复"),
    ("2025/catalogue", "name: 产品虚拟验证", "name: 产品数字化设计", "编码“产品数字化设计”重复"),
    ("2022/campaign", "code: 2022-factory", "code: 2022-scenario", "编码“2022-scenario”重复"),
    # cycles
    ("2025/tiers", "requires: [BASIC]", "requires: [PIONEER]", "前置层级成环"),
    # dates and words
    ("2022/campaign", "2022-10-28T23:59:59+08:00", "2022-10-28", "要写时区"),
    ("2022/campaign", "2022-11-11T23:59:59+08:00", "2022-11-31T23:59:59+08:00", "应是日期时间"),
    ("2025/campaign", "ending: recognise", "ending: recognised", "现在是“recognised”"),
    ("2024-hebei/campaign", "paper_copies: 2", "paper_copies: 两份", "应是整数，现在是“两份”"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "old", "new", "words"), BREAKS, ids=[f"{one[0]} {one[3]}" for one in BREAKS])
def test_refused_with_file_line_and_reason(folders, place, old, new, words):
    line = broken(folders, place, old, new)
    edition, tracks = place.split("/")[0], Track.objects.count()
    with pytest.raises(loader.Refused) as caught:
        loader.load(folders / edition)
    found = [str(one) for one in caught.value.defects]
    hits = [one for one in found if re.search(words, one)]
    assert hits, found
    assert all(re.match(r"[0-9a-z-]+/[a-z]+\.yaml:\d+: \S", one) for one in found), found
    here = [int(one.split(":")[1]) for one in hits if one.startswith(f"{place}.yaml:")]
    assert here, hits
    assert min(abs(one - line) for one in here) <= 14, (line, hits)
    assert Track.objects.count() == tracks


def test_an_error_in_the_edition_extended_is_named_where_it_stands(folders):
    line = broken(folders, "2024/quotas", "kind: xpcc", "kind: corps")
    with pytest.raises(loader.Refused, match=rf"2024/quotas\.yaml:{line}: "):
        loader.read_edition(folders / "2024-hebei")


def test_nothing_of_a_broken_edition_is_left(folders):
    fresh = folders / "2091"
    shutil.copytree(folders / "2022", fresh)
    for path in fresh.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("2022-", "2091-").replace('code: "2022"', 'code: "2091"')
        path.write_text(text.replace('"2091-1', '"2022-1').replace('"2091-0', '"2022-0'), encoding="utf-8")
    broken(folders, "2091/quotas", "limit: 30", "limit: 三十")
    with pytest.raises(loader.Refused):
        loader.load(fresh)
    assert not Edition.objects.filter(code="2091").exists()
    broken(folders, "2091/quotas", "limit: 三十", "limit: 30")
    assert loader.load(fresh).outcome == "created"
    assert Track.objects.filter(code__startswith="2091-").count() == 2
