"""The declarations app: registers its chapters, transitions, jobs and verifier."""

from __future__ import annotations

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "declarations"
    verbose_name = "申报"

    def ready(self) -> None:
        from declarations import chapters, tasks, verifier, workflow  # noqa: F401 - importing registers them
