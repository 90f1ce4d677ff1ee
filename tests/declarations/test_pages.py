"""The enterprise's pages over HTTP: the contract of autosave, the late second, the old form, roles, the number of queries."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declarations import content, deadlines, forms
from declarations.models import Declaration, Revision, ScenarioInstance, SectionContent
from declarations.views import submission
from smartfactory.models import AuditEntry, IdempotencyKey, Role
from tests.factories.declarations import advance, extend_deadline, fill, make_declaration, people_of, submit
from tests.factories.organisations import make_enterprise, make_member

pytestmark = pytest.mark.django_db

FETCH = {"X-Requested-With": "fetch"}


def words(response):
    return "".join(response.content.decode().split())


@pytest.fixture
def writer(draft, preparer, client_for):
    return client_for(preparer)


@pytest.fixture
def signer(draft, signatory, client_for):
    return client_for(signatory)


def section(draft, key="factory"):
    return SectionContent.objects.get(declaration=draft, key=key)


# Autosave


def test_saved_is_answered_with_version_and_time(draft, writer, address):
    answer = writer.post(address("factory/autosave/"), {"version": 1, "summary": "新的简介" * 50}, headers=FETCH)
    assert answer.status_code == 200
    body = answer.json()
    assert body["version"] == section(draft).version == 2
    assert timezone.datetime.fromisoformat(body["saved_at"]).tzinfo is not None
    assert section(draft).data["summary"] == "新的简介" * 50


def test_a_broken_rule_is_told_and_the_text_saved_all_the_same(draft, writer, address):
    answer = writer.post(address("factory/autosave/"), {"version": 1, "summary": "长" * 9000}, headers=FETCH)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert {"field", "message", "clause"} <= set(problem)
    assert problem["field"] == "summary"
    assert section(draft).data["summary"] == "长" * 9000


def test_a_stale_version_writes_nothing_and_shows_the_other_text(draft, writer, signer, address):
    signer.post(address("factory/autosave/"), {"version": 1, "summary": "负责人写的"}, headers=FETCH)
    answer = writer.post(address("factory/autosave/"), {"version": 1, "summary": "经办人写的"}, headers=FETCH)
    assert answer.status_code == 409
    body = answer.json()
    assert body["version"] == 2
    assert set(body["fields"]) == {"summary"}
    assert {"theirs", "at", "by"} <= set(body["fields"]["summary"])
    assert body["fields"]["summary"]["theirs"] == section(draft).data["summary"] == "负责人写的"


def test_a_session_that_ended_is_told_where_to_sign_in(draft, client, address):
    answer = client.post(address("factory/autosave/"), {"version": 1, "summary": "写了一半"}, headers=FETCH)
    assert (answer.status_code, answer.json()) == (401, {"login": "/login/"})
    assert section(draft).version == 1


def test_once_submitted_nothing_is_saved_and_the_page_keeps_the_text(draft, writer, address):
    submit(draft)
    answer = writer.post(address("factory/autosave/"), {"version": 1, "summary": "太晚了"}, headers=FETCH)
    assert answer.status_code == 409
    body = answer.json()
    assert body["closed"]
    assert "没有保存" in body["message"]
    assert section(draft).data["summary"] != "太晚了"


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "99", "9" * 30, "１"])
def test_odd_versions_are_stale(draft, writer, address, version):
    answer = writer.post(address("factory/autosave/"), {"version": version, "summary": "新"}, headers=FETCH)
    assert answer.status_code == 409
    assert section(draft).version == 1


def test_an_unknown_part_does_not_exist(writer, address):
    assert writer.post(address("nothing/autosave/"), {"version": 1}, headers=FETCH).status_code == 404


def test_autosave_of_an_instance(draft, writer, address):
    row = ScenarioInstance.objects.get(declaration=draft, position=2)
    sent = {"uid": row.uid, "version": row.version, "name": "改过的名称"}
    assert writer.post(address("scenarios/2/autosave/"), sent, headers=FETCH).status_code in (200, 422)
    assert ScenarioInstance.objects.get(pk=row.pk).data["name"] == "改过的名称"
    assert writer.post(address("scenarios/2/autosave/"), sent | {"name": "又改"}, headers=FETCH).status_code == 409
    row.delete()
    answer = writer.post(address("scenarios/2/autosave/"), sent, headers=FETCH)
    assert (answer.status_code, answer.json()["closed"]) == (409, True)


@pytest.mark.parametrize("who", ["reader", "official", "other enterprise"])
def test_nobody_else_writes(draft, official, address, client_for, who):
    people = {
        "reader": lambda: make_member(Role.READER, enterprise=draft.enterprise),
        "official": lambda: official,
        "other enterprise": lambda: make_member(Role.PREPARER, enterprise=make_enterprise()),
    }
    client = client_for(people[who]())
    for rest in ("factory/autosave/", "scenarios/1/autosave/", "factory/", "scenarios/1/", "scenarios/add/"):
        assert client.post(address(rest), {"version": 1, "summary": "x"}, headers=FETCH).status_code == 404
    assert section(draft).version == 1


# The plain form


def test_a_plain_form_saves_what_was_changed_only(draft, writer, address):
    page = writer.get(address("factory/"))
    base = page.context["form"].base
    assert json.loads(base)["summary"] == forms.mark(section(draft).data["summary"])
    sent = {"version": 1, "base": base, "summary": "普通表单写的", "project_name": section(draft).data["project_name"]}
    assert writer.post(address("factory/"), sent).status_code == 302
    row = section(draft)
    assert row.data["summary"] == "普通表单写的"
    assert set(row.changed) == {"summary"}


def test_other_fields_changed_by_others_do_not_stop_a_plain_form(draft, writer, signer, address):
    base = writer.get(address("factory/")).context["form"].base
    signer.post(address("factory/autosave/"), {"version": 1, "project_name": "负责人写的"}, headers=FETCH)
    assert writer.post(address("factory/"), {"version": 1, "base": base, "summary": "经办人写的"}).status_code == 302
    data = section(draft).data
    assert (data["summary"], data["project_name"]) == ("经办人写的", "负责人写的")


def test_an_old_form_sent_after_submitting_shows_everything_typed(draft, writer, address):
    """The one who kept a page open over the submission loses no word, and changes none either."""
    base = writer.get(address("factory/")).context["form"].base
    filed = submit(draft)
    before = section(draft).data
    page = writer.post(address("factory/"), {"version": 1, "base": base, "summary": "写了一下午的一大段"})
    assert page.status_code == 409
    assert "写了一下午的一大段" in page.content.decode()
    assert section(draft).data == before
    assert filed.latest_revision.content["sections"]["factory"]["summary"] == before["summary"]


def test_an_old_instance_form_after_the_instance_was_removed(draft, writer, address):
    row = ScenarioInstance.objects.get(declaration=draft, position=1)
    row.delete()
    page = writer.post(address("scenarios/1/"), {"uid": row.uid, "version": 1, "base": "{}", "name": "写好的名称"})
    assert page.status_code == 409
    assert "写好的名称" in page.content.decode()


@pytest.mark.parametrize("rest", ["check/", "submit/", "factory/", "scenarios/1/"])
def test_closed_pages_lead_to_what_was_filed(draft, writer, address, rest):
    submit(draft)
    assert writer.get(address(rest))["Location"] == address("revisions/1/")


# The deadline, to the second


@pytest.fixture
def filing(draft, signer, address, monkeypatch):
    """Return a function that submits over HTTP at a moment before or after the deadline."""
    ends = timezone.localtime().replace(microsecond=0) + timedelta(minutes=10)
    extend_deadline(draft, ends)

    def at(seconds, **more):
        moment = ends + timedelta(seconds=seconds)
        monkeypatch.setattr(deadlines, "server_time", lambda: moment)
        promises = [one.key for one in content.describe(draft.track).promises]
        sent = {"version": draft.version, "promise": promises, "idempotency_key": f"key{seconds}"}
        return signer.post(address("submit/"), sent | more)

    at.ends = ends
    return at


@pytest.mark.parametrize("seconds", [-1, 0, 0.999])
def test_the_last_second_counts(filing, draft, seconds):
    assert filing(seconds).status_code == 302
    assert Revision.objects.get(declaration=draft).deadline_at == filing.ends


@pytest.mark.parametrize("seconds", [1, 60, 86400])
def test_one_second_late_is_refused_with_both_times(filing, draft, seconds):
    page = filing(seconds)
    assert page.status_code == 422
    text = page.content.decode()
    received = timezone.localtime(filing.ends + timedelta(seconds=seconds))
    assert f"系统收到的时间是 {received:%Y-%m-%d %H:%M:%S}" in text
    assert f"截止时间是 {timezone.localtime(filing.ends):%Y-%m-%d %H:%M:%S}" in text
    assert "填写的内容都在" in text
    assert not Revision.objects.filter(declaration=draft).exists()
    assert Declaration.objects.get(pk=draft.pk).status == "draft"


def test_the_stamp_is_when_the_request_came_not_when_it_was_done(filing, draft, monkeypatch):
    """A minute in the queue of the database costs nobody the deadline."""
    taken = []
    slow = submission.services.submit

    def later(*args, **given):
        taken.append(given["received_at"])
        monkeypatch.setattr(deadlines, "server_time", lambda: filing.ends + timedelta(minutes=1))
        return slow(*args, **given)

    monkeypatch.setattr(submission.services, "submit", later)
    assert filing(0).status_code == 302
    assert Revision.objects.get(declaration=draft).received_at == taken[0] == filing.ends


# Submitting


def test_submit_page_is_prepared_once_and_leads_to_the_receipt(draft, signer, address):
    page = signer.get(address("submit/"))
    form = {"version": draft.version, "seen": page.context["seen"], "idempotency_key": page.context["key"]}
    form["promise"] = [one.key for one in content.describe(draft.track).promises]
    first, second = signer.post(address("submit/"), form), signer.post(address("submit/"), form)
    assert first["Location"] == second["Location"] == address("revisions/1/")
    assert (Revision.objects.count(), IdempotencyKey.objects.count()) == (1, 1)
    receipt = words(signer.get(first["Location"]))
    assert Revision.objects.get().code[:4] in receipt


def test_what_was_changed_behind_the_page_is_not_signed(draft, signer, writer, address):
    page = signer.get(address("submit/"))
    writer.post(address("factory/autosave/"), {"version": 1, "summary": "背后改的" * 40}, headers=FETCH)
    form = {"version": draft.version, "seen": page.context["seen"], "idempotency_key": "k"}
    form["promise"] = [one.key for one in content.describe(draft.track).promises]
    refused = signer.post(address("submit/"), form)
    assert refused.status_code == 422
    assert "又有改动" in refused.content.decode()


def test_problems_are_listed_with_the_way_to_mend_them(draft, signer, address):
    row = section(draft)
    SectionContent.objects.filter(pk=row.pk).write(data={**row.data, "summary": ""})
    form = {"version": draft.version, "promise": [one.key for one in content.describe(draft.track).promises]}
    page = signer.post(address("submit/"), form)
    assert page.status_code == 422
    assert address("factory/") in page.content.decode()


def test_the_preparer_is_told_who_may_submit(draft, writer, address):
    page = writer.post(address("submit/"), {"version": draft.version})
    assert page.status_code == 403
    assert "只有企业负责人可以提交" in page.content.decode()
    assert AuditEntry.objects.filter(act="declaration.submit", outcome="refused").count() == 1


def test_withdrawing_before_and_after_taking_up(draft, writer, signer, address):
    filed = submit(draft)
    assert writer.post(address("withdraw/"), {"version": filed.version}).status_code == 302
    assert Declaration.objects.get(pk=draft.pk).status == "draft"
    submit(draft)
    taken = advance(draft, "take_up")
    signer.post(address("withdraw/"), {"version": taken.version})
    assert Declaration.objects.get(pk=draft.pk).status == "in_review"
    assert "受理以后不能撤回" in signer.get(address("revisions/2/")).content.decode()


# Who reads what was filed


def test_the_export_is_byte_for_byte_and_the_enterprises_own(draft, writer, official, address, client_for):
    revision = submit(draft).latest_revision
    assert writer.get(address("revisions/1/declaration.json")).content.decode() == revision.payload
    assert client_for(official).get(address("revisions/1/declaration.json")).status_code == 404


def test_officials_read_masked_and_strangers_nothing(draft, official, address, client_for):
    submit(draft)
    said = Revision.objects.get().content["sections"]["applicant"]
    own, theirs = client_for(people_of(draft)[0]), client_for(official)
    for key in ("contact_phone", "contact_email"):
        assert said[key] in own.get(address("revisions/1/")).content.decode()
        for page in (address("revisions/1/"), f"/reviews/{draft.public_id}/"):
            answer = theirs.get(page)
            assert answer.status_code == 200
            assert said[key] not in answer.content.decode()
            assert f"{said[key][:3]}****{said[key][-4:]}" in answer.content.decode()
    stranger = client_for(make_member(Role.SIGNATORY, enterprise=make_enterprise()))
    for rest in ("", "revisions/1/", "revisions/1/receipt.pdf", "revisions/1/declaration.json", "check/", "factory/"):
        assert stranger.get(address(rest)).status_code == 404


def test_the_form_says_where_contacts_are_shown_and_so_it_is(draft, writer, address):
    note = "本企业的页面和申报书 PDF 上写全。推荐单位的审核页面上，电话和邮箱只显示首尾几位。联系人和手机号另写进推荐汇总表。"
    assert note in writer.get(address("applicant/")).content.decode()
    phone = content.contact(content.payload(draft))[1]
    assert phone in writer.get(address("check/")).content.decode()
    assert phone in content.text_of(content.payload(draft))


def test_comparison_of_two_revisions(draft, official, writer, address):
    submit(draft)
    for name in ("take_up", "return_"):
        advance(draft, name)
    row = section(draft)
    writer.post(
        address("factory/autosave/"), {"version": row.version, "summary": "改正以后的成效。" * 30}, headers=FETCH
    )
    extend_deadline(draft)
    submit(draft)
    page = writer.get(address("revisions/2/diff/1/")).content.decode()
    assert "改正以后的成效" in page
    assert "请写明建设成效数据" in page
    assert writer.get(address("revisions/2/diff/9/")).status_code == 404


# Queries


def many(count):
    """Content of `count` instances for a fresh draft."""
    from tests.factories.declarations import sample_instances

    declaration = make_declaration(filled=False)
    given = sample_instances(content.describe(declaration.track))
    fill(declaration, instances=[{**given[place % len(given)], "name": f"第{place}条产线"} for place in range(count)])
    extend_deadline(declaration)
    return declaration


@pytest.mark.parametrize(
    "rest", ["", "applicant/", "factory/", "scenarios/", "outcomes/", "scenarios/1/", "check/", "submit/"]
)
def test_pages_do_not_ask_more_for_more_instances(policy, client_for, rest):
    found = {}
    for count in (1, 3, 30):
        declaration = many(count)
        client, address = client_for(people_of(declaration)[1]), f"/declarations/{declaration.public_id}/{rest}"
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        found[count] = len(asked)
    assert len(set(found.values())) == 1, found
    assert found[1] < 30


def test_list_of_declarations_does_not_ask_more_for_more(policy, client_for):
    enterprise = make_enterprise()
    person, found = make_member(Role.PREPARER, enterprise=enterprise), {}
    for track in ("2024-excellence", "2025-excellence", "2025-pioneer"):
        make_declaration(enterprise=enterprise, track=track, filled=False)
        client = client_for(person)
        client.get("/declarations/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/declarations/").status_code == 200
        found[track] = len(asked)
    assert len(set(found.values())) == 1, found
