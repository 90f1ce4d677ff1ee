"""Claiming an enterprise whose account somebody else holds: proof in, an official of its authority decides."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from declarations import notices
from declarations.models import Claim, ClaimStatus
from declarations.team.members import TeamError, admit, tenant
from declarations.workflow import is_official
from smartfactory import audit, files
from smartfactory import credit_code as credit_codes
from smartfactory.models import AuditEntry, Enterprise, Membership, Role, User
from smartfactory.problems import Problem, errors
from smartfactory.text import clean, excess
from smartfactory.workflow import Blocked, Transition, register

if TYPE_CHECKING:
    from smartfactory.workflow import Act

ALLOWED = ["pdf", "jpeg", "png"]
MAX_MB = 10
# Of a picture's side: what is smaller cannot be read by who decides.
MIN_SIDE = 300
# Many open claims on one code are noise; the official has enough to look at.
MOST = 5
LONGEST_REASON = Claim._meta.get_field("reason").max_length


def claim(credit_code: str, *, claimant: User, reason: str, upload: BinaryIO, name: str) -> Claim:
    """File a claim. Where nobody of that code is known it waits, and the person is answered alike in both cases.

    Raises TeamError or files.BadFile in words.
    """
    code, reason = "".join(clean(credit_code).split()).upper(), clean(reason).strip()
    if wrong := errors(credit_codes.check(code)):
        raise TeamError(wrong[0].message)
    if not reason:
        raise TeamError("还没有写说明。请写明您的职务和原账号为什么不能用")
    if over := excess(len(reason), LONGEST_REASON):
        raise TeamError(f"说明{over}")
    found = files.inspect(upload, name, ALLOWED, min(MAX_MB << 20, settings.MAX_UPLOAD_BYTES), min_side=MIN_SIDE)
    if claimant.claims.filter(status=ClaimStatus.OPEN).count() >= MOST:
        raise TeamError(f"您已有 {MOST} 件认领等待核实。请等有了结果再提交")
    upload.seek(0)
    stored = files.put(upload, found.mime)
    try:
        return _file(credit_code=code, claimant=claimant, reason=reason, proof=stored, proof_name=clean(name)[-120:])
    except IntegrityError:
        raise TeamError("您已经提交过这家企业的认领，正在等待核实") from None


@transaction.atomic
def _file(**values: Any) -> Claim:
    row = Claim.objects.create(status=ClaimStatus.OPEN, **values)
    row.enterprise = _room(row.credit_code)
    if row.enterprise:
        row.save(update_fields=["enterprise"])
        _tell_filed(row)
    owner = tenant(row.enterprise) if row.enterprise else ""
    audit.record("claim.file", actor=row.claimant, obj=row, body={"sha256": row.proof.digest}, tenant=owner)
    return row


def _room(code: str) -> Enterprise | None:
    """The enterprise of that code, while its officials have not enough claims of it to look at already."""
    enterprise = Enterprise.objects.filter(credit_code=code).first()
    if enterprise and enterprise.claims.filter(status=ClaimStatus.OPEN).count() < MOST:
        return enterprise
    return None


def _tell_filed(one: Claim) -> None:
    enterprise = one.enterprise
    receiver = enterprise.receiver.short_name or enterprise.receiver.name
    text = f"{one.claimant.display}提交了证明。不认识这个人，请马上联系{receiver}。"
    notices.tell_signatories(enterprise, f"claim:{one.pk}", "有人要认领本单位的账号", text)


def match() -> int:
    """Bring claims that waited to the officials of their enterprise, once there is one; how many found theirs."""
    known = Enterprise.objects.filter(credit_code=OuterRef("credit_code"))
    waiting = Claim.objects.filter(Exists(known), status=ClaimStatus.OPEN, enterprise=None)
    return sum(map(_matched, waiting.select_related("claimant").order_by("pk")))


@transaction.atomic
def _matched(one: Claim) -> bool:
    enterprise = _room(one.credit_code)
    rows = Claim.objects.filter(pk=one.pk, status=ClaimStatus.OPEN, enterprise=None)
    if enterprise is None or not rows.update(enterprise=enterprise):
        return False
    one.enterprise = enterprise
    _tell_filed(one)
    audit.record("claim.match", actor=None, obj=one, tenant=tenant(enterprise))
    return True


def reasons(rows: Iterable[Claim]) -> dict[int, str]:
    """Why each of these was refused, as the official wrote it; one query."""
    subjects = {audit.subject_of(one): one.pk for one in rows if one.status == ClaimStatus.REFUSED}
    found = AuditEntry.objects.filter(act="claim.refuse", outcome="ok", subject__in=subjects)
    return {subjects[one.subject]: json.loads(one.body).get("note", "") for one in found}


def decides(user: User, one: Claim) -> bool:
    """An official of the line that receives the enterprise, who does not belong to it and claims nothing."""
    return is_official(user, one) and user.pk != one.claimant_id


def _admit(one: Claim, act: Act) -> dict[str, Any]:
    """The claimant signs from now on; the former ones go if the official says so."""
    body: dict[str, Any] = {"member": one.claimant_id}
    if act.data.get("replace"):
        former = Membership.objects.filter(enterprise=one.enterprise, role=Role.SIGNATORY, is_active=True)
        body["ended"] = list(former.exclude(user=one.claimant).values_list("user_id", flat=True))
        former.update(is_active=False)
    _tell_decided(one, "认领已同意", f"{one.claimant.display}现在也是企业负责人。")
    admit(one.enterprise, one.claimant, Role.SIGNATORY)
    return body


def _tell_decided(one: Claim, title: str, text: str) -> None:
    """Those who sign now, the claimant apart, learn how it ended."""
    notices.tell_signatories(one.enterprise, f"claim:{one.pk}:decided", title, text)


def _with_reason(one: Claim, act: Act) -> dict[str, Any]:
    if not act.note.strip():
        raise Blocked([Problem("还没有写明原因。请写清缺什么、怎么补", field="note")])
    _tell_decided(one, "认领没有同意", f"{one.claimant.display}没有成为企业负责人。")
    return {}


TRANSITIONS = [
    Transition("accept", "同意认领", frozenset({ClaimStatus.OPEN}), ClaimStatus.ACCEPTED,
               allowed=decides, effect=_admit, style="primary"),
    Transition("refuse", "不同意认领", frozenset({ClaimStatus.OPEN}), ClaimStatus.REFUSED,
               allowed=decides, effect=_with_reason),
]  # fmt: skip
register(Claim, TRANSITIONS, ClaimStatus)
