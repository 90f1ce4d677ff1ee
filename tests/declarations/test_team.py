"""The people of an enterprise: joining by a link, roles, handing over, leaving, claiming, dividing the work."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from declarations import services
from declarations.models import Assignment, Claim, Invitation, Notice
from declarations.team import claims, invitations, members, work
from declarations.team.members import TeamError
from smartfactory import presence, workflow
from smartfactory.files import BadFile
from smartfactory.models import AuditEntry, Enterprise, Membership, Presence, Role, User
from smartfactory.workflow import Blocked, NotAllowed
from tests.factories.declarations import PDF
from tests.factories.organisations import make_enterprise, make_member, make_user

UNKNOWN = "91990101999999999X"


@pytest.fixture
def enterprise(draft):
    return draft.enterprise


@pytest.fixture
def page(enterprise):
    return reverse("team", args=[enterprise.public_id])


def roles_of(enterprise, user):
    rows = Membership.objects.filter(enterprise=enterprise, user=user, is_active=True)
    return sorted(rows.values_list("role", flat=True))


def acts():
    return list(AuditEntry.objects.order_by("-seq").values_list("act", flat=True))


# Inviting


def test_a_link_is_shown_once_and_works_once(enterprise, page, signatory, client_for):
    answer = client_for(signatory).post(page, {"act": "invite", "name": "周敏", "role": "preparer"})
    link = answer.context["link"]
    code = link.rstrip("/").rpartition("/")[2]
    assert code in answer.content.decode()
    assert code not in client_for(signatory).get(page).content.decode()
    assert not Invitation.objects.filter(code_digest=code).exists()
    newcomer = make_user()
    client = client_for(newcomer)
    assert enterprise.name in client.get(link).content.decode()
    assert client.post(link).status_code == 302
    assert roles_of(enterprise, newcomer) == ["preparer"]
    assert client_for(make_user()).post(link).status_code == 404
    assert {"team.invite", "team.join"} <= set(acts())


def test_who_has_no_account_makes_one_with_the_link(enterprise, signatory, client):
    _, code = invitations.invite(enterprise, role="reader", name="新人", actor=signatory)
    address = reverse("team_join", args=[code])
    given = {"full_name": "顾新", "username": "gu.xin", "password": "short"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert not User.objects.filter(username="gu.xin").exists()
    assert client.post(address, given | {"password": "Mirror-lake-4410"}).status_code == 302
    person = User.objects.get(username="gu.xin")
    assert roles_of(enterprise, person) == ["reader"]
    assert client.get(reverse("declaration_list")).status_code == 200
    assert "account.create" in acts()


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_an_ended_link_admits_nobody(enterprise, signatory, client_for, how):
    row, code = invitations.invite(enterprise, role="preparer", name="周敏", actor=signatory)
    if how == "expired":
        Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        invitations.revoke(enterprise, row.public_id, actor=signatory)
    newcomer = make_user()
    assert client_for(newcomer).get(reverse("team_join", args=[code])).status_code == 404
    with pytest.raises(TeamError):
        invitations.accept(code, newcomer)
    assert roles_of(enterprise, newcomer) == []


def test_only_who_signs_manages(enterprise, page, preparer, signatory, client_for):
    answer = client_for(preparer).post(page, {"act": "invite", "name": "周敏", "role": "signatory"})
    assert answer.status_code == 403
    assert not Invitation.objects.exists()
    given = {"act": "role", "member": preparer.pk, "seen": "preparer", "role": "signatory"}
    assert client_for(preparer).post(page, given).status_code == 403
    assert roles_of(enterprise, preparer) == ["preparer"]


# Roles


def test_change_role_hand_over_and_leave(enterprise, page, preparer, signatory, client_for):
    reader = make_member(Role.READER, enterprise=enterprise)
    client = client_for(signatory)
    given = {"act": "role", "member": reader.pk, "seen": "reader", "role": "preparer"}
    assert client.post(page, given).status_code == 302
    assert roles_of(enterprise, reader) == ["preparer"]
    assert client.post(page, given).status_code == 409  # the role is no longer the one that was seen
    assert client.post(page, {"act": "hand_over", "member": preparer.pk, "seen": "preparer"}).status_code == 302
    assert (roles_of(enterprise, preparer), roles_of(enterprise, signatory)) == (["signatory"], ["preparer"])
    answer = client.post(page, {"act": "leave", "seen": "preparer"})
    assert answer.url == reverse("home")
    assert roles_of(enterprise, signatory) == []
    assert client.get(page).status_code == 404
    assert acts()[:3] == ["team.leave", "team.hand_over", "team.role"]


def test_somebody_who_signs_always_remains(enterprise, page, signatory, preparer, client_for):
    client = client_for(signatory)
    answer = client.post(page, {"act": "leave", "seen": "signatory"})
    assert answer.status_code == 409
    assert "只剩一位企业负责人" in answer.content.decode()
    given = {"act": "role", "member": signatory.pk, "seen": "signatory", "role": "reader"}
    assert client.post(page, given).status_code == 409
    assert roles_of(enterprise, signatory) == ["signatory"]
    second = make_member(Role.SIGNATORY, enterprise=enterprise)
    members.end(enterprise, signatory.pk, seen="signatory", actor=second)
    with pytest.raises(TeamError):
        members.end(enterprise, second.pk, seen="signatory", actor=second)


def test_foreign_enterprise_does_not_exist(page, client_for):
    stranger = make_member(Role.SIGNATORY, enterprise=make_enterprise())
    assert client_for(stranger).get(page).status_code == 404
    assert client_for(stranger).post(page, {"act": "leave", "seen": "signatory"}).status_code == 404


# Claiming


@pytest.fixture
def filed_claim(enterprise, client_for):
    claimant = make_user()
    given = {"credit_code": enterprise.credit_code, "reason": "新任厂长", "proof": SimpleUploadedFile("照.pdf", PDF)}
    assert client_for(claimant).post(reverse("claim_new"), given).status_code == 302
    return Claim.objects.get(claimant=claimant)


def test_an_official_admits_the_claimant(filed_claim, enterprise, official, signatory, client_for):
    address = reverse("claim_detail", args=[filed_claim.public_id])
    client = client_for(official)
    assert "账号认领" in client.get(reverse("home")).content.decode()
    assert client.get(reverse("claim_proof", args=[filed_claim.public_id])).status_code == 200
    given = {"act": "accept", "version": filed_claim.version, "replace": "1"}
    assert client.post(address, given).status_code == 302
    assert roles_of(enterprise, filed_claim.claimant) == ["signatory"]
    assert roles_of(enterprise, signatory) == []
    assert acts()[:2] == ["claim.accept", "claim.proof"]


def test_those_who_sign_learn_of_a_claim_on_the_page_and_by_mail(
    enterprise, signatory, preparer, client_for, run_jobs, mailoutbox
):
    User.objects.filter(pk=signatory.pk).update(email="signatory@example.cn")
    made = claims.claim(
        enterprise.credit_code, claimant=make_user(), reason="新任厂长", upload=io.BytesIO(PDF), name="照.pdf"
    )
    page = client_for(signatory).get(reverse("declaration_messages")).text
    assert "有人要认领本单位的账号" in page
    assert made.claimant.display in page
    assert reverse("team", args=[enterprise.public_id]) in page
    assert "有人要认领本单位的账号" in client_for(signatory).get(reverse("home")).text
    assert not Notice.objects.filter(user=preparer).exists()
    run_jobs()
    assert [one.to for one in mailoutbox] == [["signatory@example.cn"]]
    assert reverse("team", args=[enterprise.public_id]) in mailoutbox[0].body


def test_they_learn_how_it_ended(filed_claim, signatory, official):
    workflow.fire(filed_claim, "refuse", actor=official, version=1, note="缺授权书")
    titles = list(Notice.objects.filter(user=signatory).values_list("title", flat=True))
    assert titles == ["认领没有同意"]


def test_a_proof_nobody_can_read_is_refused(enterprise):
    tiny = io.BytesIO()
    Image.new("RGB", (200, 900)).save(tiny, "PNG")
    with pytest.raises(BadFile, match="每边至少 300 像素"):
        claims.claim(enterprise.credit_code, claimant=make_user(), reason="新任", upload=tiny, name="照.png")


def test_refusing_needs_a_reason(filed_claim, enterprise, official):
    with pytest.raises(Blocked):
        workflow.fire(filed_claim, "refuse", actor=official, version=1)
    assert workflow.fire(filed_claim, "refuse", actor=official, version=1, note="缺授权书").status == "refused"
    assert roles_of(enterprise, filed_claim.claimant) == []


def test_members_and_strangers_do_not_decide(filed_claim, signatory, preparer):
    for person in (signatory, preparer, filed_claim.claimant):
        with pytest.raises(NotAllowed):
            workflow.fire(filed_claim, "accept", actor=person, version=1)


def test_an_unknown_code_is_answered_like_a_known_one(enterprise, client_for):
    pages = []
    for code in (enterprise.credit_code, UNKNOWN):
        client = client_for(make_user())
        given = {"credit_code": code, "reason": "新任厂长", "proof": SimpleUploadedFile("照.pdf", PDF)}
        answer = client.post(reverse("claim_new"), given, follow=True)
        pages.append([str(one) for one in answer.context["messages"]])
        listed = answer.content.decode().split("我提交的认领")[1].split("</section>")[0]
        pages[-1] += [listed.replace(code, "").split("提交</span>")[1]]
    assert pages[0] == pages[1]
    assert "等待核实" in pages[1][1]
    assert "企业建档后转给受理单位" in pages[1][1]
    assert Claim.objects.get(enterprise=None).credit_code == UNKNOWN


def filed(client, code, **more):
    given = {"credit_code": code, "reason": "新任厂长", "proof": SimpleUploadedFile("照.pdf", PDF), **more}
    return client.post(reverse("claim_new"), given, follow=True)


def test_a_claim_waits_until_its_enterprise_is_known(enterprise, official, client_for, signatory):
    claimant = make_user()
    filed(client_for(claimant), f" {UNKNOWN.lower()} ")
    assert UNKNOWN not in client_for(official).get(reverse("claim_list")).content.decode()
    assert claims.match() == 0
    Enterprise.objects.filter(pk=enterprise.pk).update(credit_code=UNKNOWN)
    assert (claims.match(), claims.match()) == (1, 0)
    assert acts()[0] == "claim.match"
    one = Claim.objects.get()
    assert one.enterprise == enterprise
    assert reverse("claim_detail", args=[one.public_id]) in client_for(official).get(reverse("claim_list")).text
    assert "有人要认领本单位的账号" in client_for(signatory).get(reverse("declaration_messages")).text
    workflow.fire(one, "refuse", actor=official, version=one.version, note="缺授权书")
    page = client_for(claimant).get(reverse("claim_new")).text
    assert "没有同意" in page
    assert "原因：缺授权书。补齐材料后可以再提交一次" in page


def test_the_same_claim_twice_and_too_many_are_told(enterprise, client_for):
    client = client_for(make_user())
    filed(client, UNKNOWN)
    assert "您已经提交过这家企业的认领" in filed(client, UNKNOWN).text
    for place in range(claims.MOST - 1):
        filed(client, f"9199010199999{place}{'0' * 4}")
    assert f"您已有 {claims.MOST} 件认领等待核实" in filed(client, enterprise.credit_code).text
    assert Claim.objects.count() == claims.MOST


def test_more_claims_of_one_enterprise_than_officials_look_at_wait(enterprise, client_for):
    people = [make_user() for _ in range(claims.MOST + 1)]
    for one in people:
        filed(client_for(one), enterprise.credit_code)
    assert Claim.objects.filter(enterprise=None).get().claimant == people[-1]
    assert "等待核实" in client_for(people[-1]).get(reverse("claim_new")).text


@pytest.mark.django_db
def test_what_is_no_code_is_refused_and_stays(policy, client_for):
    page = filed(client_for(make_user()), "123")
    assert page.status_code == 422
    assert "应为 18 位，现在是 3 位" in page.text
    assert 'value="123"' in page.text


def test_bad_proof_is_refused_in_words(enterprise):
    upload, claimant = io.BytesIO(b"not a pdf"), make_user()
    with pytest.raises(BadFile):
        claims.claim(enterprise.credit_code, claimant=claimant, reason="新任", upload=upload, name="a.pdf")


# Work


def test_a_part_is_given_to_a_colleague(draft, address, preparer, signatory, client_for):
    client = client_for(signatory)
    assert client.post(address("assign/"), {"part": "factory", "user": preparer.pk, "version": 1}).status_code == 302
    assert f"由{preparer.display}负责" in client.get(address()).content.decode()
    client.post(address("assign/"), {"part": "factory", "user": "", "version": 1})  # stale
    assert Assignment.objects.get(key="factory").user == preparer
    with pytest.raises(TeamError):
        work.assign(draft, "factory", make_user().pk, version=2, actor=signatory)
    members.end(draft.enterprise, preparer.pk, seen="preparer", actor=signatory)
    assert Assignment.objects.get(key="factory").user is None


def test_colleagues_at_work_are_named_until_they_fall_silent(draft, address, preparer, signatory, client_for):
    assert client_for(preparer).post(address("factory/presence/")).status_code == 200
    mine = client_for(signatory)
    answer = mine.post(address("factory/presence/")).content.decode()
    assert f"这一部分正由{preparer.display}填写" in answer
    assert signatory.display not in answer
    assert f"第二部分正由{preparer.display}填写" in mine.get(address()).content.decode()
    Presence.objects.filter(user=preparer).update(seen_at=timezone.now() - presence.FRESH)
    assert preparer.display not in mine.post(address("factory/presence/")).content.decode()


def test_activity_by_person(draft, enterprise, address, preparer, signatory, client_for):
    services.save_section(draft, "factory", {"summary": "新的概述"}, version=1, actor=preparer)
    invitations.invite(enterprise, role="reader", name="新人", actor=signatory)
    where = reverse("team_activity", args=[enterprise.public_id])
    everyone = client_for(signatory).get(where).content.decode()
    assert "改了第二部分的" in everyone
    assert "邀请成员" in everyone
    alone = client_for(signatory).get(where, {"by": preparer.display}).content.decode()
    assert "改了第二部分的" in alone
    assert "邀请成员" not in alone


def test_pages_cost_a_fixed_number_of_queries(enterprise, page, signatory, client_for, django_assert_max_num_queries):
    client = client_for(signatory)
    for number in range(4):
        make_member(Role.PREPARER, enterprise=enterprise)
        invitations.invite(enterprise, role="reader", name=f"新人{number}", actor=signatory)
    with django_assert_max_num_queries(9):
        client.get(page)
