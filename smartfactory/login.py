"""Signing in: the lock after repeated failures. The failures are rows, so a restart does not lift a lock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from smartfactory import audit
from smartfactory.models import LoginFailure, User


def locked_until(username: str) -> datetime | None:
    """When the lock on this name ends, None if there is none. Names nobody has are locked alike."""
    since = timezone.now() - _lock_time()
    recent = LoginFailure.objects.filter(username=_key(username), at__gte=since).order_by("-at")
    times = list(recent.values_list("at", flat=True)[: settings.LOGIN_FAILURES])
    return times[-1] + _lock_time() if len(times) >= settings.LOGIN_FAILURES else None


def attempt(request: HttpRequest, username: str, password: str) -> User | None:
    """The person if name and password fit and the name is not locked. Every failure is counted and recorded."""
    if locked_until(username):
        return None
    user = authenticate(request, username=username, password=password)
    if user is None:
        _count_failure(request, username)
    else:
        LoginFailure.objects.filter(username=_key(username)).delete()
    return user


def proves(user: User, password: str) -> bool:
    """Whether somebody signed in types the account's password again; failures count towards the same lock."""
    if locked_until(user.username):
        return False
    if user.check_password(password):
        return True
    LoginFailure.objects.create(username=_key(user.username))
    return False


def refusal(username: str, otherwise: str) -> str:
    """Why a password was not taken: the name is locked, or what `otherwise` says."""
    if until := locked_until(username):
        return (
            f"密码连续输错 {settings.LOGIN_FAILURES} 次，暂时不能再试。请在 {timezone.localtime(until):%H:%M} 以后再来"
        )
    return otherwise


def failures_left(username: str) -> int:
    since = timezone.now() - _lock_time()
    return settings.LOGIN_FAILURES - LoginFailure.objects.filter(username=_key(username), at__gte=since).count()


def _count_failure(request: HttpRequest, username: str) -> None:
    # What was typed is not recorded in the trail: people type passwords into the wrong box.
    LoginFailure.objects.create(username=_key(username), ip=request.META.get("REMOTE_ADDR", "")[:45])
    owner = User.objects.filter(username=username).first()
    audit.refuse("account.login", actor=owner, reason="用户名或密码不对")


def record_login(user: User) -> None:
    with transaction.atomic():
        audit.record("account.login", actor=user, obj=user)


def _key(username: str) -> str:
    return username.strip().casefold()[:150]


def _lock_time() -> timedelta:
    return timedelta(minutes=settings.LOGIN_LOCK_MINUTES)
