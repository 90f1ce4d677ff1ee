"""The assessment app: registers the chapters of an edition that it knows how to read."""

from __future__ import annotations

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "政策版次与自评"

    def ready(self) -> None:
        from assessment import (
            chapters,  # noqa: F401 - importing registers the chapters
            desk,
        )
        from smartfactory import acts, home

        home.register(desk.waiting)
        acts.name({"assessment.start": "开始自评", "assessment.finish": "完成自评"})
