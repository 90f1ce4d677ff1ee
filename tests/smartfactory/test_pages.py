"""Pages of the ground floor: signing in, the way home, help, the audit trail, errors."""

import json

import pytest
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.demo import book
from smartfactory import audit, home, navigation
from smartfactory.models import AuditEntry, LoginFailure, Role
from smartfactory.views import account, errors
from tests.factories.organisations import make_enterprise, make_member, make_tree, make_user

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db):
    user = make_member(
        Role.PREPARER,
        enterprise=make_enterprise(name="澜州精锻科技有限公司"),
        user=make_user("zhoumin", full_name="周敏"),
    )
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def auditor(db):
    return make_member(Role.AUDITOR, authority=make_tree()["ministry"])


def sign_in(client, username="zhoumin", password=PASSWORD, **more):
    return client.post(reverse("login"), {"username": username, "password": password, **more})


def said(response):
    return response.content.decode()


def write_entries(count, actor=None):
    with transaction.atomic():
        for number in range(count):
            audit.record("test.act", actor=actor, obj=f"test.thing:{number}", body={"number": number})


class TestSigningIn:
    def test_the_right_password_leads_home_and_is_recorded(self, client, person):
        response = sign_in(client)
        assert (response.status_code, response["Location"]) == (302, "/")
        entry = AuditEntry.objects.latest("seq")
        assert (entry.act, entry.outcome, entry.actor_label) == ("account.login", "ok", "周敏")

    def test_it_leads_back_to_where_one_was(self, client, person):
        assert sign_in(client, next="/policy/2024/")["Location"] == "/policy/2024/"

    @pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
    def test_it_never_leads_to_another_site(self, client, person, target):
        assert sign_in(client, next=target)["Location"] == "/"

    def test_what_is_missing_is_said_at_the_field(self, client, db):
        page = said(client.post(reverse("login"), {}))
        assert "请填写账号" in page
        assert "请填写密码" in page

    def test_a_wrong_password_says_how_many_tries_are_left(self, client, person, settings):
        settings.LOGIN_FAILURES = 5
        page = said(sign_in(client, password="wrong"))
        assert "账号或密码不对" in page
        assert "再错 4 次" in page
        assert page.count("账号或密码不对") == 1
        assert AuditEntry.objects.latest("seq").outcome == "refused"

    def test_what_was_typed_is_nowhere_in_the_trail(self, client, person):
        sign_in(client, username="my-secret-in-the-wrong-box", password="x")
        assert "my-secret" not in json.dumps(list(AuditEntry.objects.values()), default=str)

    def test_after_five_failures_even_the_right_password_is_refused(self, client, person):
        for _ in range(5):
            sign_in(client, password="wrong")
        page = said(sign_in(client))
        assert "已暂停登录" in page
        assert "之后再试" in page
        assert "_auth_user_id" not in client.session

    def test_the_lock_does_not_tell_which_names_exist(self, client, person):
        for _ in range(5):
            sign_in(client, username="nobody", password="wrong")
        assert "已暂停登录" in said(sign_in(client, username="nobody", password="wrong"))

    def test_case_and_spaces_do_not_go_around_the_lock(self, client, person):
        for name in ("zhoumin", " zhoumin", "ZHOUMIN", "Zhoumin ", "zhoumin"):
            sign_in(client, username=name, password="wrong")
        assert "已暂停登录" in said(sign_in(client))

    def test_the_lock_ends_by_itself(self, client, person, settings):
        settings.LOGIN_LOCK_MINUTES = 0
        for _ in range(5):
            sign_in(client, password="wrong")
        assert sign_in(client).status_code == 302

    def test_success_forgets_earlier_failures(self, client, person):
        for _ in range(4):
            sign_in(client, password="wrong")
        sign_in(client)
        assert not LoginFailure.objects.exists()

    def test_text_that_cannot_be_stored_is_answered_like_any_other(self, client, db):
        response = sign_in(client, username="a\x00b" * 40, password="\x00")
        assert response.status_code == 200

    def test_an_inactive_account_cannot_sign_in(self, client, person):
        person.is_active = False
        person.save()
        assert sign_in(client).status_code == 200

    def test_demo_logins_are_shown_only_in_a_demo(self, client, db, settings):
        make_member(Role.PREPARER, enterprise=make_enterprise(), user=make_user("enterprise", full_name="周敏"))
        settings.DEMO = False
        assert "演示账号" not in said(client.get(reverse("login")))
        settings.DEMO = True
        page = said(client.get(reverse("login")))
        assert "演示账号" in page
        assert "enterprise" in page
        assert "企业" in page.split("演示账号")[1]
        assert "政策管理" not in page

    def test_every_demo_login_stands_in_one_group(self):
        told = [name for group in account.DEMO_LOGINS.values() for name in group]
        assert sorted(told) == sorted(one["username"] for one in book.world()["logins"])

    def test_signing_out_needs_a_post(self, client, person):
        client.force_login(person)
        assert client.get(reverse("logout")).status_code == 405
        response = client.post(reverse("logout"), follow=True)
        assert "已退出" in said(response)
        assert "_auth_user_id" not in client.session


class TestHome:
    def test_a_stranger_is_asked_to_sign_in(self, client, db):
        assert client.get("/")["Location"] == "/login/?next=/"
        assert client.get("/", headers={"X-Requested-With": "fetch"}).status_code == 401

    def test_it_names_the_person_and_the_organisation(self, client_for, person):
        page = said(client_for(person).get("/"))
        assert "周敏" in page
        assert "澜州精锻科技有限公司" in page

    def test_the_most_urgent_task_is_the_one_button(self, client_for, person, monkeypatch):
        monkeypatch.setattr(home, "_providers", [])
        home.register(
            lambda user: [home.Task("后办的", "/b/", "去办", order=9), home.Task("先办的", "/a/", "马上办", order=1)]
        )
        page = said(client_for(person).get("/"))
        assert page.index("先办的") < page.index("后办的")
        assert page.count("btn btn-primary") == 1
        assert 'href="/a/"' in page

    def test_what_is_finished_is_shown_but_not_counted(self, client_for, person, monkeypatch):
        monkeypatch.setattr(home, "_providers", [])
        done = home.Task("办完的", "/c/", "看看", order=60, tone=home.DONE)
        home.register(lambda user: [home.Task("要办的", "/a/", "去办"), home.Task("再办的", "/b/", "去办"), done])
        page = said(client_for(person).get("/"))
        assert "还有 1 件" in page
        assert page.index("再办的") < page.index("最近办完") < page.index("办完的</a>")

    def test_with_nothing_left_the_last_result_is_next(self, client_for, person, monkeypatch):
        monkeypatch.setattr(home, "_providers", [])
        home.register(lambda user: [home.Task("办完的", "/c/", "看看", tone=home.DONE)])
        page = said(client_for(person).get("/"))
        assert "最近办完" not in page
        assert page.count('href="/c/"') >= 1

    @pytest.mark.parametrize(
        ("role", "words"),
        [
            (Role.OFFICIAL, "没有等您办的事"),
            (Role.REVIEWER, "评审材料"),
            (Role.AUDITOR, "审计记录随时可查"),
            (Role.POLICY, "通知与依据"),
        ],
    )
    def test_nothing_to_do_is_said_by_role(self, client_for, db, monkeypatch, role, words):
        monkeypatch.setattr(home, "_providers", [])
        assert words in said(client_for(make_member(role, authority=make_tree()["990000"])).get("/"))

    def test_an_account_without_a_place_is_told_so(self, client_for, db):
        client = client_for(make_user())
        page = said(client.get("/"))
        for words in ("还没有分配单位", "认领企业账号", f'href="{reverse("claim_new")}#mc"', "我提交的认领"):
            assert words in page
        for others in ("办事的先后", "核对整条链"):
            assert others not in page
        assert 'id="mc"' in said(client.get(reverse("claim_new")))

    def test_the_auditor_keeps_the_steps_of_an_audit(self, client_for, db):
        page = said(client_for(make_member(Role.AUDITOR, authority=make_tree()["990000"])).get("/"))
        assert "办事的先后" in page
        assert "核对整条链" in page

    def test_the_login_page_says_how_to_get_an_account(self, client, db):
        assert "由本单位企业负责人邀请；账号被别人占用的，登录后认领" in said(client.get(reverse("login")))


class TestNavigation:
    @pytest.mark.parametrize(
        ("role", "there", "absent"),
        [
            (Role.PREPARER, ["自评", "通知与依据"], ["审核", "审计记录", "材料包"]),
            (Role.AUDITOR, ["审计记录", "通知与依据"], ["自评", "推荐排序"]),
        ],
    )
    def test_each_role_sees_its_own_places(self, rf, db, role, there, absent):
        place = {"enterprise": make_enterprise()} if role == Role.PREPARER else {"authority": make_tree()["990000"]}
        request = rf.get("/")
        request.user = make_member(role, **place)
        labels = [link.label for link in navigation.items(request)]
        assert set(there) <= set(labels)
        assert not set(absent) & set(labels)

    def test_every_place_has_an_address(self):
        for place in navigation.PLACES:
            assert reverse(place.url_name)

    def test_the_present_place_is_marked(self, client_for, person):
        page = said(client_for(person).get(reverse("policy_index")))
        assert f'href="{reverse("policy_index")}" aria-current="page"' in page

    def test_what_waits_is_counted(self, client_for, person, monkeypatch):
        monkeypatch.setattr(navigation, "_counters", {"assessment_list": lambda user: 3})
        assert '3<span class="visually-hidden"> 项待办' in said(client_for(person).get(reverse("help")))


class TestAuditPage:
    def test_only_auditors_find_it(self, client_for, person, auditor):
        assert client_for(person).get(reverse("audit")).status_code == 404
        assert client_for(auditor).get(reverse("audit")).status_code == 200

    def test_entries_are_found_by_word_act_outcome_and_day(self, client_for, auditor):
        write_entries(3)
        audit.refuse("test.refused", actor=None, reason="不是经办人")
        client = client_for(auditor)

        def rows(**query):
            return [entry.act for entry in client.get(reverse("audit"), query).context["page"]]

        assert rows(act="test.act") == ["test.act"] * 3
        assert rows(outcome="refused") == ["test.refused"]
        assert rows(q="test.thing:1") == ["test.act"]
        assert rows(q="不是经办人") == ["test.refused"]
        assert rows(since="2999-01-01") == []
        assert len(rows(since="2000-01-01", until="2999-01-01")) == 4
        assert len(rows(since="2024-13-99", until="nonsense")) == 4

    def test_nothing_found_says_what_to_do(self, client_for, auditor):
        assert "放宽条件再找" in said(client_for(auditor).get(reverse("audit"), {"q": "没有这样的字"}))

    def test_the_chain_is_checked_on_request(self, client_for, auditor):
        write_entries(3)
        assert "整条链完好" in said(client_for(auditor).get(reverse("audit"), {"check": "1"}))

    def test_a_finding_is_shown(self, client_for, auditor, monkeypatch):
        write_entries(1)
        monkeypatch.setattr(audit, "verify", lambda: [audit.Finding(2, "第 2 条审计记录的内容被改动")])
        page = said(client_for(auditor).get(reverse("audit"), {"check": "1"}))
        assert "有 1 处对不上" in page
        assert "第 2 条审计记录的内容被改动" in page

    def test_pages_keep_the_search(self, client_for, auditor):
        write_entries(60)
        page = said(client_for(auditor).get(reverse("audit"), {"act": "test"}))
        assert "第 1 页，共 2 页（60 条）" in page
        assert "?act=test&amp;page=2" in page

    @pytest.mark.parametrize("page", ["0", "-1", "999", "x", "1" * 30])
    def test_any_page_number_is_answered(self, client_for, auditor, page):
        write_entries(2)
        assert client_for(auditor).get(reverse("audit"), {"page": page}).status_code == 200

    def test_the_number_of_queries_does_not_grow(self, client_for, auditor):
        client = client_for(auditor)
        client.get(reverse("audit"))
        counts = []
        for more in (1, 2, 27):
            write_entries(more)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("audit"))
            counts.append(len(queries))
        assert counts[0] == counts[1] == counts[2] <= 12


class TestHelpAndErrors:
    def test_help_walks_every_role_and_states_the_settings(self, client, settings):
        settings.SESSION_IDLE_MINUTES = 47
        page = said(client.get(reverse("help")))
        for words in ("企业", "推荐单位", "评审专家", "审计员", "47 分钟", "没有规定任何数值门槛"):
            assert words in page

    @pytest.mark.parametrize(
        ("view", "status", "words"),
        [
            (errors.not_found, 404, "没有这一页"),
            (errors.forbidden, 403, "这一步不由您办理"),
            (errors.bad_request, 400, "这次请求看不懂"),
            (errors.csrf_failure, 403, "这一页放得太久"),
        ],
    )
    def test_error_pages_say_what_to_do(self, rf, view, status, words):
        from django.contrib.auth.models import AnonymousUser
        from django.contrib.messages.storage.fallback import FallbackStorage

        request = rf.get("/x/")
        request.user, request.session = AnonymousUser(), {}
        request._messages = FallbackStorage(request)
        response = view(request)
        assert response.status_code == status
        assert words in said(response)
        assert "回首页" in said(response)

    def test_scripts_get_the_words_without_the_page(self):
        response = errors.not_found(RequestFactory().get("/x/", headers={"X-Requested-With": "fetch"}))
        assert json.loads(response.content) == {"message": "没有这一页"}

    def test_the_page_for_our_own_faults_needs_no_database(self, rf):
        response = errors.server_error(rf.get("/x/"))
        assert response.status_code == 500
        assert "这一步没有办成" in said(response)
        assert render_to_string("smartfactory/error_500.html")

    def test_a_page_that_does_not_exist(self, client, db):
        response = client.get("/nowhere/")
        assert response.status_code == 404
        assert "没有这一页" in said(response)
