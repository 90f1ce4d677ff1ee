"""The words of the audit trail: every floor names its own acts, transitions are named by their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.apps import apps
from django.conf import settings
from django.db.models import Model

_words: dict[str, str] = {
    "account.login": "登录", "account.logout": "退出",
    "installation.backup": "备份整个系统", "installation.export": "导出全部数据",
}  # fmt: skip
# Facts that are a status of the subject.
STATES = ("from", "to")
# Of each stateful model: its statuses by their codes.
_states: dict[str, dict[str, str]] = {}
# Of a model: what people call its rows, by their keys.
Namer = Callable[[Iterable[int]], Mapping[int, str]]
_namers: dict[str, Namer] = {}
# What the bodies of entries hold; what is not named here is shown by its key.
FACTS = {
    "authority": "推荐单位", "checks": "勾选", "content": "内容摘要", "declaration": "申报书", "digest": "摘要", "entries": "项目数",
    "from": "原来", "frozen_by": "定稿人", "items": "退回项", "limit": "上限", "list": "名单", "name": "名称", "number": "编号",
    "ranks": "名次", "reason": "理由", "note": "理由", "revision": "版次", "sha256": "SHA-256", "to": "现在", "track": "申报类别",
    "version": "修改序号", "code": "校验码", "part": "部分", "section": "部分", "size": "大小", "requirement": "材料",
    "before": "原来的账号", "seed": "种子", "item": "核查项", "words": "说明字数", "members": "核查人", "conclusion": "结论", "shared": "共用", "default": "默认", "act": "办理", "rows_chosen": "选中份数",
    "member": "成员账号", "role": "角色", "ended": "结束的账号", "fields": "项目", "scenarios": "场景数", "field": "项目",
    "rows": "数据行数", "until": "延到", "clause": "依据", "enterprise": "企业", "proposed_by": "提出人", "condition": "条件", "first": "起始页", "last": "结束页", "files": "文件数", "damaged": "缺失的文件数",
    "round": "第几次", "standard": "标准", "type": "制造类型", "subdomain": "子域", "answered": "已答条数", "cut": "裁剪",
    "level": "等级", "corrects": "更正第几条", "department": "部门", "stance": "意见", "list_sha256": "名单摘要", "score": "总分", "copied_from": "复制自", "pages": "页数", "verdict": "结论", "serial": "流水号", "problems": "问题数", "contacts": "联系人",
}  # fmt: skip


def name(words: Mapping[str, str]) -> None:
    """Give acts their words; called once by each floor when it is ready."""
    _words.update(words)


def name_states(label: str, words: Mapping[str, str]) -> None:
    """Give the statuses of the model labelled `label` (app.model) their words."""
    _states[label.lower()] = dict(words)


def word(act: str) -> str:
    """The act in words; its code if nobody named it."""
    return _words.get(act, act)


def choices() -> list[tuple[str, str]]:
    """Every named act, by its word."""
    return sorted(_words.items(), key=lambda one: one[1])


def fact(key: str) -> str:
    return FACTS.get(key, key)


def name_rows(label: str, namer: Namer) -> None:
    """Let rows of the model labelled `label` be named by what people call them instead of by their keys."""
    _namers[label.lower()] = namer


def subjects(texts: Iterable[str]) -> dict[str, str]:
    """`recommendations.seal:4` in words for many: what kind of row, and which; one query for each kind."""
    keys: dict[str, dict[str, str]] = {}
    for text in texts:
        label, _, key = text.partition(":")
        keys.setdefault(label, {})[key] = text
    return {text: word for label, rows in keys.items() for text, word in _named(label, rows)}


def _named(label: str, rows: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(subject, words) of rows of one kind; `rows` is subjects by their keys."""
    user = label == settings.AUTH_USER_MODEL.lower()
    model = _model(label)
    kind = "账号" if user else str(model._meta.verbose_name) if model else ""
    numbers = [int(key) for key in rows if key.isdecimal()]
    names = _namers[label](numbers) if numbers and label in _namers else {}
    for key, text in rows.items():
        name = names.get(int(key), key) if key.isdecimal() else key
        yield text, f"{kind} {name}".strip() if kind else text


def said(text: str, body: Mapping[str, object]) -> list[tuple[str, str]]:
    """What the body of an entry about subject `text` says, in words and in the order of its keys."""
    states = _states.get(text.partition(":")[0].lower(), {})
    return [
        (fact(key), states.get(str(value), str(value)) if key in STATES else _written(value))
        for key, value in sorted(body.items())
    ]


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(_written, value))
    if isinstance(value, dict):
        return "，".join(f"{fact(key)} {_written(one)}" for key, one in value.items())
    return "" if value is None else str(value)
