"""Taking scans of stamped paper in, having them read, and keeping what was found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recommendations import exports, sealing
from recommendations.models import ListStatus, RecommendationList, ScanFile, Seal, StampedScan
from recommendations.scans import matching
from smartfactory import audit, documents, files, jobs, verification
from smartfactory.access import scope
from smartfactory.files import BadFile
from smartfactory.models import IssuedDocument, Role, StoredFile
from smartfactory.problems import Problem
from smartfactory.scanning import reading
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from smartfactory.jobs import JobRun, Result
    from smartfactory.models import User

JOB = "stamped_scan"
ALLOWED = ["pdf", "jpeg", "png"]
KINDS = {"summary-sheet.pdf": "sheet", "cover-letter.pdf": "letter"}
REPORT = "盖章扫描件核对记录.pdf"
PDF = "application/pdf"


def may_upload(user: User, one: RecommendationList) -> bool:
    """The people of the desk whose stamp it is."""
    return one.authority_id in scope(user).authority_ids(Role.OFFICIAL, Role.SEALER)


def upload(one: RecommendationList, sent: Iterable[UploadedFile], *, actor: User) -> StampedScan:
    """Keep what was handed in and have it read. Raises BadFile or Blocked in words, NotAllowed for strangers."""
    if not may_upload(actor, one):
        raise NotAllowed("stamped scan")
    if one.status != ListStatus.SEALED:
        raise Blocked([Problem("名单没有封存，或已作废。封存后才有可以核对的文书")])
    kept = [(clean(file.name)[-120:], *_accepted(file)) for file in _within_limits(list(sent))]
    pages = sum(count for _, _, count in kept)
    if pages > settings.SCAN_MOST_PAGES:
        raise BadFile(f"一共 {pages} 页，一次最多 {settings.SCAN_MOST_PAGES} 页。请分几次上传")
    with transaction.atomic():
        scan = StampedScan.objects.create(list=one, pages=pages, created_by=actor)
        for place, (name, stored, count) in enumerate(kept, 1):
            ScanFile.objects.create(scan=scan, place=place, name=name, file=stored, pages=count)
        scan.job = jobs.enqueue(JOB, f"scan:{scan.pk}", {"scan": scan.pk}, by=actor)
        scan.save(update_fields=["job"])
        digests = [stored.digest for _, stored, _ in kept]
        audit.record(
            "scan.upload", actor=actor, obj=scan, body={"list": one.public_id, "pages": pages, "sha256": digests}
        )
    return scan


def _within_limits(sent: list[UploadedFile]) -> list[UploadedFile]:
    if not sent:
        raise BadFile("还没有选择文件。请选择扫描成的 PDF，或几张 JPG、PNG 图片")
    size = sum(file.size for file in sent)
    if len(sent) > settings.SCAN_MOST_PAGES or size > settings.SCAN_MOST_BYTES:
        most = f"最多 {settings.SCAN_MOST_PAGES} 个文件、{settings.SCAN_MOST_BYTES >> 20} MB"
        raise BadFile(f"选了 {len(sent)} 个文件，共 {size / 1048576:.1f} MB；一次{most}。请分几次上传")
    return sent


def _accepted(file: UploadedFile) -> tuple[StoredFile, int]:
    try:
        found = files.inspect(file.file, file.name or "", ALLOWED, settings.SCAN_MOST_BYTES)
    except BadFile as error:
        raise BadFile(f"{clean(file.name or '文件')}：{error}") from None
    return files.put(file.file, found.mime), found.pages or 1


def check(scan: StampedScan, run: JobRun) -> Result:
    """Read every page, match it, keep what was found; a second run finds the same."""
    seal = scan.list.seal
    issued = {kind: _issued(seal, name) for name, kind in KINDS.items() if name in sealing.documents_of(seal)}
    known = {f"{seal.code}/{kind}": stored.path for kind, stored in issued.items()}
    sources = [_source(one) for one in scan.files.filter(place__gt=0).select_related("file")]
    run.progress(0, scan.pages + 1, "读页码")
    read = reading.read(sources, known, lambda done, total: run.progress(done, total + 1, f"第 {done} 页读完"))
    totals = {kind: documents.page_count(stored.path) for kind, stored in issued.items()}
    found = matching.findings(read, matching.Expected(seal.code, totals, _withdrawn(scan.list), _title))
    _keep(scan, found, read)
    return _report(scan), REPORT, PDF


def _issued(seal: Seal, name: str) -> StoredFile:
    kept = verification.rendered(seal.issued, name)
    return kept or verification.attach(seal.issued, name, exports.DRAWERS[name][0](seal), PDF).file


def _source(one: ScanFile) -> reading.Source:
    kind = next(kind for kind, mime in files.MIMES.items() if mime == one.file.mime)
    return reading.Source(one.file.path, kind, one.pages)


def _withdrawn(one: RecommendationList) -> frozenset[str]:
    """The codes of the lists this one replaces, back to the first."""
    codes = []
    while one.replaces_id:
        one = RecommendationList.objects.select_related("seal").get(pk=one.replaces_id)
        codes.append(one.seal.code)
    return frozenset(codes)


def _title(code: str) -> str:
    issued = IssuedDocument.objects.filter(code=code).first()
    return f"{issued.issuer}《{issued.title}》" if issued else ""


def _keep(scan: StampedScan, found: dict[str, Any], read: list[reading.PageRead]) -> None:
    pictures = {place: files.put(one.picture, "image/jpeg") for place, one in enumerate(read, 1) if one.picture}
    with transaction.atomic():
        StampedScan.objects.filter(pk=scan.pk).update(
            findings=found, verdict=found["verdict"], checked_at=timezone.now()
        )
        for page, stored in pictures.items():
            ScanFile.objects.update_or_create(
                scan=scan, place=0, page=page, defaults={"file": stored, "name": f"第{page}页-标出不同.jpg"}
            )
        body = {"verdict": found["verdict"], "pages": len(read), "problems": len(found["problems"])}
        audit.record("scan.check", actor=scan.created_by, obj=scan, body=body)
    scan.refresh_from_db()


def _report(scan: StampedScan) -> bytes:
    """What was found, on paper. It vouches for nothing, so it carries no code."""
    context = {"scan": scan, "list": scan.list, "found": scan.findings, "title": "盖章扫描件核对记录"}
    made = documents.render_pdf("pdf/scan.html", context, created=scan.checked_at)
    return made.pdf


def record_download(scan: StampedScan, name: str, actor: User) -> None:
    with transaction.atomic():
        audit.record("scan.download", actor=actor, obj=scan, body={"name": name})
