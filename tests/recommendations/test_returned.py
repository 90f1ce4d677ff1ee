"""退回统计: counted for those who return, told to those who write only where several enterprises share it."""

import io

import openpyxl
import pytest
from django.core.cache import cache

from declarations import often_returned
from declarations.models import ReturnItem
from smartfactory.models import Authority, Role
from tests.factories import declarations as made
from tests.factories.organisations import make_enterprise, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def returned(policy):
    """Return a function that files a declaration in a city and has its equipment (and one instance's text) returned."""

    def send_back(city="990101", reason="evidence"):
        enterprise = make_enterprise(authority=Authority.objects.get(code=city))
        one = made.make_declaration(status="in_review", enterprise=enterprise)
        uid = one.latest_revision.content["sections"]["scenarios"]["instances"][0]["uid"]
        items = [
            {"section": "scenarios", "field": "equipment", "message": "补型号", "reason_code": reason},
            {"section": "scenarios", "field": f"{uid}.description", "message": "写数据", "reason_code": "incomplete"},
        ]
        return made.advance(one, "return_", items=items)

    return send_back


@pytest.fixture
def city(policy):
    return make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990101"))


def told(one, client_for):
    cache.clear()
    writer = made.people_of(one)[0]
    return client_for(writer).get(f"/declarations/{one.public_id}/scenarios/").content.decode()


def test_writers_are_told_once_three_enterprises_share_it(returned, client_for):
    first = returned()
    returned(reason="other")
    assert "常被退回" not in told(first, client_for)
    returned()
    draft = made.make_declaration()
    made.extend_deadline(draft)
    page = told(draft, client_for)
    assert "这一部分常被退回的地方" in page
    assert "主要装备</a>：本类申报已退回 3 次，多因“佐证不足”" in page
    assert first.enterprise.name not in page


def test_one_enterprise_returned_often_stays_its_own_affair(returned):
    one = returned()
    row = ReturnItem.objects.filter(declaration=one).first()
    for number in range(10, 16):
        row.pk, row.number = None, number
        row.save(force_insert=True)
    assert often_returned.on_track(one.track) == []


def test_table_counts_answers_and_reasons(returned, client_for, city):
    for reason in ("evidence", "evidence", "incorrect"):
        returned(reason=reason)
    page = " ".join(client_for(city).get("/reviews/returned/").content.decode().split())
    assert "退回 6 处" in page
    line = page[page.index("主要装备</th>") :].split("</tr>")[0]
    assert 'data-l="次数"><b>3</b>' in line
    assert 'data-l="佐证不足">2<' in line
    assert 'data-l="不准确">1<' in line
    assert 'data-l="须脱密">—<' in line


def test_each_desk_counts_what_it_may_see(returned, client_for, city):
    returned()
    returned("990102")
    other = make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990102"))
    above = make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990000"))
    for who, count in ((city, 2), (other, 2), (above, 4)):
        assert f"退回 {count} 处" in client_for(who).get("/reviews/returned/").content.decode()


def test_worksheet_says_the_same(returned, client_for, city):
    returned()
    answer = client_for(city).get("/reviews/returned.xlsx?track=2024-excellence")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active]
    assert rows[1][:4] == ["部分", "项目", "退回次数", "涉及企业"]
    assert ["主要装备", "1", "1"] in [row[1:4] for row in rows]


def test_nothing_returned_yet(client_for, city):
    assert "还没有退回过" in client_for(city).get("/reviews/returned/?track=nonsense").content.decode()
    assert client_for(city).get("/reviews/returned.xlsx").status_code == 200


def test_the_form_asks_the_database_once_in_a_while(returned, django_assert_num_queries):
    one = returned()
    often_returned.on_track(one.track)
    with django_assert_num_queries(0):
        often_returned.on_track(one.track)
