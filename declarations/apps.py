"""The declarations app: registers its chapters, transitions, jobs and verifier."""

from __future__ import annotations

from django.apps import AppConfig

ACTS = {
    "declaration.start": "开始填写申报书",
    "declaration.download": "下载申报书或佐证材料",
    "evidence.add": "上传佐证材料",
    "evidence.remove": "移除佐证材料",
    "evidence.strip": "清理佐证材料的隐藏信息",
    "declaration.import": "从 Excel 导入长表",
    "deadline.local": "设定本地截止时间",
}


class DeclarationsConfig(AppConfig):
    name = "declarations"
    verbose_name = "申报"

    def ready(self) -> None:
        from assessment import fixes, policy_sections
        from declarations import chapters, desk, notices, tasks, verifier, workflow  # noqa: F401 - importing registers them
        from smartfactory import acts, home

        acts.name(ACTS)
        home.register(desk.waiting)
        home.register(notices.waiting)
        fixes.register(desk.places)
        policy_sections.register(desk.SECTION)
