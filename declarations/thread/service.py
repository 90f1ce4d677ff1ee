"""Writing and reading a thread. Messages are numbered 1..n; who writes names the last one he has seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from declarations import notices, returning
from declarations.models import Declaration, Notice, ThreadMessage
from declarations.thread.people import addressees, desk, is_writer
from declarations.vocabulary import Status
from declarations.workflow import is_official
from smartfactory import audit
from smartfactory.appending import append
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from smartfactory.models import User

KEY = "thread:"
LONGEST = 2000
# From handing in until a decision that ends it; afterwards the thread is only read.
OPEN = frozenset({Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED, Status.QUALIFIED})
CROSSED = "写的时候对方或同事又写了一条，您这条还没有发出。请看过新的一条再发。"


@dataclass(frozen=True)
class Thread:
    """A thread as one person sees it: `fresh` is how many messages of the other side this person has not seen."""

    messages: list[ThreadMessage]
    open: bool
    may_write: bool
    fresh: int

    @property
    def last(self) -> int:
        return self.messages[-1].number if self.messages else 0


def of(declaration: Declaration, user: User) -> Thread:
    """Everything that was said, in order, as far as the person may see the declaration."""
    rows = ThreadMessage.objects.visible_to(user).filter(declaration=declaration)
    opened = declaration.status in OPEN
    may = opened and (is_writer(user, declaration) or is_official(user, declaration))
    fresh = unread(user, [declaration]).get(declaration.pk, 0)
    return Thread(list(rows.select_related("by", "authority")), opened, may, fresh)


def post(declaration: Declaration, *, text: str, anchor: str, seen: int, actor: User) -> ThreadMessage:
    """Add a message, tell the other side, and leave a trace without the words.

    Raises NotAllowed for whoever is neither side or once it is decided, Blocked naming what to mend, StaleState when
    somebody wrote in between. The same words sent twice by the same person are one message.
    """
    unit = desk(actor, declaration)
    if unit is None and not is_writer(actor, declaration):
        raise NotAllowed("沟通")
    words, label = clean(text).strip(), _label(declaration, anchor)
    if problems := _problems(words, anchor, label):
        raise Blocked(problems)
    with transaction.atomic():
        if not Declaration.objects.filter(pk=declaration.pk, status__in=OPEN).exists():
            raise StaleState("沟通")
        wanted = ThreadMessage(
            declaration=declaration, number=seen + 1, authority=unit, anchor=anchor, label=label, text=words, by=actor
        )
        message, new = append(wanted, ThreadMessage.objects.filter(declaration=declaration), ("anchor",))
        if new:
            _announce(message)
    return message


def _label(declaration: Declaration, anchor: str) -> str:
    """The words of the answer the message is about; nothing where it is about none, or about none the form has."""
    return returning.labels(declaration).get(anchor, "")[:160] if anchor and declaration.latest_revision_id else ""


def _problems(words: str, anchor: str, label: str) -> list[Problem]:
    found = []
    if not words:
        found.append(Problem("还没有写内容。请写清要问什么，或者怎么回答", field="thread-text"))
    if len(words) > LONGEST:
        found.append(Problem(f"超出 {len(words) - LONGEST} 字。请删减到 {LONGEST} 字以内", field="thread-text"))
    if anchor and not label:
        found.append(Problem("选的那一项不在申报书里。请重新选，或者选“不针对某一项”", field="thread-anchor"))
    return found


def _announce(message: ThreadMessage) -> None:
    """Who writes has read what there was; the other side is told; the trail comes last."""
    _seen(message.by, message.declaration)
    _tell(message)
    about = {"field": message.anchor} if message.anchor else {}
    body = {"number": message.number, "sha256": message.digest} | about
    audit.record("thread.post", actor=message.by, obj=message.declaration, body=body)


def _tell(message: ThreadMessage) -> None:
    declaration, about = message.declaration, f"（{message.label}）" if message.label else ""
    if message.by_office:
        title, text = f"{message.authority.short_name}有话要问", "在申报书页面的“与审核单位沟通”里看和回复。"
    else:
        title, text = f"{declaration.enterprise.name}有新的回复或问题", "在审核页面的“与企业沟通”里看和回复。"
    people = addressees(declaration, of_office=message.by_office)
    notices.tell(declaration, f"{KEY}{message.number}", f"{title}{about}"[:160], text, to=people)


def unread(user: User, declarations: Iterable[Declaration]) -> dict[int, int]:
    """Declaration's key → how many messages of its thread the person was told of and has not seen; one query."""
    rows = _notices(user).filter(declaration__in=[one.pk for one in declarations]).order_by()
    return dict(rows.values_list("declaration").annotate(n=Count("pk")))


def all_unread(user: User) -> QuerySet[Notice]:
    """The keys of declarations with something the person has not seen, to be asked as part of another query."""
    return _notices(user).order_by().values("declaration")


def read(declaration: Declaration, user: User) -> int:
    """The person has seen what there is; returns how many messages that were."""
    return _seen(user, declaration)


def _seen(user: User, declaration: Declaration) -> int:
    return _notices(user).filter(declaration=declaration).update(read_at=timezone.now())


def _notices(user: User) -> QuerySet[Notice]:
    return Notice.objects.of(user).filter(key__startswith=KEY, read_at=None)
