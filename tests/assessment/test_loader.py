"""Loading an edition: errors with file and line, nothing half loaded, nothing changed once published."""

import io
import re
import shutil

import pytest
from django.core.management import CommandError, call_command

from assessment import loader
from assessment.models import Area, Condition, Edition, PublishedError, Segment, TierRule

CHAPTERS = ("edition", "tiers", "catalogue", "conditions", "indicators")


@pytest.fixture
def folder(tmp_path):
    """A copy of the five chapters of 2024 under another code, not yet published."""
    made = tmp_path / "2090"
    made.mkdir()
    for name in CHAPTERS:
        text = (loader.EDITIONS / "2024" / f"{name}.yaml").read_text(encoding="utf-8")
        text = text.replace("code: 2024-", "code: 2090-").replace('code: "2024"', 'code: "2090"')
        (made / f"{name}.yaml").write_text(text.replace("status: published", "status: draft"), encoding="utf-8")
    return made


def edit(folder, name, old, new, *, count=1):
    """Replace `old` in a chapter and return the line where it stood."""
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refusal(folder):
    with pytest.raises(loader.Refused) as caught:
        loader.read_edition(folder)
    return [str(one) for one in caught.value.defects]


def publish(folder):
    edit(folder, "edition", "status: draft", "status: published")
    return loader.load(folder).edition


def test_the_copy_is_without_error(folder):
    assert loader.read_edition(folder).defects == []


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("conditions", "    clause: 一.1\n", "", "条件缺少“clause”"),
        ("conditions", "clause: 一.1", "clause:", "条件的“clause”不能为空"),
        ("conditions", "strength: hard", "strength: must", "只能是 hard、soft，现在是“must”"),
        ("conditions", "strength: hard", "strengh: hard", "不认识“strengh”"),
        ("conditions", "standing: official", "standing: sure", "现在是“sure”"),
        ("conditions", "source: notice-399-annex-2", "source: notice-400", "“notice-400”不在 edition.yaml"),
        ("conditions", "operator: flag\n", "operator: magic\n", "现在是“magic”"),
        ("conditions", "tier: COMMON", "tier: BRONZE", "现在是“BRONZE”"),
        ("conditions", "area_group: GEN", "area_group: ZZZ", "领域“ZZZ”没有定义"),
        ("conditions", "code: 2090-COM-GEN-02", "code: 2090-COM-GEN-01", "编码“2090-COM-GEN-01”重复"),
        ("conditions", "code: 2090-COM-GEN-02", "code: 2024-COM-GEN-02", "应以“2090-COM-GEN-”开头"),
        ("conditions", "{level: 2}", "{level: 9}", "“level”应是 1 到 5 的整数，现在是“9”"),
        ("conditions", "{level: 2}", "{level: 二级}", "“level”应是 1 到 5 的整数"),
        ("conditions", "{level: 2}", "{grade: 2}", "“maturity_at_least”没有参数“grade”"),
        ("conditions", "{areas: [OPS]}", "{areas: [XYZ]}", "环节领域“XYZ”没有定义"),
        ("conditions", "{areas: [OPS]}", "{areas: []}", "应是不空的列表"),
        ("conditions", "{tier: ADVANCED}", "{tier: SILVER}", "层级“SILVER”没有定义"),
        ("conditions", '{month: "2024-11"}', '{month: "2024-13"}', "应是年月"),
        ("conditions", "industries: [B07,", "industries: [石油,", "“石油”不是行业代码"),
        ("conditions", "operator: branch_allowed_for_industry", "operator: nonsense", "没有判定方式“nonsense”"),
        ("conditions", "    manual: true\n", "    manual: 是\n", "应是true 或 false，现在是“是”"),
        ("tiers", "requires: [ADVANCED]", "requires: [PIONEER]", "前置层级成环"),
        ("tiers", "requires: [ADVANCED]", "requires: [MASTER]", "前置层级“MASTER”没有定义"),
        ("tiers", "tier: ADVANCED", "tier: BASIC", "编码“BASIC”重复"),
        ("tiers", "accumulate: none", "accumulate: some", "现在是“some”"),
        ("catalogue", "area: RND", "area: R&D", "环节领域“R&D”没有定义"),
        ("catalogue", "code: process-design", "code: product-design", "编码“product-design”重复"),
        ("catalogue", "segment: production-operations", "segment: nowhere", "场景环节“nowhere”没有定义"),
        ("catalogue", "\ncustom_scenarios: true", "\ncustom_scenarios: maybe", "应是true 或 false"),
        ("indicators", "number: 2\n", "number: 1\n", "编码“1”重复"),
        ("indicators", 'lower: "0"', 'lower: "200"', "“lower”大于“upper”"),
        ("indicators", 'lower: "0"', "lower: 很少", "“lower”应是文字|“lower”应是数"),
        ("indicators", "unit: \"%\"", "unit: 百分之一百二十分之十一", "最多 10 个字"),
        ("edition", 'code: "2090"', 'code: "2091"', "与目录名“2090”不一致"),
        ("edition", "year: 2024", "year: 今年", "应是整数，现在是“今年”"),
        ("edition", "id: guide-361", "id: hebei-533", "编码“hebei-533”重复"),
    ],
)  # fmt: skip
def test_an_error_is_named_with_file_and_line_and_the_whole_is_refused(folder, db, name, old, new, words):
    line = edit(folder, name, old, new)
    found = refusal(folder)
    assert any(re.search(words, one) for one in found), found
    lines = [int(one.split(":")[1]) for one in found if re.search(words, one) and one.startswith(f"2090/{name}.yaml:")]
    assert min(abs(one - line) for one in lines) <= 12, (line, found)
    with pytest.raises(loader.Refused):
        loader.load(folder)
    assert not Edition.objects.filter(code="2090").exists()


def test_an_error_stands_on_the_very_line_of_the_wrong_value(folder):
    line = edit(folder, "conditions", "strength: hard", "strength: must")
    assert refusal(folder)[0].startswith(f"2090/conditions.yaml:{line}: ")


def test_two_floors_for_one_number_overlap(folder):
    text = (folder / "conditions.yaml").read_text(encoding="utf-8")
    block = next(one for one in text.split("\n\n") if "2090-BAS-MAT-01" in one)
    again = block.replace("2090-BAS-MAT-01", "2090-BAS-MAT-02").replace("level: 2", "level: 3")
    edit(folder, "conditions", block, f"{block}\n\n{again}")
    assert [one for one in refusal(folder) if "与“2090-BAS-MAT-01”重叠" in one]


def test_every_error_is_told_at_once(folder):
    edit(folder, "conditions", "strength: hard", "strength: must")
    edit(folder, "tiers", "accumulate: none", "accumulate: some")
    assert len(refusal(folder)) >= 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1, 2", "写法不符合 YAML"),
        ("a: 1\na: 2\n", "2: “a”在同一段里写了两次"),
        ("- 1\n- 2\n", "最外层应是一组键值"),
        ("", "最外层应是一组键值"),
        ("a: &x {b: 1}\nc: *x\n", "请写全"),
        ("\tb: 1", "写法不符合 YAML"),
    ],
)
def test_a_file_that_is_not_plain_yaml_is_refused(folder, text, words):
    (folder / "tiers.yaml").write_text(text, encoding="utf-8")
    assert any(words in one for one in refusal(folder))


def test_a_file_in_another_encoding_is_refused(folder):
    (folder / "tiers.yaml").write_bytes("层级: 基础级".encode("gbk"))
    assert any("UTF-8" in one for one in refusal(folder))


def test_an_unknown_file_is_refused_by_name(folder):
    (folder / "quota.yaml").write_text("a: 1", encoding="utf-8")
    assert any(one.startswith("2090/quota.yaml:1: 不认识的文件") for one in refusal(folder))


def test_a_missing_head_is_named(folder):
    (folder / "edition.yaml").unlink()
    assert any("缺少这个文件" in one for one in refusal(folder))


@pytest.mark.django_db
def test_loading_twice_changes_nothing(folder):
    publish(folder)
    before = list(Condition.objects.filter(edition__code="2090").values_list("pk", flat=True))
    again = loader.load(folder)
    assert again.outcome == "unchanged"
    assert list(Condition.objects.filter(edition__code="2090").values_list("pk", flat=True)) == before


@pytest.mark.django_db
def test_comments_and_layout_may_change(folder):
    publish(folder)
    edit(folder, "tiers", "accumulate: none", "# 说明\n\naccumulate:   none")
    assert loader.load(folder).outcome == "unchanged"


@pytest.mark.django_db
def test_a_draft_is_replaced_whole(folder):
    first = loader.load(folder).edition
    edit(folder, "tiers", "name: 基础级", "name: 起步级")
    second = loader.load(folder)
    assert second.outcome == "replaced"
    assert TierRule.objects.get(edition=second.edition, tier="BASIC").name == "起步级"
    assert not Edition.objects.filter(pk=first.pk, digest=first.digest).exists()


@pytest.mark.django_db
def test_a_published_edition_is_not_changed_and_every_differing_row_is_named(folder):
    edition = publish(folder)
    line = edit(folder, "conditions", "text: 企业已纳入规模以上工业统计", "text: 企业规模够大")
    edit(folder, "tiers", "  - tier: PIONEER", "  - tier: PIONEER\n    # 改动")
    edit(folder, "catalogue", "name: 人机协同作业", "name: 人机协作")
    edit(folder, "indicators", "name: 销售增长率", "name: 销售增幅")
    with pytest.raises(loader.Refused) as caught:
        loader.load(folder)
    found = [str(one) for one in caught.value.defects]
    assert found[1].startswith(f"2090/conditions.yaml:{line}: ")
    assert "2090-COM-GEN-01 › text：原为“企业已纳入规模以上工业统计”，现为“企业规模够大”" in found[1]
    assert len(found) == 3
    assert Condition.objects.get(edition=edition, code="2090-COM-GEN-01").text == "企业已纳入规模以上工业统计"


@pytest.mark.django_db
def test_rows_added_and_removed_are_named(folder):
    publish(folder)
    text = (folder / "conditions.yaml").read_text(encoding="utf-8")
    blocks = text.split("\n\n")
    gone = next(one for one in blocks if "2090-PIO-EFF-07" in one)
    edit(folder, "conditions", gone, gone.replace("EFF-07", "EFF-08"))
    with pytest.raises(loader.Refused, match="2090-PIO-EFF-08：新增") as caught:
        loader.load(folder)
    assert "2090-PIO-EFF-07：被删除" in str(caught.value)


@pytest.mark.django_db
def test_a_removed_chapter_is_named(folder):
    publish(folder)
    (folder / "indicators.yaml").unlink()
    with pytest.raises(loader.Refused, match="整个文件：被删除"):
        loader.load(folder)


@pytest.mark.django_db
def test_a_published_edition_refuses_every_way_of_changing_it(folder):
    edition = publish(folder)
    condition = edition.conditions.first()
    segment = edition.segments.first()
    attempts = [
        condition.save,
        condition.delete,
        edition.save,
        edition.delete,
        segment.delete,
        lambda: Condition.objects.filter(edition=edition).update(text="改"),
        lambda: edition.conditions.all().delete(),
        lambda: Condition.objects.bulk_update([condition], ["text"]),
        lambda: Condition.objects.bulk_create([Condition(edition=edition, code="X")]),
        lambda: Area.objects.create(edition=edition, code="NEW", name="新", order=9),
        lambda: Edition.objects.filter(pk=edition.pk).update(status="draft"),
        lambda: Edition.objects.filter(pk=edition.pk).delete(),
        lambda: Edition.objects.bulk_update([edition], ["title"]),
        lambda: Segment.objects.filter(pk=segment.pk).update(area=None),
    ]
    for attempt in attempts:
        with pytest.raises(PublishedError, match="已发布"):
            attempt()
    edition.refresh_from_db()
    assert edition.conditions.count() == 132


@pytest.mark.django_db
def test_a_row_cannot_be_moved_into_a_published_edition(folder):
    draft = loader.load(folder).edition
    row = draft.conditions.first()
    Edition.objects.filter(pk=draft.pk).update(status="published")
    row.text = "改"
    with pytest.raises(PublishedError):
        row.save()


@pytest.mark.django_db
def test_the_command_says_which_line_and_that_nothing_was_loaded(folder):
    edit(folder, "conditions", "strength: hard", "strength: must")
    with pytest.raises(CommandError, match=r"2090/conditions.yaml:\d+: .*must.*\n没有装载"):
        call_command("load_edition", str(folder))


@pytest.mark.django_db
def test_a_start_can_keep_what_is_published_and_still_say_what_differs(folder):
    publish(folder)
    edit(folder, "tiers", "name: 基础级", "name: 起步级")
    with pytest.raises(CommandError, match="起步级"):
        call_command("load_edition", str(folder))
    heard = io.StringIO()
    call_command("load_edition", str(folder), keep_published=True, stderr=heard)
    assert "原为“基础级”，现为“起步级”" in heard.getvalue()
    edit(folder, "tiers", "accumulate: none", "accumulate: some")
    with pytest.raises(CommandError, match="some"):
        call_command("load_edition", str(folder), keep_published=True)


@pytest.mark.parametrize("arguments", [[], ["2024", "--all"], ["no-such-folder"]])
def test_the_command_refuses_what_it_cannot_do(arguments):
    with pytest.raises(CommandError) as caught:
        call_command("load_edition", *arguments)
    assert caught.value.returncode == 2


@pytest.mark.django_db
def test_a_failure_while_loading_leaves_nothing_behind(folder, monkeypatch):
    def fail(*args):
        raise RuntimeError("disk full")

    monkeypatch.setattr("assessment.models.Indicator.objects.bulk_create", fail)
    with pytest.raises(RuntimeError):
        loader.load(folder)
    assert not Edition.objects.filter(code="2090").exists()
    shutil.rmtree(folder)
