"""The files of explanations are taken whole or not at all, and every error is named with file and line."""

import shutil

import pytest

from assessment.knowledge import checks, library, shapes
from assessment.loader import Refused

QUESTIONS = "questions-1-subject.yaml"
# (file, what stands there, what somebody wrote instead, what is said about it)
BROKEN = [
    (QUESTIONS, 'edition: "2024"', 'edition: "2019"', "版次“2019”没有装载"),
    (QUESTIONS, "source: notice-399,", "source: notice-000,", "标为原文的须指向版次里有原文的文件，“notice-000”不是"),
    (QUESTIONS, "source: qa-guide, standing: secondary", "source: qa-guide, standing: official", "标为原文的须指向"),
    (QUESTIONS, "source: qa-guide, standing: secondary", "source: nobody, standing: secondary", "出处“nobody”没有登记"),
    (QUESTIONS, "2025-ADV-PRE-01", "2025-ADV-PRE-99", "要素条件“2025-ADV-PRE-99”没有定义"),
    (QUESTIONS, "key: who-accepts", "key: skip-tier", "编码“skip-tier”重复"),
    (QUESTIONS, "    text: 国家 2024 年只受理", "    answer: 国家 2024 年只受理", "问题里不认识“answer”"),
    (QUESTIONS, "standing: official", "standing: sure", "只能是 official、secondary、unverified"),
    (QUESTIONS, "topic: {key", "topic: {name", "主题里不认识“name”"),
    ("steps.yaml", "lane: enterprise", "lane: bank", "只能是 enterprise、city、recommender、ministry"),
    ("steps.yaml", "routes: [province, group, place]", "routes: [province, bus]", "“routes”只能是 province、group、place"),
    ("steps.yaml", "tiers: [FACTORY]", "tiers: [GOLD]", "“tiers”只能是"),
    ("steps.yaml", "by_track: true\n", "by_track: false\n", "至少写一条依据"),
    ("awards.yaml", "count: 212", "count: -1", "“count”应是 0 到 1000000000 的整数，现在是“-1”"),
    ("awards.yaml", "count: 212", "count: many", "的“count”应是整数"),
    ("awards.yaml", 'place: "370200"', 'place: "379900"', "地方“379900”不在单位名册里"),
    ("awards.yaml", "tier: SCENARIO, place: nation", "tier: FACTORY, place: nation", "只能写一条"),
    ("terms.yaml", "terms:", "words:", "缺少列表“terms”"),
    ("subjects.yaml", "key: branch\n", "key: branch\n    key: twice\n", "“key”在同一段里写了两次"),
    ("sources.yaml", "sources:", "sources: [", "写法不符合 YAML"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(library.FOLDER, tmp_path / "knowledge")


def test_what_is_shipped_is_whole():
    found = library.load()
    assert len(list(found.questions)) >= 30
    told = (*found.questions, *found.subjects, *found.terms, *(one for one in found.steps if not one.by_track))
    assert all(one.basis for one in told)
    assert {place for one in found.awards for place in [one.place]} <= library.known().places | {shapes.NATION}


@pytest.mark.parametrize(("name", "before", "after", "words"), BROKEN)
def test_one_wrong_line_refuses_the_library(folder, name, before, after, words):
    path = folder / name
    text = path.read_text()
    line = text[: text.index(before)].count("\n") + 1
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(Refused) as refused:
        library.load(folder)
    told = [str(one) for one in refused.value.defects if words in one.message]
    assert told, str(refused.value)
    assert told[0].startswith(f"knowledge/{name}:")
    assert abs(refused.value.defects[0].line - line) <= 6


def test_every_error_is_named_at_once(folder):
    for name in ("steps.yaml", "awards.yaml"):
        path = folder / name
        path.write_text(
            path.read_text().replace("standing: official", "standing: sure").replace("count: 605", "count: -5")
        )
    with pytest.raises(Refused) as refused:
        library.load(folder)
    assert {one.file for one in refused.value.defects} == {"knowledge/steps.yaml", "knowledge/awards.yaml"}


def test_a_missing_file_is_named(folder):
    (folder / "terms.yaml").unlink()
    with pytest.raises(Refused, match=r"knowledge/terms.yaml:1: 缺少这个文件"):
        library.load(folder)


def test_a_broken_library_stops_a_deployment(folder, monkeypatch):
    assert checks.library_reads(None) == []
    (folder / "sources.yaml").write_text("sources: [")
    monkeypatch.setattr(library, "FOLDER", folder)
    found = checks.library_reads(None)
    assert [one.id for one in found] == ["assessment.E001"] * len(found)
    assert "knowledge/sources.yaml:2: 写法不符合 YAML" in found[0].msg
