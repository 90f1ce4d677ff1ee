"""退回企业改正: what is wrong in an item is said at its own control, and no day is asked for that cannot be kept."""

import datetime
import re

import pytest
from django.utils import timezone

from declarations import calendar
from declarations.models import Declaration, ReturnItem
from tests.factories.declarations import advance, extend_deadline, make_declaration, people_of, submit

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def under(policy, client_for):
    """A declaration in review, the official's client and the address of its review."""
    declaration = make_declaration(status="in_review")
    return declaration, client_for(people_of(declaration)[2]), f"/reviews/{declaration.public_id}/"


def send(under, **items):
    declaration, official, url = under
    rows = len(next(iter(items.values())))
    usual = {
        "item-anchor": ["factory.summary"] * rows,
        "item-message": ["请写明数据"] * rows,
        "item-reason_code": ["incomplete"] * rows,
    }
    sent = usual | {f"item-{name}": values for name, values in items.items()}
    return official.post(url + "return/", {"review_version": 1, "version": declaration.version} | sent)


def at(page, control):
    """The words that stand at a control, which points to them."""
    assert f'aria-describedby="{control}-bad"' in page.text
    return re.search(rf'id="{control}-bad">(.*?)</div>', page.text)[1]


def test_two_empty_items_are_told_apart(under):
    page = send(under, message=["", "", " "], anchor=["factory.summary", "", "factory.project_name"])
    assert page.status_code == 422
    assert at(page, "m-1") == "退回意见第 1 条“项目简介”没有写内容。请写清改哪里、改成什么"
    assert at(page, "m-3") == "退回意见第 3 条“项目名称”没有写内容。请写清改哪里、改成什么"
    assert 'href="#m-1"' in page.text
    assert 'href="#m-3"' in page.text
    assert "m-2-bad" not in page.text


def test_a_reason_has_to_be_chosen(under):
    assert '<option value="">请选择原因</option>' in under[1].get(under[2]).text
    page = send(under, reason_code=[""])
    assert (page.status_code, at(page, "c-1")) == (422, "退回意见第 1 条“项目简介”没有选原因。请选择原因")
    assert "请写明数据" in page.text


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "这一天已经过去"), (6, "晚于改正后重新提交截止（"), (None, "的日期读不懂"), (0, ""), (5, "")],
)
def test_a_day_that_cannot_be_kept_is_refused_at_its_field(under, days, words):
    ends = timezone.localtime() + 5 * DAY
    extend_deadline(under[0], timezone.localtime() + DAY)
    extend_deadline(under[0], ends, stage="correction")
    due = "2099-99-99" if days is None else str(timezone.localdate() + days * DAY)
    page = send(under, due=[due])
    if not words:
        assert page.status_code == 302
        assert str(ReturnItem.objects.get().due) == due
        return
    assert page.status_code == 422
    assert words in at(page, "d-1")
    assert f'value="{due}"' in page.text
    assert not ReturnItem.objects.exists()
    if days == 6:
        assert f"{ends.month}月{ends.day}日" in at(page, "d-1")


def test_one_deadline_under_one_name_everywhere(under, client_for):
    declaration, official, url = under
    submitter = client_for(people_of(declaration)[1])
    usual, corrected = (datetime.datetime(2031, 3, day, 15, 59, tzinfo=datetime.UTC) for day in (4, 6))
    extend_deadline(declaration, corrected, stage="correction")
    advance(declaration, "return_")
    extend_deadline(declaration, usual)
    own = f"/declarations/{declaration.public_id}/"
    for rest in ("", "check/", "submit/"):
        page = submitter.get(own + rest).text
        assert "2031年3月6日（周四）23:59 改正后重新提交截止" in page
        assert "线上申报截止" not in page
    lines = calendar.calendar(Declaration.objects.get(pk=declaration.pk), timezone.now()).replace("\r\n ", "")
    assert f"UID:{declaration.public_id}-enterprise@smartfactory\r\n" in lines
    assert "DTSTART:20310306T155900Z" in lines
    assert "20310304" not in lines
    again = submit(declaration)
    extend_deadline(declaration, usual)
    assert "2031年3月6日" in official.get(url).text
    assert "线上申报截止" not in official.get(url).text
    aside = submitter.get(own).text
    assert "改正后重新提交截止" in aside
    assert "2031年3月4日" not in aside
    assert again.status == "submitted"


def test_every_opinion_leads_to_its_field(under, client_for):
    declaration = under[0]
    advance(declaration, "return_")
    own = f"/declarations/{declaration.public_id}/"
    page = client_for(people_of(declaration)[0]).get(own).text
    assert f'<a href="{own}factory/?checked=1#div_id_summary"><b>项目简介</b></a>' in page


@pytest.mark.parametrize(("days", "words"), [(3, "可以重新提交（线上申报截止）"), (-1, "撤回后不能再提交")])
def test_withdrawing_says_first_what_it_means(policy, client_for, days, words):
    declaration = make_declaration(status="submitted")
    extend_deadline(declaration, timezone.now() + days * DAY)
    page = client_for(people_of(declaration)[1]).get(f"/declarations/{declaration.public_id}/").text
    fold = page[page.index("<summary>撤回申报书…</summary>") :].split("</details>")[0]
    assert "算<b>没有提交</b>" in fold
    assert words in fold
    assert 'type="submit">确认撤回申报书</button>' in fold
