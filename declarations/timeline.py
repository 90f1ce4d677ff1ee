"""What has happened to a declaration, in the enterprise's words, from the audit trail itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from declarations import deadlines
from smartfactory import audit
from smartfactory.models import AuditEntry

if TYPE_CHECKING:
    from declarations.models import Declaration

MOST = 100
WORDS = {
    "declaration.start": "开始填写",
    "declaration.submit": "提交第 {revision} 版",
    "declaration.withdraw": "撤回，继续填写",
    "declaration.withdraw_correction": "撤回，继续改正",
    "declaration.take_up": "受理",
    "declaration.return_": "退回改正 {items} 处",
    "declaration.qualify": "审核通过，进入推荐排序",
    "declaration.reject": "没有列入推荐",
    "declaration.reserve": "列入培育库",
    "declaration.reopen": "重新打开审核",
    "declaration.recommend": "列入推荐名单，名单已封存",
    "declaration.unrecommend": "推荐名单解封，等待重新排序",
    "declaration.import": "从 Excel 导入长表",
    "evidence.strip": "清理文件里的隐藏信息",
}


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    text: str
    by: str = ""
    url: str = ""


def history(declaration: Declaration) -> list[Event]:
    """What has happened, newest first; one query."""
    entries = AuditEntry.objects.filter(subject=audit.subject_of(declaration), act__in=WORDS, outcome="ok")
    return [_event(declaration, one) for one in entries.order_by("-seq")[:MOST]]


def _event(declaration: Declaration, entry: AuditEntry) -> Event:
    body: Mapping[str, Any] = json.loads(entry.body)
    text = WORDS[entry.act].format(revision=body.get("revision", ""), items=len(body.get("items", ())))
    if same := body.get("unchanged"):
        text = f"{text}，退回的 {same} 处没有改"
    if moved := body.get("deadline"):
        text = f"{text}。{deadlines.Moved.read(moved).words}"
    url = ""
    if entry.act == "declaration.submit" and body.get("revision"):
        url = reverse("declaration_revision", args=[declaration.public_id, body["revision"]])
    return Event(datetime.fromisoformat(entry.at), text, entry.actor_label, url)
