"""Lists for tests: a province with two cities, people at every desk, and declarations ready to be ranked."""

from dataclasses import dataclass, field

from declarations.models import Declaration, Track
from declarations.workflow import is_official
from recommendations import ordering, ranking, reviewing
from recommendations.models import Entry, LocalQuota, ReviewCheck
from smartfactory import workflow
from smartfactory.models import Authority, Role, User
from tests.factories.declarations import make_declaration, people_of
from tests.factories.organisations import make_enterprise, make_member

PASSWORD = "Desk-of-tests-2024"


@dataclass
class Desk:
    """The people of one authority."""

    authority: Authority
    official: User
    sealer: User
    extra: dict = field(default_factory=dict)


def make_desk(code="990000"):
    authority = Authority.objects.get(code=code)
    official, sealer = (person(authority, role) for role in (Role.OFFICIAL, Role.SEALER))
    return Desk(authority, official, sealer)


def person(authority, role):
    user = make_member(role, authority=authority)
    user.set_password(PASSWORD)
    user.save()
    return user


def cap_cities(track="2024-excellence", limit=5, strength="soft"):
    """The demo province sets its cities a number, so that they make lists of their own."""
    return LocalQuota.objects.create(
        track=Track.objects.get(code=track), parent=Authority.objects.get(code="990000"), kind="city", limit=limit,
        strength=strength, basis="测试用上限", standing="unverified",
    )  # fmt: skip


def tick_all(declaration, official):
    review = reviewing.review_of(declaration)
    ticked = {one.key: "pass" for one in ReviewCheck.objects.filter(track=declaration.track)}
    return reviewing.save(review, ticked=ticked, note="", version=review.version, actor=official)


def qualified(city="990101", *, soe=None, track="2024-excellence", enterprise=None):
    """A declaration that an official has taken up, ticked and qualified."""
    enterprise = enterprise or make_enterprise(authority=Authority.objects.get(code=city), soe=soe)
    declaration = make_declaration(status="in_review", enterprise=enterprise, track=track)
    _, _, official = people_of(declaration)
    assert is_official(official, declaration)
    tick_all(declaration, official)
    return workflow.fire(declaration, "qualify", actor=official, version=declaration.version)


def copies(declaration, count):
    """More qualified declarations with the same filed content, made cheaply: for tests of order and number."""
    made = []
    for _ in range(count):
        enterprise = make_enterprise(authority=declaration.enterprise.authority, soe=declaration.enterprise.soe)
        fresh = Declaration.objects.get(pk=declaration.pk)
        fresh.pk, fresh.public_id, fresh.enterprise = (
            None,
            Declaration._meta.get_field("public_id").default(),
            enterprise,
        )
        fresh.number = f"{fresh.number}-{enterprise.pk}"
        fresh.save(force_insert=True)
        made.append(fresh)
    return made


def open_list(desk, track="2024-excellence"):
    return ranking.open_list(track=Track.objects.get(code=track), authority=desk.authority, actor=desk.official)


def settle(one):
    """Give a reason wherever the order asks for one: filed copies all have the same points."""
    for about in ordering.departures(list(one.entries.select_related("declaration__enterprise", "source"))):
        Entry.objects.filter(pk=about.entry.pk).update(order_reason="测试用的理由", order_about=about.about)
    return one


def sealed(one, desk):
    """Freeze and seal the list as two people."""
    one.refresh_from_db()
    settle(one)
    one = workflow.fire(one, "freeze", actor=desk.official, version=one.version)
    return workflow.fire(one, "seal", actor=desk.sealer, version=one.version)


def colleague(desk):
    """Another official of the same authority."""
    return person(desk.authority, Role.OFFICIAL)
