"""Messages: who is told of what, once; reminders; the calendar; the history in the enterprise's words."""

import datetime
import re

import pytest
from django.core import mail
from django.utils import timezone

from declarations import calendar, notices
from declarations.models import Deadline, Notice
from declarations.timeline import history
from smartfactory import workflow
from smartfactory.models import Job, Role
from tests.factories import declarations as made
from tests.factories.organisations import make_member

DAY = datetime.timedelta(days=1)


def told(declaration):
    return list(
        Notice.objects.filter(declaration=declaration).order_by("pk").values_list("title", flat=True).distinct()
    )


@pytest.mark.parametrize(
    ("status", "last"),
    [
        ("submitted", "第 1 版已提交"),
        ("in_review", "澜州市已受理"),
        ("returned", "退回改正，有 1 处要改"),
        ("qualified", "审核通过"),
        ("rejected", "没有列入推荐"),
        ("reserved", "列入培育库"),
        ("recommended", "已列入推荐名单，名单已封存"),
    ],
)
def test_every_step_is_told(policy, status, last):
    declaration = made.make_declaration(status=status)
    titles = told(declaration)
    assert re.sub(r"\S+已受理", "澜州市已受理", titles[-1]) == last
    assert titles[0] == "第 1 版已提交"


def test_everybody_of_the_enterprise_and_nobody_else(policy):
    declaration = made.make_declaration(status="in_review")
    neighbour = made.make_declaration(status="in_review")
    names = set(declaration.notices.values_list("user_id", flat=True))
    assert names == {one.pk for one in notices.people(declaration)}
    assert not names & {one.pk for one in notices.people(neighbour)}
    assert {role for one in notices.people(declaration) for role in one.memberships.values_list("role", flat=True)} <= {
        Role.PREPARER,
        Role.SIGNATORY,
        Role.READER,
    }


def test_the_same_occasion_is_told_once(draft):
    assert notices.tell(draft, "x:1", "一次") == len(notices.people(draft))
    assert notices.tell(draft, "x:1", "一次") == 0


def test_refused_act_tells_nothing(draft, signatory):
    with pytest.raises(workflow.Blocked):
        workflow.fire(draft, "submit", actor=signatory, version=draft.version, promises=[])
    assert told(draft) == []


class TestMail:
    @pytest.fixture
    def reachable(self, draft, preparer):
        preparer.email = "zhoumin@example.cn"
        preparer.save()
        return preparer

    def test_mail_says_what_and_where_and_nothing_else(self, draft, reachable, run_jobs, settings):
        settings.SITE_URL = "https://declare.example.cn"
        made.submit(draft)
        run_jobs()
        (one,) = mail.outbox
        assert one.to == ["zhoumin@example.cn"]
        assert one.subject == "2024年度卓越级智能工厂：第 1 版已提交"
        assert f"https://declare.example.cn/declarations/{draft.public_id}/" in one.body
        assert made.FACTORY["project_name"] not in one.body

    def test_nobody_gets_it_twice(self, draft, reachable):
        notices.tell(draft, "x:1", "一次")
        job = Job.objects.get(kind=notices.MAIL)

        class Run:
            params = job.params

        notices.send(Run())
        notices.send(Run())
        assert len(mail.outbox) == 1

    def test_without_an_address_there_is_no_job(self, draft):
        notices.tell(draft, "x:1", "一次")
        assert not Job.objects.filter(kind=notices.MAIL).exists()


class TestReminders:
    @pytest.fixture
    def ends(self, draft):
        at = timezone.make_aware(datetime.datetime(2099, 11, 22, 23, 59, 59))
        made.extend_deadline(draft, at)
        return at

    @pytest.mark.parametrize(
        ("before", "words"),
        [(8, []), (7, ["还有 7 天截止"]), (5, []), (3, ["还有 3 天截止"]), (1, ["还有 1 天截止"]), (0, []), (-1, [])],
    )
    def test_seven_three_one(self, draft, ends, before, words):
        notices.remind(ends - before * DAY - datetime.timedelta(hours=9))
        assert told(draft) == words

    def test_asked_every_hour_told_once(self, draft, ends):
        for hour in range(24):
            notices.remind(ends - 3 * DAY - datetime.timedelta(hours=hour))
        assert told(draft) == ["还有 3 天截止"]

    def test_new_deadline_is_a_new_reminder(self, draft, ends):
        notices.remind(ends - 3 * DAY)
        made.extend_deadline(draft, ends + 7 * DAY)
        notices.remind(ends + 4 * DAY)
        assert Notice.objects.filter(declaration=draft, title="还有 3 天截止").count() == 2 * len(notices.people(draft))

    def test_what_was_submitted_needs_no_reminder(self, draft, ends):
        made.submit(draft)
        assert notices.remind(ends - 3 * DAY) == 0


class TestPages:
    def test_messages_are_the_persons_own(self, policy, client_for):
        declaration, other = made.make_declaration(status="returned"), made.make_declaration(status="qualified")
        client = client_for(made.people_of(declaration)[0])
        page = client.get("/declarations/messages/").content.decode()
        assert "退回改正，有 1 处要改" in page
        assert other.public_id not in page
        assert "条没看过" in page

    def test_read_means_read(self, policy, client_for):
        declaration = made.make_declaration(status="in_review")
        client = client_for(made.people_of(declaration)[0])
        assert "2 条没看过" in client.get("/declarations/").content.decode()
        assert client.post("/declarations/messages/").url == "/declarations/messages/"
        assert "没看过" not in client.get("/declarations/").content.decode()
        assert Notice.objects.exclude(user=made.people_of(declaration)[0]).filter(read_at=None).exists()

    def test_home_says_there_is_news(self, policy, client_for):
        declaration = made.make_declaration(status="in_review")
        page = client_for(made.people_of(declaration)[0]).get("/").content.decode()
        assert 'href="/declarations/messages/"' in page
        assert "新消息" in page

    def test_nobody_has_messages_yet(self, client_for, preparer):
        assert "还没有消息" in client_for(preparer).get("/declarations/messages/").content.decode()

    def test_calendar_file(self, client_for, preparer, address):
        answer = client_for(preparer).get(address("deadlines.ics"))
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")


class TestCalendar:
    def unfolded(self, text):
        return text.replace("\r\n ", "").split("\r\n")

    def test_dates_with_alarms(self, draft):
        lines = self.unfolded(calendar.calendar(draft, timezone.now()))
        assert lines.count("BEGIN:VEVENT") == 2
        assert [one for one in lines if one.startswith("TRIGGER")] == ["TRIGGER:-P7D", "TRIGGER:-P3D", "TRIGGER:-P1D"]
        assert f"SUMMARY:线上申报截止：{draft.title}" in lines
        assert len([one for one in lines if re.fullmatch(r"DTSTART:\d{8}T\d{6}Z", one)]) == 2

    def test_lines_are_short_and_cannot_be_forged(self, draft):
        draft.title = "甲；乙,丙;丁\\戊\nBEGIN:VEVENT" + "长" * 100
        text = calendar.calendar(draft, timezone.now())
        assert max(len(one.encode()) for one in text.split("\r\n")) <= 75
        assert self.unfolded(text).count("BEGIN:VEVENT") == 2
        assert "SUMMARY:线上申报截止：甲；乙\\,丙\\;丁\\\\戊\\nBEGIN:VEVENT" in "".join(self.unfolded(text))

    def test_returned_declaration_has_its_own_date(self, policy):
        from declarations.models import Deadline

        declaration = made.make_declaration(status="returned")
        Deadline.objects.create(
            track=declaration.track,
            authority=declaration.receiver,
            stage="correction",
            at=timezone.now() + DAY,
            clause="x",
            reason="改正",
        )
        assert "改正后重新提交截止" in calendar.calendar(declaration, timezone.now()).replace("\r\n ", "")


def test_history_tells_all_of_it_in_order(policy):
    declaration = made.make_declaration(status="returned")
    signatory = made.people_of(declaration)[1]
    texts = [one.text for one in reversed(history(declaration))]
    assert texts == ["开始填写", "提交第 1 版", "受理", "退回改正 1 处"]
    made.submit(declaration)
    events = history(declaration)
    assert (events[0].text, events[0].by) == ("提交第 2 版，退回的 1 处没有改", signatory.display)
    assert events[0].url.endswith("/revisions/2/")


@pytest.fixture
def corrected(policy):
    """A returned declaration below an authority that sets a date for corrections, two days after the usual one."""

    def make(at, **more):
        declaration = made.make_declaration(status="in_review")
        place = {"track": declaration.track, "authority": declaration.receiver, "clause": "本地通知"} | more
        Deadline.objects.update_or_create(
            track=declaration.track, authority=declaration.receiver, stage="enterprise",
            defaults={"at": at, "clause": "本地通知", "reason": "本地"},
        )  # fmt: skip
        Deadline.objects.create(stage="correction", at=at + 2 * DAY, reason="市局安排", **place)
        return made.advance(declaration, "return_")

    return make


def test_a_return_says_that_and_why_the_deadline_changes(corrected, client_for):
    declaration = corrected(datetime.datetime(2031, 3, 4, 15, 59, tzinfo=datetime.UTC))
    words = (
        "提交的截止时间从2031年3月4日（周二）23:59改为2031年3月6日（周四）23:59，因为退回后按改正的期限："
        "本地通知（市局安排）"
    )
    notice = Notice.objects.filter(declaration=declaration, key__startswith="return_").first()
    assert notice.text == f"只有指出的几处可以改，改完请企业负责人重新提交。{words}。"
    assert history(declaration)[0].text == f"退回改正 1 处。{words}"
    page = client_for(made.people_of(declaration)[0]).get(f"/declarations/{declaration.public_id}/").text
    assert page.count(words) == 2
    assert "改正后重新提交截止" in page


def test_a_return_that_changes_no_deadline_says_nothing_of_it(policy, client_for):
    declaration = made.make_declaration(status="returned")
    assert history(declaration)[0].text == "退回改正 1 处"
    page = client_for(made.people_of(declaration)[0]).get(f"/declarations/{declaration.public_id}/").text
    assert "提交的截止时间" not in page


def test_colleague_who_left_is_told_nothing(draft, preparer):
    gone = make_member(Role.READER, enterprise=draft.enterprise)
    gone.memberships.update(is_active=False)
    assert gone not in notices.people(draft)
