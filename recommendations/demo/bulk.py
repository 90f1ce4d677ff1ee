"""Many declarations quickly, for measuring load and growth: `manage.py seed_load`.

A few are filled in through the services; the rest are copies of their content under other names, written in bulk with
the status they are to have, without a walk through the workflow and without ordering documents. What other code
relies on holds all the same: every revision is hashed, issued and named in the audit trail, and what is recommended
stands on a sealed list.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from declarations.models import Declaration, Track
from declarations.vocabulary import Status
from recommendations import quotas
from recommendations.demo import book, desks, ground, patterns, sowing
from recommendations.demo.staff import Staff
from recommendations.models import RecommendationList
from smartfactory.credit_code import ALPHABET, check_digit
from smartfactory.models import Authority, Enterprise, Membership, Role, User

GROUP = "soe-yunze"
# One enterprise in so many belongs to the group; all lie in the cities of the demonstration's province.
GROUP_SHARE = 12
# How many factory templates are used on each track: each costs one walk through the services.
VARIETY = 2
WEIGHTS = {
    Status.DRAFT: 15,
    Status.SUBMITTED: 20,
    Status.IN_REVIEW: 15,
    Status.RETURNED: 10,
    Status.QUALIFIED: 25,
    Status.REJECTED: 8,
    Status.RESERVED: 7,
}


@dataclass(frozen=True)
class Plan:
    """What one enterprise of the bulk declares, and how far it has come."""

    enterprise: Enterprise
    track: Track
    factory: str
    status: Status


class Seeder:
    """The same number and seed give the same enterprises with the same declarations in the same statuses."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.random = random.Random(f"{count} {seed}")  # noqa: S311
        self.staff = Staff()
        self.cities = list(Authority.objects.filter(is_demo=True, kind="city"))
        self.group = Authority.objects.get(code=GROUP)
        # Those of other places are not open to the province.
        self.tracks = list(Track.objects.filter(code__in=book.world()["bulk_tracks"]))
        self.factories = sorted({firm.factory for firm in book.firms() if firm != book.flagship()})

    def present(self) -> bool:
        return Enterprise.objects.filter(credit_code=self.credit_code(0)).exists()

    def credit_code(self, number: int) -> str:
        """The seed and the number make it unique; the L after the area tells bulk from the demonstration's own."""
        mark = self.seed % len(ALPHABET) ** 3
        letters = "".join(ALPHABET[mark // len(ALPHABET) ** power % len(ALPHABET)] for power in range(3))
        body = f"91{self.cities[number % len(self.cities)].code}L{letters}{number:05d}"
        return body + check_digit(body)

    @transaction.atomic
    def sow(self) -> Counter[str]:
        """Write everything; returns how many declarations there are in each status."""
        ground.keep_open(*(one.code for one in self.tracks))
        enterprises = self._enterprises()
        plans, known = [], {}
        for plan in map(self._plan, enterprises):
            key = (plan.track.pk, plan.factory)
            if key in known:
                plans.append((plan, known[key]))
            else:
                known[key] = patterns.take(plan.enterprise, plan.track, plan.factory, self.staff)
        sowing.write(plans, self.staff)
        self._recommend({one.pk for one in enterprises})
        rows = Declaration.objects.filter(enterprise__in=enterprises).order_by()
        return Counter(rows.values_list("status", flat=True))

    def _enterprises(self) -> list[Enterprise]:
        """Every enterprise with two people who cannot sign in."""
        made = Enterprise.objects.bulk_create(self._enterprise(number) for number in range(self.count))
        roles, closed = (Role.PREPARER, Role.SIGNATORY), make_password(None)
        desks_of = [(one, role) for one in made for role in roles]
        users = User.objects.bulk_create(
            User(username=f"seed-{one.credit_code.lower()}-{role}", full_name=f"演示·{role.label}", password=closed)
            for one, role in desks_of
        )
        Membership.objects.bulk_create(
            Membership(user=user, enterprise=one, role=role) for user, (one, role) in zip(users, desks_of, strict=True)
        )
        return made

    def _enterprise(self, number: int) -> Enterprise:
        city = self.cities[number % len(self.cities)]
        return Enterprise(
            name=f"{city.short_name}演示企业 {self.seed}-{number:05d} 有限公司",
            credit_code=self.credit_code(number),
            authority=city,
            soe=self.group if number % GROUP_SHARE == GROUP_SHARE - 1 else None,
            address=f"云泽省{city.short_name}演示路 {number} 号",
            is_demo=True,
        )

    def _plan(self, enterprise: Enterprise) -> Plan:
        track = self.random.choice(self.tracks)
        first = self.tracks.index(track) * VARIETY
        factory = self.factories[(first + self.random.randrange(VARIETY)) % len(self.factories)]
        status = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return Plan(enterprise, track, factory, status)

    def _recommend(self, among: set[int]) -> None:
        """The group seals a list on every track where it recommends, has none yet, and the demonstration wants none."""
        kept = {row["track"] for row in book.world()["lists"] if row["authority"] == GROUP}
        for track in self.tracks:
            limit = quotas.resolve(track, self.group).limit
            taken = RecommendationList.objects.filter(track=track, authority=self.group).exists()
            waiting = Declaration.objects.filter(track=track, enterprise__soe=self.group, status=Status.QUALIFIED)
            if limit and not taken and track.code not in kept and waiting.exists():
                desks.seal(desks.rank(track, self.group, self.staff, among, most=limit), self.staff)
