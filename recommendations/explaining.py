"""Where a figure comes from, step by step; and what it would be if something were otherwise. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assessment.vocabulary import Standing
from recommendations import authorities, quotas, ranking
from recommendations.models import (
    AuthorityFact,
    Entry,
    LocalQuota,
    OverrideStatus,
    QuotaExemption,
    QuotaOverride,
    QuotaRule,
    RecommendationList,
)
from smartfactory.models import Authority

if TYPE_CHECKING:
    from declarations.models import Track
    from smartfactory.models import User

SUPPOSED = "假设"


@dataclass(frozen=True)
class Step:
    """One reason: what it is, what it says, where that stands."""

    title: str
    text: str
    clause: str = ""
    standing: str = Standing.OFFICIAL

    def as_json(self) -> dict[str, str]:
        return {"title": self.title, "text": self.text, "clause": self.clause, "standing": str(self.standing)}


@dataclass(frozen=True)
class Band:
    """One line of a rule by bands; `here` where the unit falls into it."""

    rule: QuotaRule
    here: bool

    @property
    def span(self) -> str:
        low = "" if self.rule.low is None else self.rule.low
        return f"{low} 至 {self.rule.high}" if self.rule.high is not None else f"{low} 起"


def words(quota: quotas.Quota) -> str:
    """The figure as one says it."""
    if quota.via:
        return "由别的单位代为推荐"
    if quota.elsewhere:
        return "不适用"
    if quota.unlimited:
        return "不设名额"
    return "还不知道" if quota.limit is None else f"{quota.limit} 个"


class Explanation:
    """One unit on one track."""

    def __init__(self, track: Track, authority: Authority) -> None:
        self.track, self.authority = track, authority
        self.book = quotas.Book([track], [authority, *self.siblings])
        self.quota = self.book.quota(track, authority)
        self.ruled = self.book.ruled(track, authority)

    @cached_property
    def siblings(self) -> list[Authority]:
        """The other units of its kind under the same one above."""
        if not self.authority.parent_id:
            return []
        rows = self.authority.parent.children.filter(kind=self.authority.kind).exclude(pk=self.authority.pk)
        return list(rows)

    @property
    def words(self) -> str:
        agent = Authority.objects.filter(code=self.quota.via).first() if self.quota.via else None
        return f"由{agent.short_name}代为推荐" if agent else words(self.quota)

    @cached_property
    def rules(self) -> list[QuotaRule]:
        if self.quota.elsewhere:
            return []
        rows = QuotaRule.objects.filter(track=self.track, kind=self.authority.kind)
        return list(rows.select_related("track__campaign__edition"))

    @cached_property
    def facts(self) -> dict[str, AuthorityFact]:
        return {one.key: one for one in self.authority.facts.select_related("recorded_by")}

    @property
    def criteria(self) -> list[tuple[str, str]]:
        """The criteria its rules ask for: key and name."""
        keys = dict.fromkeys(one.criterion for one in self.rules if one.criterion)
        names = authorities.criteria()
        return [(key, names.get(key, key)) for key in keys]

    @cached_property
    def bands(self) -> list[Band]:
        """The bands of its kind, and the one it falls into."""
        found = [one for one in self.rules if one.criterion]
        return [Band(one, self._falls(one)) for one in sorted(found, key=lambda one: one.low or 0)]

    def _falls(self, rule: QuotaRule) -> bool:
        fact = self.facts.get(rule.criterion)
        return bool(fact and fact.low is not None and quotas.rule_of(rule).covers(fact.low, fact.high))

    @cached_property
    def override(self) -> QuotaOverride | None:
        """The figure set by hand, in force or waiting for the second person."""
        rows = QuotaOverride.objects.filter(
            track=self.track, authority=self.authority, status__in=(OverrideStatus.IN_FORCE, OverrideStatus.PROPOSED)
        )
        return rows.select_related("proposed_by", "status_by", "authority__parent").first()

    @property
    def steps(self) -> list[Step]:
        """The way from the notice to the figure, in the order it is gone."""
        found = [*self._rule_steps(), *self._fact_steps(), *self._cap_steps(), *self._hand_steps()]
        return found or [Step("没有规则", self.quota.basis, standing=self.quota.standing)]

    def _rule_steps(self) -> list[Step]:
        plain = [one for one in self.rules if not one.criterion]
        chosen = [band.rule for band in self.bands if band.here] or plain
        return [Step("通知的规则", _rule_words(one), one.cited, one.standing) for one in chosen]

    def _fact_steps(self) -> list[Step]:
        return [Step(f"判据：{name}", *self._fact_words(key)) for key, name in self.criteria]

    def _fact_words(self, key: str) -> tuple[str, str, str]:
        fact = self.facts.get(key)
        if fact is None or fact.low is None:
            return f"还没有录入。{fact.source if fact else ''}".strip(), "", str(Standing.UNVERIFIED)
        span = (
            str(fact.low) if fact.low == fact.high else f"{fact.low} 至 {'不封顶' if fact.high is None else fact.high}"
        )
        by = f"，{fact.recorded_by.display} 录入" if fact.recorded_by else ""
        return f"{span}（{fact.source}{by}）", "", fact.standing

    def _cap_steps(self) -> list[Step]:
        rows = LocalQuota.objects.filter(track=self.track).select_related("parent")
        cap = next(
            (one for one in rows if quotas.cap_for([one], self.authority) and one.basis == self.ruled.basis), None
        )
        if cap is None:
            return []
        return [
            Step(f"{cap.parent.short_name}给下级定的上限", f"{cap.limit} 个：{cap.basis}", cap.clause, cap.standing)
        ]

    def _hand_steps(self) -> list[Step]:
        one = self.override
        if one is None or one.status != OverrideStatus.IN_FORCE:
            return []
        by = f"{one.proposed_by.display} 提出，{one.status_by.display} 复核"
        text = f"{one.limit} 个，代替按规则得出的{words(self.ruled)}。理由：{one.reason}。依据：{one.source}。{by}"
        return [Step("手工名额", text, one.clause, one.standing)]

    @cached_property
    def exemptions(self) -> list[QuotaExemption]:
        return list(QuotaExemption.objects.filter(track=self.track).select_related("track__campaign__edition"))

    def as_json(self) -> list[dict[str, str]]:
        return [one.as_json() for one in self.steps]


def _rule_words(rule: QuotaRule) -> str:
    soft = "（原则上）" if rule.strength == "soft" else ""
    return f"{rule.get_kind_display()}：{rule.basis}{soft}"


# What if


@dataclass(frozen=True)
class Wish:
    """What to suppose: other facts, or so many places more (or fewer)."""

    facts: Mapping[str, int]
    more: int = 0

    @property
    def active(self) -> bool:
        return bool(self.facts or self.more)


@dataclass(frozen=True)
class Supposition:
    """The figure as it is and as it would be, and what that does to the list and to the units beside it."""

    before: quotas.Quota
    after: quotas.Quota
    coming: list[Entry]
    going: list[Entry]
    total: int | None
    above: quotas.Quota | None

    @property
    def words(self) -> str:
        return words(self.after)

    @property
    def new_total(self) -> int | None:
        if self.total is None:
            return None
        return self.total + (self.after.limit or 0) - (self.before.limit or 0)

    @property
    def too_many(self) -> bool:
        limit = self.above.limit if self.above else None
        return limit is not None and self.new_total is not None and self.new_total > limit


def suppose(one: Explanation, wish: Wish, user: User) -> Supposition:
    """What the figure would be. Nobody's figure changes; only lists the person may see are looked at."""
    after = _supposed(one, wish)
    entries = _entries(one, user)
    now, then = ({entry.pk for entry in ranking.included(entries, limit)} for limit in (one.quota.limit, after.limit))
    return Supposition(
        before=one.quota,
        after=after,
        coming=[entry for entry in entries if entry.pk in then - now],
        going=[entry for entry in entries if entry.pk in now - then],
        total=_total(one),
        above=quotas.resolve(one.track, one.authority.parent) if one.authority.parent else None,
    )


def _supposed(one: Explanation, wish: Wish) -> quotas.Quota:
    facts = {key: quotas.Fact(value, value, Standing.UNVERIFIED, SUPPOSED) for key, value in wish.facts.items()}
    found = one.book.ruled(one.track, one.authority, facts) if facts else one.quota
    if wish.more and found.limit is not None:
        found = replace(found, limit=max(0, found.limit + wish.more))
    return found


def _entries(one: Explanation, user: User) -> list[Entry]:
    lists = RecommendationList.objects.visible_to(user).exclude(status="superseded")
    mine = lists.filter(track=one.track, authority=one.authority).first()
    return list(mine.entries.select_related("declaration__enterprise")) if mine else []


def _total(one: Explanation) -> int | None:
    """What all units of this kind under the same one have together, where each has a number of its own."""
    limits = [one.book.quota(one.track, unit).limit for unit in one.siblings]
    known = [limit for limit in limits if limit is not None]
    return sum(known) + one.quota.limit if known and one.quota.limit is not None else None


def rows(track: Track, units: list[Authority]) -> list[dict[str, Any]]:
    """Every unit with its figure, for a table."""
    book = quotas.Book([track], units)
    return [{"unit": one, "quota": (found := book.quota(track, one)), "words": words(found)} for one in units]
