"""Who asks: the session and the account behind it, read on every page of everybody who has signed in."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from smartfactory.models import User
from smartfactory.prepared import Prepared


@Prepared
def _session(key: str) -> QuerySet:
    return Session.objects.filter(session_key=key)


@Prepared
def _account(pk: int) -> QuerySet:
    return User.objects.filter(pk=pk)


class SessionStore(db.SessionStore):
    """Sessions as rows; one that has run out is none."""

    def _get_session_from_db(self) -> Session | None:
        for found in _session(self.session_key):
            if found.expire_date > timezone.now():
                return found
        self._session_key = None
        return None


class AccountBackend(ModelBackend):
    """Name and password; an account that was closed is nobody's."""

    def get_user(self, user_id: int) -> User | None:
        for found in _account(user_id):
            if self.user_can_authenticate(found):
                return found
        return None
