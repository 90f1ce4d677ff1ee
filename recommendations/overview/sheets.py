"""The overview as a workbook: every picture of the page as a table."""

from __future__ import annotations

from django.utils import timezone

from recommendations.overview.figures import Overview
from recommendations.overview.mix import Share
from smartfactory import documents
from smartfactory.spreadsheets import Column

PLACES = (
    Column("单位", 24), Column("自评", 10, True), Column("在填", 10, True), Column("已提交", 10, True),
    Column("待办", 10, True), Column("退回", 10, True), Column("通过", 10, True), Column("名单项数", 10, True),
    Column("名额", 10, True), Column("名单", 14),
)  # fmt: skip


def workbook(found: Overview) -> bytes:
    """Five sheets: from self-assessment to recommendation, the units below, segments, industries, deadlines."""
    title = f"{found.unit.name} · {found.track.title}"
    steps = [[one.label, str(one.count), f"{one.share}%" if one.share is not None else ""] for one in found.funnel]
    days = [
        [label, f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}", one.cited, one.standing]
        for label, one in found.deadlines
    ]
    sheet = documents.Sheet
    funnel = (Column("阶段", 18), Column("数量", 10, True), Column("占上一步", 12, True))
    schedule = (Column("事项", 18), Column("截止时间", 20), Column("依据", 40), Column("核实程度", 14))
    return documents.write_xlsx(
        [
            sheet(name="从自评到推荐", columns=funnel, rows=steps, title=title),
            sheet(name="各地进展", columns=PLACES, rows=_places(found), title=title),
            sheet(name="环节", columns=_head("环节"), rows=_shares(found.segments), title=title),
            sheet(name="行业", columns=_head("行业"), rows=_shares(found.industries), title=title),
            sheet(name="日程", columns=schedule, rows=days, title=title),
        ]
    )


def _head(name: str) -> tuple[Column, ...]:
    return (Column(name, 36), Column("申报书份数", 12, True))


def _shares(rows: list[Share]) -> list[list[str]]:
    return [[one.label, str(one.count)] for one in rows]


def _places(found: Overview) -> list[list[str]]:
    rows = []
    for one in found.places:
        counts = (one.assessed, one.drafts, one.received, one.waiting, one.returned, one.passed)
        own = one.list
        listed = [str(own.size), _limit(own), own.status_label] if own else ["", "", "没有建"]
        rows.append([one.unit.short_name, *map(str, counts), *listed])
    return rows


def _limit(own: object) -> str:
    return "" if own.quota_limit is None else str(own.quota_limit)
