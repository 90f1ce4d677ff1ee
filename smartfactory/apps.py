"""The ground floor as a Django app."""

from django.apps import AppConfig


class SmartFactoryConfig(AppConfig):
    name = "smartfactory"
    verbose_name = "平台"

    def ready(self) -> None:
        from smartfactory import checks  # noqa: F401  registering the system checks is the import's effect
