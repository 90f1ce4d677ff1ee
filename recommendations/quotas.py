"""How many an authority may recommend, and why: rules of the edition, recorded criteria, caps set from above.

A number never stands alone: it comes with its basis, clause and standing. What is unknown is None, never a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assessment.vocabulary import Standing
from declarations import offers
from recommendations.models import AuthorityFact, LocalQuota, OverrideStatus, QuotaOverride, QuotaRule
from smartfactory.models import Authority

if TYPE_CHECKING:
    from declarations.models import Track

# From well attested to least; a computed number is as weak as the weakest thing it was computed from.
STANDINGS = (Standing.OFFICIAL, Standing.SECONDARY, Standing.UNVERIFIED)
NO_RULE = "这一申报类别没有给这类单位的名额规则"
ELSEWHERE = "这一申报类别只适用于发文的地区"
LEFT_OUT = "通知写明不含本单位，本单位按国家的通知走"


# As much as a list keeps of the words.
BASIS, CITED = 200, 60


@dataclass(frozen=True)
class Rule:
    """One sentence about one kind of unit; see QuotaRule."""

    kind: str
    limit: int | None
    strength: str
    basis: str
    clause: str
    standing: str
    criterion: str = ""
    low: int | None = None
    high: int | None = None
    via: str = ""
    cited: str = ""
    unlimited: bool = False

    def covers(self, low: int, high: int | None) -> bool:
        """Whether a criterion known to lie within [low, high] lies wholly within this band."""
        above = self.low is None or low >= self.low
        below = self.high is None or (high is not None and high <= self.high)
        return above and below


@dataclass(frozen=True)
class Fact:
    low: int | None
    high: int | None
    standing: str
    source: str = ""


@dataclass(frozen=True)
class Unit:
    """What of an authority bears on its quota."""

    code: str
    kind: str
    parent: str = ""
    facts: Mapping[str, Fact] | None = None


@dataclass(frozen=True)
class Quota:
    """`limit` None: unknown, may rank but not seal, unless `unlimited`: the notice sets no number.

    `via`: who recommends on its behalf. `cited`: title and clause.
    """

    limit: int | None
    strength: str = "hard"
    basis: str = NO_RULE
    clause: str = ""
    standing: str = Standing.UNVERIFIED
    via: str = ""
    cited: str = ""
    unlimited: bool = False
    # The notice is not for this unit at all.
    elsewhere: bool = False
    # Set by hand and confirmed by a second person; `ruled` is what the rules would give.
    manual: bool = False
    ruled: int | None = None

    @property
    def known(self) -> bool:
        """Whether it says how many: a number, or that there is none to keep to."""
        return self.unlimited or self.limit is not None


def resolve_rules(rules: Iterable[Rule], unit: Unit) -> Quota:
    """The quota of `unit` by the rules of one track: pure, no default for what is unknown."""
    own = [rule for rule in rules if rule.kind == unit.kind]
    if not own:
        return Quota(None)
    banded = [rule for rule in own if rule.criterion]
    return _by_band(banded, unit) if banded else _plain(own[0], unit)


def _plain(rule: Rule, unit: Unit) -> Quota:
    via = unit.parent if rule.via == "parent" else rule.via
    return Quota(rule.limit, rule.strength, rule.basis, rule.clause, rule.standing, via, rule.cited, rule.unlimited)


def _by_band(bands: list[Rule], unit: Unit) -> Quota:
    fact = (unit.facts or {}).get(bands[0].criterion)
    first = bands[0]
    if fact is None or fact.low is None:
        unknown = f"还没有录入判据（{first.criterion}），不能算出名额"
        return Quota(None, first.strength, unknown, first.clause, Standing.UNVERIFIED, cited=first.cited)
    for band in bands:
        if band.covers(fact.low, fact.high):
            return replace(_plain(band, unit), standing=_weaker(band.standing, fact.standing))
    vague = f"判据（{first.criterion}）只知道不小于 {fact.low}，跨了几档，不能算出名额"
    return Quota(None, first.strength, vague, first.clause, Standing.UNVERIFIED, cited=first.cited)


def _weaker(*standings: str) -> str:
    return max(standings, key=STANDINGS.index)


def resolve(track: Track, authority: Authority) -> Quota:
    """The quota of one authority: the edition's rule for its kind, else the cap set by the nearest unit above."""
    return resolve_many(track, [authority])[authority.code]


def resolve_many(track: Track, units: Iterable[Authority]) -> dict[str, Quota]:
    """Code → quota for all `units`, in a constant number of queries."""
    book = Book([track], units)
    return {unit.code: book.quota(track, unit) for unit in book.units}


class Book:
    """What bears on the quotas of some units on some tracks, read in a constant number of queries."""

    def __init__(self, tracks: Iterable[Track], units: Iterable[Authority]) -> None:
        self.tracks, self.units = list(tracks), list(units)
        self._rules: dict[int, list[Rule]] = {}
        for row in QuotaRule.objects.filter(track__in=self.tracks).select_related("track__campaign__edition"):
            self._rules.setdefault(row.track_id, []).append(rule_of(row))
        self._facts: dict[int, dict[str, Fact]] = {}
        for row in AuthorityFact.objects.filter(authority__in=self.units):
            self._facts.setdefault(row.authority_id, {})[row.key] = Fact(row.low, row.high, row.standing, row.source)
        self._parents = dict(Authority.objects.filter(children__in=self.units).values_list("pk", "code"))
        self._caps = list(LocalQuota.objects.filter(track__in=self.tracks).select_related("parent"))
        by_hand = QuotaOverride.objects.filter(status=OverrideStatus.IN_FORCE, authority__in=self.units)
        self._by_hand = {(one.track_id, one.authority_id): one for one in by_hand}

    def quota(self, track: Track, unit: Authority) -> Quota:
        """What was set by hand, else the edition's rule for the unit's kind, else the cap of the nearest unit above."""
        ruled = self.ruled(track, unit)
        one = self._by_hand.get((track.pk, unit.pk))
        return ruled if one is None or ruled.via else by_hand(one, ruled)

    def ruled(self, track: Track, unit: Authority, supposed: Mapping[str, Fact] | None = None) -> Quota:
        """What the rules and the caps give; with `supposed` facts in place of the recorded ones."""
        if not track.edition.covers(unit.path):
            left_out = track.edition.region in unit.path.split("/")
            return Quota(None, basis=LEFT_OUT if left_out else ELSEWHERE, elsewhere=True)
        known = {**self._facts.get(unit.pk, {}), **(supposed or {})}
        facts = Unit(unit.code, unit.kind, self._parents.get(unit.parent_id, ""), known)
        quota = resolve_rules(self._rules.get(track.pk, ()), facts)
        if quota.known or quota.via:
            return quota
        return cap_for((cap for cap in self._caps if cap.track_id == track.pk), unit) or quota

    def list_makers(self) -> list[tuple[Track, Authority]]:
        """Who makes a list on which track: it recommends itself, or the unit above has set it a number."""
        on_offer = offers.offered_pairs(self.tracks, self.units)
        return [
            (track, unit)
            for unit in self.units
            for track in self.tracks
            if self._recommends(track, unit, on_offer) or self.quota(track, unit).limit is not None
        ]

    def _recommends(self, track: Track, unit: Authority, on_offer: set[tuple[int, int]]) -> bool:
        kinds = {rule.kind for rule in self._rules.get(track.pk, ()) if not rule.via}
        return unit.kind in kinds and (track.pk, unit.pk) in on_offer


def by_hand(one: QuotaOverride, ruled: Quota) -> Quota:
    """A figure set by hand says so wherever it is shown, with its reason and source."""
    basis = f"手工定为 {one.limit} 个：{one.reason}（{one.source}）"[:BASIS]
    return Quota(
        one.limit, one.strength, basis, one.clause, one.standing, cited=one.clause or one.source[:CITED],
        manual=True, ruled=ruled.limit,
    )  # fmt: skip


def rule_of(row: QuotaRule) -> Rule:
    """The stored sentence as a plain rule."""
    return Rule(**{name: getattr(row, name) for name in Rule.__dataclass_fields__})


def cap_for(caps: Iterable[LocalQuota], unit: Authority) -> Quota | None:
    """The cap that names this unit, else the one for its kind, from the nearest authority above."""
    mine = [
        cap
        for cap in caps
        if unit.path.startswith(cap.parent.path)
        and unit.pk != cap.parent_id
        and (cap.authority_id == unit.pk or (cap.authority_id is None and cap.kind == unit.kind))
    ]
    if not mine:
        return None
    cap = max(mine, key=lambda one: (len(one.parent.path), one.authority_id is not None))
    return Quota(cap.limit, cap.strength, cap.basis, cap.clause, cap.standing, cited=cap.clause)


def recommends(track: Track, authority: Authority) -> bool:
    """Whether this authority recommends to the ministry itself on this track."""
    return authority.kind in recommending(track) and offers.offered(track, authority)


def recommending(track: Track) -> set[str]:
    """The kinds of units that recommend to the ministry themselves on this track."""
    return set(QuotaRule.objects.filter(track=track, via="").values_list("kind", flat=True))


def represented(track: Track) -> set[str]:
    """The kinds of units on whose behalf another authority recommends."""
    return set(QuotaRule.objects.filter(track=track).exclude(via="").values_list("kind", flat=True))
