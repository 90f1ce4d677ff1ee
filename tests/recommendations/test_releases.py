"""Papers with full contact details leave the house only with two people's word; everything else is covered."""

import datetime
import io
import json

import pikepdf
import pypdfium2
import pytest
from django.utils import timezone

from declarations import printing
from declarations.team import activity
from recommendations import ranking, releases
from recommendations.models import Release
from smartfactory import jobs, verification
from smartfactory.models import AuditEntry, Job, Role
from smartfactory.workflow import Blocked, NotAllowed, fire
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_authority, make_member

pytestmark = pytest.mark.django_db
WHY = "寄送纸质申报书"


@pytest.fixture
def filed(policy):
    return make_declaration(status="in_review")


@pytest.fixture
def phone(filed):
    return filed.latest_revision.content["sections"]["applicant"]["contact_phone"]


@pytest.fixture
def desk(filed):
    return make.make_desk(filed.receiver.code)


def pdf_text(answer):
    document = pypdfium2.PdfDocument(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return "".join(text.split())


def address(filed, rest=""):
    return f"/reviews/{filed.public_id}/{rest}"


def document(filed, query=""):
    return f"/declarations/{filed.public_id}/revisions/1/declaration.pdf{query}"


def drawn(client, filed, query=""):
    """The document as it is handed out, drawn by the worker if it has to be."""
    answer = client.get(document(filed, query))
    if answer.status_code == 302:
        for job in Job.objects.filter(state="pending"):
            jobs.run(job.pk)
        answer = client.get(document(filed, query))
    assert answer.status_code == 200
    return pdf_text(answer)


def given(filed, desk, why=WHY):
    asked = releases.ask(filed, why, actor=desk.official)
    return fire(asked, "give", actor=desk.sealer, version=asked.version)


def test_an_official_carries_away_a_covered_copy(filed, desk, phone, client_for):
    text = drawn(client_for(desk.official), filed)
    assert phone not in text
    assert f"{phone[:3]}****{phone[-4:]}" in text
    assert "审核查阅件" in text
    assert filed.enterprise.name in text


def test_the_enterprise_gets_its_own_document(filed, phone, client_for):
    own = make_member(Role.PREPARER, enterprise=filed.enterprise)
    text = drawn(client_for(own), filed)
    assert phone in text
    assert "审核查阅件" not in text


def test_the_covered_copy_holds_no_filed_content(filed):
    made = printing.declaration(filed.latest_revision, masked=True)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert not pdf.attachments
    again = printing.declaration(filed.latest_revision, masked=True)
    assert made.pdf == again.pdf


def test_a_covered_copy_verifies_as_ours(filed):
    kept = printing.kept_desk_copy(filed.latest_revision)
    assert printing.kept_desk_copy(filed.latest_revision).digest == kept.digest
    assert verification.check(filed.latest_revision.code).status == "intact"


def test_two_people_and_then_the_whole_document(filed, desk, phone, client_for):
    client, colleague = client_for(desk.official), client_for(desk.sealer)
    assert client.post(address(filed, "release/"), {"for": WHY}).status_code == 302
    assert phone not in drawn(client, filed, "?whole=1")
    home = colleague.get("/").content.decode()
    assert f"{desk.official.display}申请调阅{filed.enterprise.name}申报书" in home
    one = Release.objects.get()
    page = f"/releases/{one.public_id}/"
    assert page in colleague.get(address(filed)).content.decode()
    assert f'href="{page}">同意' not in client.get(address(filed)).content.decode()
    assert WHY in colleague.get(page).content.decode()
    assert "须由同单位另一位同事同意" in client.get(page).content.decode()
    colleague.post(f"{page}act/", {"act": "give", "version": one.version})
    assert "下载完整的申报书 PDF" in client.get(address(filed)).content.decode()
    assert phone in drawn(client, filed, "?whole=1")
    assert phone not in drawn(client, filed), "only who asks for the whole gets it"
    assert phone not in drawn(colleague, filed, "?whole=1"), "leave is for the one who asked"


def test_the_enterprise_learns_who_took_it(filed, desk, client_for):
    given(filed, desk)
    drawn(client_for(desk.official), filed, "?whole=1")
    entry = AuditEntry.objects.get(act="declaration.reveal")
    assert json.loads(entry.body) == {"revision": 1, "name": "declaration.pdf"}
    assert [one.by for one in activity.deeds(filed.enterprise) if one.text == "查看完整联系方式"] == [
        desk.official.display
    ]


def test_nobody_agrees_with_himself(filed, desk):
    asked = releases.ask(filed, WHY, actor=desk.official)
    with pytest.raises(NotAllowed):
        fire(asked, "give", actor=desk.official, version=asked.version)
    assert not releases.permits(desk.official, filed)


def test_a_stranger_neither_asks_nor_agrees(filed, desk):
    stranger = make_member(Role.OFFICIAL, authority=make_authority("990102"))
    with pytest.raises(NotAllowed):
        releases.ask(filed, WHY, actor=stranger)
    asked = releases.ask(filed, WHY, actor=desk.official)
    assert not Release.objects.visible_to(stranger).exists()
    above = make_member(Role.OFFICIAL, authority=make_authority("990000"))
    with pytest.raises(NotAllowed):
        fire(asked, "give", actor=above, version=asked.version)


@pytest.mark.parametrize("end", ["expired", "ended", "moved"])
def test_leave_ends(filed, desk, end):
    one = given(filed, desk)
    assert releases.permits(desk.official, filed)
    if end == "expired":
        Release.objects.filter(pk=one.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    elif end == "ended":
        fire(one, "end", actor=desk.sealer, version=one.version)
    else:
        desk.official.memberships.update(is_active=False)
        del desk.official._scope
    assert not releases.permits(desk.official, filed)


@pytest.mark.parametrize("why", ["", "   ", "要", "\x00\x00\x00\x00"])
def test_a_reason_somebody_can_judge(filed, desk, client_for, why):
    answer = client_for(desk.official).post(address(filed, "release/"), {"for": why})
    assert answer.status_code == 422
    assert "还没有写明为什么要带走" in answer.content.decode()
    assert not Release.objects.exists()


def test_asking_twice_is_asking_once(filed, desk):
    releases.ask(filed, WHY, actor=desk.official)
    with pytest.raises(Blocked, match="已经申请过"):
        releases.ask(filed, WHY, actor=desk.official)
    assert Release.objects.count() == 1


def test_a_decided_request_is_not_decided_again(filed, desk, client_for):
    one = given(filed, desk)
    other = make.colleague(desk)
    answer = client_for(other).post(f"/releases/{one.public_id}/act/", {"act": "refuse", "version": 0})
    assert answer.status_code == 409
    assert "已经办过" in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "given"


def test_the_whole_package_of_a_list(filed, desk, client_for, run_jobs):
    make.cap_cities()
    listed = make.open_list(desk)
    ranking.add_entry(listed, make.qualified(), actor=desk.official)
    listed = make.sealed(listed, desk)
    run_jobs()
    client, package = client_for(desk.official), f"/lists/{listed.public_id}/package.zip?contacts=all"
    assert client.get(package).status_code == 404
    assert client.post(f"/lists/{listed.public_id}/release/", {"for": "移交档案室"}).status_code == 302
    one = Release.objects.get()
    fire(one, "give", actor=desk.sealer, version=one.version)
    assert "下载完整的封存包" in client.get(f"/lists/{listed.public_id}/").content.decode()
    assert client.get(package).status_code == 200
    assert client_for(desk.sealer).get(package).status_code == 404
