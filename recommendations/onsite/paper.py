"""现场核查表: drawn once from what was concluded, and checked afresh by its code. Before that, an empty one to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.models import OnsiteItem, OnsiteVisit
from recommendations.models.onsite import STRATA, Conclusion, Verdict
from recommendations.onsite.workflow import KIND
from smartfactory import audit, verification
from smartfactory.canonical import sha256
from smartfactory.documents import Asset, render_pdf
from smartfactory.models import AuditEntry, StoredFile
from smartfactory.page_codes import linking
from smartfactory.verification import ALTERED, INTACT, Finding

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import IssuedDocument, User

NAME = "onsite.pdf"
# Photographs that are printed; the digests of all are.
PRINTED = 12
TITLE = "智能工厂现场核查表"


def of(declaration: Declaration, user: User) -> list[OnsiteVisit]:
    """The visits to a declaration's factory that a reviewer sees, those that are over first; one query."""
    rows = OnsiteVisit.objects.visible_to(user).filter(declaration=declaration)
    found = list(rows.select_related("draw__authority", "status_by", "issued"))
    for one in found:
        one.open_points = [item for item in one.content.get("items", []) if item["verdict"] != Verdict.FINE]
    return sorted(found, key=lambda one: not one.record)


def pdf(visit: OnsiteVisit) -> bytes:
    """The paper of a concluded visit, the same bytes every time; of an open one, an empty list to fill by hand."""
    if not visit.record or visit.status != "concluded":
        return empty(visit)
    kept = verification.rendered(visit.issued, NAME)
    if kept is None:
        kept = verification.attach(visit.issued, NAME, _draw(visit), "application/pdf").file
    return kept.read()


def _draw(visit: OnsiteVisit) -> bytes:
    found, assets = visit.content, {}
    for item in found["items"]:
        item["verdict_word"] = Verdict(item["verdict"]).label
        for photo in item["photos"]:
            photo["at"] = parse_datetime(photo["at"])
            if len(assets) < PRINTED:
                photo["asset"] = f"photo-{len(assets)}"
                assets[photo["asset"]] = Asset(StoredFile.objects.get(pk=photo["sha256"]).read(), "image/jpeg")
    code = visit.issued.code
    address = f"{settings.SITE_URL}/verify/{code}/"
    context = _context(visit) | {
        "found": found, "items": found["items"], "code": code, "verify_url": address, "conclusion": Conclusion(found["conclusion"]).label,
        "at": parse_datetime(found["concluded_at"]),
    }  # fmt: skip
    made = render_pdf(
        "pdf/onsite.html", context, created=context["at"], assets=assets, identifier=visit.issued.digest,
        page_code=linking(address, KIND), attachments={"record.json": visit.record.encode("utf-8")},
    )  # fmt: skip
    return made.pdf


def empty(visit: OnsiteVisit) -> bytes:
    """The checklist without answers, to be filled with a pen where there is no network."""
    items = OnsiteItem.objects.filter(track_id=visit.draw.track_id)
    context = _context(visit) | {"items": items, "foot_note": "空白表，没有校验码；结论以系统内的为准"}
    return render_pdf("pdf/onsite_empty.html", context, created=visit.draw.drawn_at).pdf


def _context(visit: OnsiteVisit) -> dict[str, Any]:
    return {"title": TITLE, "visit": visit, "rule": rule_words(visit.draw.rule)}


def rule_words(rule: dict[str, Any]) -> str:
    """The rule of a draw as it was then, in words."""
    share = f"每层抽 {rule['percent']}%" if rule.get("percent") is not None else f"每层抽 {rule.get('number')} 个"
    return f"{STRATA.get(rule.get('strata', ''), '')}，{share}，不少于 {rule.get('least', 0)} 个"


def check(issued: IssuedDocument) -> Finding:
    """Intact only if the record, the register and the entry in the trail still agree."""
    visit = (
        OnsiteVisit.objects.filter(issued=issued).select_related("declaration__enterprise", "draw__authority").first()
    )
    if visit is None:
        if issued.superseded_by_id and audit.verify_entry(issued.audit_seq):
            return Finding(INTACT, [("说明", "这份核查表已由后来的核查表替换")])
        return Finding(ALTERED, details=["登记的核查记录已不存在"])
    entry = AuditEntry.objects.filter(seq=visit.audit_seq).first()
    holds = {
        "核查记录与下结论时的校验值不一致": sha256(visit.record) == issued.digest,
        "下结论的审计记录已被改动或丢失": audit.verify_entry(visit.audit_seq),
        "下结论的审计记录与核查记录不一致": entry is not None and issued.digest in entry.body,
        "现场照片已被改动或丢失": all(map(_sound, visit.photos.select_related("file"))),
    }
    details = [words for words, good in holds.items() if not good]
    return Finding(ALTERED if details else INTACT, _facts(visit), details)


def _sound(photo: Any) -> bool:
    return photo.file.path.is_file() and sha256(photo.file.read()) == photo.file_id


def _facts(visit: OnsiteVisit) -> list[tuple[str, str]]:
    when = visit.status_at and timezone.localtime(visit.status_at).strftime("%Y年%m月%d日 %H:%M")
    return [
        ("申报单位", visit.declaration.enterprise.name),
        ("项目名称", visit.declaration.title),
        ("核查单位", visit.draw.authority.name),
        ("状态", f"{visit.status_word}（{when}）" if when else visit.status_word),
    ]


verification.register(KIND, check)
