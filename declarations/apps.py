"""The declarations app: registers its chapters, transitions, jobs and verifier."""

from __future__ import annotations

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "declarations"
    verbose_name = "申报"

    def ready(self) -> None:
        from assessment import fixes, policy_sections
        from declarations import chapters, desk, tasks, verifier, workflow  # noqa: F401 - importing registers them
        from smartfactory import home

        home.register(desk.waiting)
        fixes.register(desk.places)
        policy_sections.register(desk.SECTION)
