"""The words of the audit trail: every floor names its own acts, transitions are named by their labels."""

from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.conf import settings

_words: dict[str, str] = {
    "account.login": "登录", "account.logout": "退出",
    "installation.backup": "备份整个系统", "installation.export": "导出全部数据",
}  # fmt: skip
# What the bodies of entries hold; what is not named here is shown by its key.
FACTS = {
    "authority": "推荐单位", "checks": "勾选", "content": "内容摘要", "declaration": "申报书", "digest": "摘要", "entries": "项目数",
    "from": "原来", "frozen_by": "定稿人", "items": "退回项", "limit": "上限", "list": "名单", "name": "名称", "number": "编号",
    "ranks": "名次", "reason": "理由", "note": "理由", "revision": "版次", "sha256": "SHA-256", "to": "现在", "track": "申报类别",
    "version": "修改序号", "code": "校验码", "part": "部分", "section": "部分", "size": "大小", "requirement": "材料",
    "rows": "数据行数", "files": "文件数", "damaged": "缺失的文件数",
}  # fmt: skip


def name(words: Mapping[str, str]) -> None:
    """Give acts their words; called once by each floor when it is ready."""
    _words.update(words)


def word(act: str) -> str:
    """The act in words; its code if nobody named it."""
    return _words.get(act, act)


def choices() -> list[tuple[str, str]]:
    """Every named act, by its word."""
    return sorted(_words.items(), key=lambda one: one[1])


def fact(key: str) -> str:
    return FACTS.get(key, key)


def subject(text: str) -> str:
    """`recommendations.seal:4` in words: what kind of row, and which."""
    label, _, key = text.partition(":")
    try:
        kind = "账号" if label == settings.AUTH_USER_MODEL.lower() else apps.get_model(label)._meta.verbose_name
    except (LookupError, ValueError):
        return text
    return f"{kind} {key}".strip()
