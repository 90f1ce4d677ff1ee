"""The declarations app: registers its chapters, transitions, jobs and verifier."""

from __future__ import annotations

from django.apps import AppConfig

ACTS = {
    "declaration.move": "转到新版次",
    "declaration.start": "开始填写申报书",
    "declaration.download": "下载申报书或佐证材料",
    "evidence.add": "上传佐证材料",
    "evidence.remove": "移除佐证材料",
    "evidence.point": "标出佐证材料回答的条件",
    "evidence.unpoint": "取消佐证材料对应的条件",
    "evidence.strip": "清理佐证材料的隐藏信息",
    "scenario.add": "增加具体场景",
    "scenario.remove": "删去具体场景",
    "scenario.restore": "恢复具体场景",
    "scenario.move": "移动具体场景",
    "scenario.copy": "复制具体场景",
    "declaration.import": "从 Excel 导入长表",
    "fact.mend": "写明企业资料的来源",
    "fact.value": "改企业资料的值",
    "fact.state": "添加企业资料",
    "fact.adopt": "企业资料改用申报书里的值",
    "fact.withdraw": "撤下企业资料",
    "fact.restore": "恢复企业资料",
    "declaration.fill": "从企业资料填入",
    "declaration.fill_maturity": "从成熟度评估结果填入",
    "declaration.clone": "从以前的申报书带入",
    "team.invite": "邀请成员",
    "team.revoke": "收回邀请",
    "team.join": "接受邀请，加入企业",
    "team.role": "改成员的角色",
    "team.hand_over": "移交企业负责人",
    "team.end": "结束成员资格",
    "team.leave": "退出企业",
    "team.assign": "分工",
    "claim.file": "提交账号认领",
    "claim.match": "认领的企业建档，转受理单位核实",
    "claim.proof": "下载认领的证明",
    "thread.post": "与对方沟通",
    "account.create": "新建账号",
    "extension.propose": "提出给一家企业延期",
    "deadline.local": "设定本地截止时间",
}


class DeclarationsConfig(AppConfig):
    name = "declarations"
    verbose_name = "申报"

    def ready(self) -> None:
        from assessment import fixes, policy_sections
        from declarations import chapters, desk, extensions, notices, tasks, team_desk, verifier, workflow  # noqa: F401 - importing registers them
        from smartfactory import acts, home

        acts.name(ACTS)
        acts.name_rows("declarations.declaration", desk.numbers)
        home.register(desk.waiting)
        home.register(notices.waiting)
        home.register(team_desk.waiting)
        home.register(team_desk.extensions_waiting)
        fixes.register(desk.places)
        policy_sections.register(desk.SECTION)
        policy_sections.register(desk.LOCAL)
