"""The recommendations app. Importing its parts registers its chapters, transitions, jobs, checks and verifier."""

from __future__ import annotations

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = "推荐"

    def ready(self) -> None:
        from assessment import policy_sections
        from recommendations import chapters, policy_page, reviewing, tasks, verifier, waiting, workflow  # noqa: F401
        from smartfactory import home, navigation

        home.register(waiting.waiting)
        navigation.count_waiting("review_queue", waiting.to_take_up)
        policy_sections.register(policy_page.SECTION)
