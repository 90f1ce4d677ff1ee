"""The recommendations app. Importing its parts registers its chapters, transitions, jobs, checks and verifier."""

from __future__ import annotations

from django.apps import AppConfig

ACTS = {
    "review.save": "保存审核记录",
    "duty.give": "分派承办人",
    "view.keep": "保存视图",
    "view.rename": "改视图的名称",
    "view.share": "共用视图",
    "view.default": "设定默认视图",
    "view.remove": "删除视图",
    "bulk.start": "批量办理",
    "release.ask": "申请调阅完整件",
    "onsite.draw": "抽查",
    "onsite.send": "指派核查人",
    "onsite.note": "填写核查所见",
    "onsite.photo": "上传现场照片",
    "declaration.reveal": "查看完整联系方式",
    "opinion.sign": "签署联合审核意见",
    "note.write": "写内部备注",
    "list.open": "建立推荐名单",
    "list.rank": "调整名次",
    "list.suggested": "按参考分排列",
    "list.reorder": "按 Excel 排列",
    "list.reason": "写次序说明",
    "list.quota": "更新名额",
    "list.download": "下载推荐文书",
    "quota.local": "设定下级上限",
    "quota.fact": "录入名额判据",
    "quotaoverride.propose": "提出手工名额",
    "eseal.ask": "申请电子签章",
    "eseal.done": "收到电子签章",
    "scan.upload": "上传盖章扫描件",
    "scan.check": "核对盖章扫描件",
    "scan.download": "下载盖章扫描件",
    "packet.order": "生成材料包",
    "packet.give": "交给评审专家",
    "packet.take": "从评审专家收回",
    "packet.purge": "删除过期材料包的文件",
    "packet.download": "下载材料包",
    "seed.load": "写入测量用的数据",
}


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = "推荐"

    def ready(self) -> None:
        from assessment import policy_sections
        from declarations import freezing
        from recommendations import (  # noqa: F401
            chapters,
            overrides,
            policy_page,
            releases,
            reviewing,
            tasks,
            verifier,
            waiting,
            workflow,
        )
        from recommendations.likeness import reading
        from recommendations.onsite import paper  # noqa: F401
        from recommendations.queue import bulk  # noqa: F401
        from smartfactory import acts, home, navigation

        freezing.follow(reading.enqueue)
        acts.name(ACTS)
        acts.name_rows("recommendations.recommendationlist", waiting.titles)
        home.register(waiting.waiting)
        navigation.count_waiting("review_queue", waiting.to_do)
        policy_sections.register(policy_page.SECTION)
