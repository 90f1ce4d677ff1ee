"""The recommendations app: registers its chapters, transitions, jobs, checks and verifier."""

from __future__ import annotations

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = "推荐"

    def ready(self) -> None:
        from recommendations import chapters, reviewing, tasks, verifier, workflow  # noqa: F401 - importing registers them
