"""The dates of a declaration as a calendar file (RFC 5545), with an alarm for every reminder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from declarations import deadlines
from declarations.notices import REMINDERS
from declarations.vocabulary import Stage

if TYPE_CHECKING:
    from declarations.models import Deadline, Declaration

MIME = "text/calendar; charset=utf-8"
# Lines are folded by octets.
WIDEST = 75


def calendar(declaration: Declaration, now: datetime) -> str:
    """One event for each date that concerns the enterprise."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//smartfactory-declaration//ZH", "CALSCALE:GREGORIAN"]
    if own := deadlines.for_declaration(declaration):
        lines += _event(declaration, Stage.ENTERPRISE, deadlines.title(declaration), own, now)
    if later := deadlines.resolve(declaration.track, Stage.RECOMMENDER, declaration.receiver):
        lines += _event(declaration, Stage.RECOMMENDER, "推荐单位审核、推荐截止", later, now)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _event(declaration: Declaration, stage: str, what: str, deadline: Deadline, now: datetime) -> list[str]:
    """A date of the enterprise keeps its name when a return moves it: a calendar then replaces it by the new one."""
    title = f"{what}：{declaration.title or declaration.track.title}"
    where = settings.SITE_URL + reverse("declaration_detail", args=[declaration.public_id])
    return [
        "BEGIN:VEVENT",
        f"UID:{declaration.public_id}-{stage}@smartfactory",
        f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{declaration.revisions.count()}",
        f"DTSTART:{_utc(deadline.at)}",
        f"DTEND:{_utc(deadline.at)}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(f'{declaration.track.title}，依据 {deadline.cited}。以系统收到的时间为准。')}",
        f"URL:{where}",
        *(line for days in REMINDERS if stage != Stage.RECOMMENDER for line in _alarm(days, title)),
        "END:VEVENT",
    ]


def _alarm(days: int, title: str) -> list[str]:
    words = _escaped(f"还有 {days} 天：{title}")
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{days}D", f"DESCRIPTION:{words}", "END:VALARM"]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Text as the format wants it; a line break can never begin a line of its own."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(sign, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets; every one but the first begins with a space. No character is cut."""
    piece = ""
    for sign in line:
        if len((piece + sign).encode()) > WIDEST:
            yield piece
            piece = " "
        piece += sign
    yield piece
