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
        from assessment.drafting import desk as policy_desk
        from assessment.drafting import workflow  # noqa: F401 - importing registers the transitions
        from assessment.knowledge import checks  # noqa: F401 - importing registers the check
        from assessment.maturing import desk as maturity_desk
        from assessment.maturing import workflow as maturity_workflow  # noqa: F401 - importing registers the transitions
        from smartfactory import acts, home

        home.register(desk.waiting)
        home.register(policy_desk.waiting)
        home.register(maturity_desk.waiting)
        acts.name({"assessment.start": "开始自评", "assessment.finish": "完成自评"})
        acts.name(
            {
                "maturityattempt.start": "开始成熟度预评",
                "maturityattempt.save": "保存成熟度子域的作答",
                "maturityreport.record": "登记成熟度评估结果",
            }
        )
        acts.name(
            {
                "editiondraft.clone": "以已有版次为底稿起草",
                "editiondraft.amend": "起草对版次的更正",
                "editiondraft.import": "由文件起草版次",
                "editiondraft.save": "改版次草案的一行",
                "editiondraft.add": "给版次草案添一行",
                "editiondraft.remove": "删去版次草案的一行",
                "editiondraft.vouch": "改几行的核实程度",
            }
        )
