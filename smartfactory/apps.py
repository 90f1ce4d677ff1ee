"""The ground floor as a Django app."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig


class SmartFactoryConfig(AppConfig):
    name = "smartfactory"
    verbose_name = "平台"

    def ready(self) -> None:
        # Imported for their effect: the system checks are registered, and shared tasks find the project's broker.
        from smartfactory import acts, celery, checks  # noqa: F401
        from smartfactory.models import User

        def people(keys: Iterable[int]) -> dict[int, str]:
            return {one.pk: one.display for one in User.objects.filter(pk__in=keys)}

        acts.name_rows("smartfactory.user", people)
