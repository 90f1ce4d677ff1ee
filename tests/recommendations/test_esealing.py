"""The authority's own e-seal: asked for once, believed only when it fits, off and explained while not configured."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations import esealing
from smartfactory import eseal, jobs, verification, workflow
from smartfactory.models import AuditEntry, Job, JobState
from smartfactory.workflow import Blocked, NotAllowed
from tests.support import eseal as fake

pytestmark = pytest.mark.django_db
NAME, SEALED = "summary-sheet.pdf", "summary-sheet.sealed.pdf"


@pytest.fixture
def service(settings, province):
    with fake.running() as running:
        settings.ESEAL_URL, settings.ESEAL_TOKEN = running.url, fake.TOKEN
        settings.ESEAL_SEALS, settings.ESEAL_SECONDS = {province.authority.code: "seal-1"}, 1
        yield running


def asked(one, desk, run_jobs):
    job = esealing.ask(one, NAME, actor=desk.sealer)
    run_jobs()
    return Job.objects.get(pk=job.pk)


def test_sealed_once_kept_and_verified(province, quick, sealed, run_jobs, service, client_for, client):
    run_jobs()
    job = asked(sealed, province, run_jobs)
    assert job.state == JobState.READY
    ((_, token, body),) = service.asked
    assert (token, body["seal_id"], body["file_name"]) == (f"Bearer {fake.TOKEN}", "seal-1", NAME)
    source, kept = (verification.rendered(sealed.seal.issued, name) for name in (NAME, SEALED))
    assert body["sha256"] == source.digest
    with pikepdf.open(io.BytesIO(kept.read())) as document:
        assert document.attachments["seal.dat"].get_file().read_bytes() == b"S1"
    assert asked(sealed, province, run_jobs).pk == job.pk
    assert len(service.asked) == 1, "the same document is not sealed twice"
    got = client_for(province.official).get(f"/lists/{sealed.public_id}/eseal/{NAME}")
    assert b"".join(got) == kept.read()
    page = client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", kept.read())}).content.decode()
    assert "这份文件是原件" in page
    assert "盖了电子签章的推荐汇总表" in page
    acts = list(AuditEntry.objects.filter(act__startswith="eseal.").values_list("act", flat=True))
    assert acts == ["eseal.ask", "eseal.done", "eseal.ask"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("slow", "1 秒没有回答"), ("500", "回答 500"), ("redirect", "回答 302"), ("junk", "读不懂"),
        ("other document", "盖的不是这份文件"), ("bent bytes", "没有传完整"), ("unsealed", "没有盖上印章"),
        ("other pages", "不是同一份文件"), ("no pdf", "不是能打开的 PDF"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_named_and_nothing_is_kept(
    province, quick, sealed, run_jobs, service, client_for, fault, words
):
    run_jobs()
    service.fault = fault
    job = asked(sealed, province, run_jobs)
    for _ in range(3):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, words in job.error) == (JobState.FAILED, True)
    assert verification.rendered(sealed.seal.issued, SEALED) is None
    page = client_for(province.sealer).get(f"/lists/{sealed.public_id}/scans/").content.decode()
    assert words in page
    service.fault = ""
    assert asked(sealed, province, run_jobs).state == JobState.READY
    assert len({key for key, _, _ in service.asked}) == 1, "each attempt names the same act"


def test_a_service_that_is_not_there(province, quick, sealed, run_jobs, service, settings):
    settings.ESEAL_URL = "http://127.0.0.1:9/seal"
    assert "连不上签章服务" in asked(sealed, province, run_jobs).error


def test_off_by_default_and_the_page_says_what_is_missing(province, quick, sealed, client_for):
    page = client_for(province.sealer).get(f"/lists/{sealed.public_id}/scans/").content.decode()
    assert "没有接入电子签章服务" in page
    assert "ESEAL_URL" in page
    assert "申请电子签章<" not in page
    with pytest.raises(Blocked, match="ESEAL_TOKEN"):
        esealing.ask(sealed, NAME, actor=province.sealer)
    with pytest.raises(eseal.SealFailed, match="没有接入"):
        eseal.seal(b"%PDF-", authority=province.authority.code, name=NAME)


def test_an_open_connection_is_refused_on_a_real_installation(settings, service, province):
    settings.LOCAL = False
    assert "https" in eseal.missing(province.authority.code)[0]
    assert "印章编号" in eseal.missing("000000")[-1]


def test_only_who_seals_asks_and_only_for_what_stands(province, quick, sealed, service, client_for):
    with pytest.raises(NotAllowed):
        esealing.ask(sealed, NAME, actor=province.official)
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="理由")
    sealed.refresh_from_db()
    with pytest.raises(Blocked, match="已作废"):
        esealing.ask(sealed, NAME, actor=province.sealer)
    answer = client_for(province.sealer).post(f"/lists/{sealed.public_id}/eseal/summary-sheet.xlsx/")
    assert answer.status_code == 404
