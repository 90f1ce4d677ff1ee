"""The ground floor as a Django app."""

from django.apps import AppConfig


class SmartFactoryConfig(AppConfig):
    name = "smartfactory"
    verbose_name = "平台"

    def ready(self) -> None:
        # Imported for their effect: the system checks are registered, and shared tasks find the project's broker.
        from smartfactory import celery, checks  # noqa: F401
