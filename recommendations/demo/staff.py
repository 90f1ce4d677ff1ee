"""People of the demonstration: those who can sign in, and service accounts for every other desk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from recommendations.demo import book
from smartfactory.models import Authority, Enterprise, Membership, Role, User

NAMES = {
    Role.PREPARER: "填报人",
    Role.SIGNATORY: "负责人",
    Role.OFFICIAL: "经办人",
    Role.SEALER: "用印人",
}


def renew_password() -> bool:
    """Give every login the password now set, if it is another than before; says whether it was."""
    logins = list(User.objects.filter(username__in=[row["username"] for row in book.world()["logins"]]))
    if not logins or logins[0].check_password(settings.DEMO_PASSWORD):
        return False
    User.objects.filter(pk__in=[one.pk for one in logins]).update(password=make_password(settings.DEMO_PASSWORD))
    return True


class Staff:
    """Whoever holds a role somewhere. A desk without a login gets an account nobody can sign in to."""

    def __init__(self) -> None:
        self._by_desk: dict[tuple[str, str, int], User] = {}

    def hire(self, enterprise: Enterprise) -> None:
        """Create the logins of the folder; those of an enterprise belong to `enterprise`."""
        password = make_password(settings.DEMO_PASSWORD)
        for row in book.world()["logins"]:
            user = User.objects.create(username=row["username"], full_name=row["full_name"], password=password)
            code = row.get("authority")
            place = {"authority": Authority.objects.get(code=code)} if code else {"enterprise": enterprise}
            self._appoint(user, row["role"], row.get("department", ""), **place)

    def at(self, role: str, place: Authority | Enterprise) -> User:
        """The person with this role there."""
        kind = place._meta.model_name
        key = (kind, str(role), place.pk)
        if key not in self._by_desk and not self._known(kind, role, place):
            code = place.code if kind == "authority" else place.credit_code.lower()
            name = f"演示·{place.short_name}{NAMES[Role(role)]}" if kind == "authority" else f"演示·{NAMES[Role(role)]}"
            user = User.objects.create(username=f"demo-{code}-{role}", full_name=name, password=make_password(None))
            self._appoint(user, role, **{kind: place})
        return self._by_desk[key]

    def _known(self, kind: str, role: str, place: Authority | Enterprise) -> bool:
        """Whether somebody was appointed there on an earlier occasion."""
        found = Membership.objects.filter(role=role, is_active=True, **{kind: place}).select_related("user").first()
        if found:
            self._by_desk[(kind, str(role), place.pk)] = found.user
        return found is not None

    def _appoint(self, user: User, role: str, department: str = "", **place: Any) -> None:
        Membership.objects.create(user=user, role=role, department=department, **place)
        kind, where = next(iter(place.items()))
        self._by_desk.setdefault((kind, str(role), where.pk), user)
