"""One box over everything: what is found, what is marked, what strange questions get, and what it costs."""

import io
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.knowledge import search
from assessment.models import Condition

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def units(policy):
    call_command("load_authorities", verbosity=0, stdout=io.StringIO())


@pytest.fixture
def ask(client):
    def asked(q, **more):
        response = client.get(reverse("guide_search"), {"q": q, **more})
        assert response.status_code == 200
        return response.content.decode()

    return asked


def links(page):
    """Where the results lead; the rail is no result."""
    return [
        link
        for part in page.split('class="yan-guide-hits"')[1:]
        for link in re.findall(r'<li><a href="([^"]*)">', part)
    ]


def groups(page):
    return re.findall('<section class="yan-sheet" id="in-([a-z]+)"', page)


def test_all_kinds_are_found_and_marked(ask):
    page = ask("成熟度")
    assert groups(page) == ["questions", "conditions", "steps", "terms"]
    assert "<mark>成熟度</mark>" in page
    assert groups(ask("山东")) == ["places"]
    assert "subjects" in groups(ask("分支机构"))


def test_a_separately_planned_city_is_found_with_its_quota(ask):
    page = ask("大连")
    assert {"questions", "places"} <= set(groups(page))
    assert "/guide/questions/#q-planned-city" in links(page)
    for other in ("青岛", "宁波", "厦门", "深圳"):
        assert "/guide/questions/#q-planned-city" in links(ask(other))


def test_every_word_must_be_found_and_clauses_are_found_too(ask):
    assert groups(ask("成熟度 二级 三级")) == ["questions"]
    assert "conditions" in groups(ask("四（一）3"))
    assert groups(ask("2024-EXC-OPS-01")) == ["conditions"]


def test_results_lead_to_their_anchor(ask, client):
    for q in ("数字孪生", "分支机构", "推荐函", "培育对象", "山东", "规模以上"):
        for link in links(ask(q)):
            path, _, anchor = link.partition("#")
            assert f'id="{anchor}"' in client.get(path).content.decode(), link


def test_one_kind_alone_is_turned_page_by_page(ask):
    count = sum(
        "数" in one.text + one.clause + one.code + one.evidence_note + one.note
        for one in Condition.objects.filter(edition__region="")
    )
    page = ask("数", **{"in": "conditions"})
    assert groups(page) == ["conditions"]
    assert len(links(page)) == search.PER_PAGE
    assert "第 1 页" in page
    assert count > search.PER_PAGE
    assert "第 2 页" in ask("数", **{"in": "conditions", "page": "2"})
    assert "第 1 页" in ask("数", **{"in": "conditions", "page": "x" * 50})


def test_nothing_found_says_what_to_try(ask):
    page = ask("飞机票")
    assert "没有找到“飞机票”" in page
    assert "换短一点的词" in page
    assert "写一个词再找" in ask("")


@pytest.mark.parametrize(
    "q",
    ["%", "_", "\\", "'; DROP TABLE x; --", "成\x00熟\x00度", "(((", ".*", "[", "<script>alert(1)</script>", "级" * 5000,
     "a " * 400, "\ud800", "\u202e级", "{{ 7|add:1 }}", "　", "9" * 5000],
)  # fmt: skip
def test_strange_questions_are_answered(ask, q):
    page = ask(q.encode("utf-8", "surrogatepass"), page="9" * 5000)
    assert "<script>alert" not in page
    assert "\x00" not in page


def test_wildcards_stand_for_themselves(ask):
    assert "没有找到“_”" in ask("_")
    assert all("20%" in one or "60%" in one or "%" in one for one in re.findall("<mark>([^<]*)</mark>", ask("%")))


def test_a_place_is_found_at_its_origin_only(ask):
    page = ask("规模以上工业统计", **{"in": "conditions"})
    assert (
        page.count("企业已纳入")
        == Condition.objects.filter(edition__region="", text__contains="规模以上工业统计").count()
    )


def test_the_number_of_queries_does_not_grow(client):
    costs = set()
    for q in ("成熟度", "级", "数", "企业 生产"):
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("guide_search"), {"q": q})
        costs.add(len(seen))
    # One fewer where no condition is found and none has to be read.
    assert max(costs) <= 4
    assert max(costs) - min(costs) <= 1


def test_excerpts_show_what_was_found():
    text = "甲" * 100 + "目标" + "乙" * 200
    assert "目标" in search.excerpt(text, ["目标"])
    assert search.excerpt("短", ["没有"]) == "短"
