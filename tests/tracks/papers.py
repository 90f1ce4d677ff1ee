"""What the notices say about the end of each track, copied from them by hand: the tests hold the data against this."""

from dataclasses import dataclass, field

MIIT, NDRC = "工业和信息化部（装备工业一司）", "国家发展改革委（产业发展司）"
SASAC = "国务院国资委（科技创新局）"
HEAD, TAIL = ["序号", "申报单位名称"], ["联系人", "联系方式（手机号）"]


@dataclass(frozen=True)
class Paper:
    """One way to the end of a track: who seals, from where declarations come, and how the sealed sheet reads."""

    track: str
    unit: str
    place: str
    limit: int | None
    title: str
    columns: list
    notes: list
    annex: str = ""
    copies: int | None = 1
    recipients: list = field(default_factory=list)
    ending: str = "已推荐"
    below: str = ""
    official: bool = False


def graded(track, unit, place, limit, tier, annex, **more):
    return Paper(
        track, unit, place, limit, f"{tier}智能工厂项目推荐汇总表",
        [*HEAD, f"{tier}智能工厂项目名称", "涉及典型场景实例（罗列）", *TAIL],
        [f"注：1.推荐的{tier}智能工厂项目按优先次序排名；2.推荐数量不能超过通知中规定的上限。"], annex=annex, **more,
    )  # fmt: skip


def pilot(track, unit, place, limit, name, **more):
    return Paper(
        track, unit, place, limit, "智能制造试点示范项目推荐汇总表", [*HEAD, f"{name}项目名称", "涉及场景（罗列）", *TAIL],
        [f"注：1.推荐的{name}按优先顺序填写；2.推荐数量不超过通知规定的上限。"], annex="附件5", recipients=[MIIT, NDRC], **more,
    )  # fmt: skip


ADVANCED_NOTE = "注：通知只要求报送名单，没有给出表样；各列由本系统拟定。"
BASIC_NOTE = "注：名单由省级主管部门或有关中央企业保存，通知没有要求报送；各列由本系统拟定。"
OLD_NOTE = "注：凭旧称号列入，各列由本系统拟定。"


def advanced(track, unit, place, **more):
    columns = ["序号", "企业名称", "先进级智能工厂名称", "所在地", "申报编号"]
    title = "先进级智能工厂名单"
    return Paper(track, unit, place, None, title, columns, [ADVANCED_NOTE], copies=None, ending="已认定", **more)


def basic(track, unit, place):
    columns = ["序号", "企业名称", "基础级智能工厂名称", "所在地", "自评编号"]
    title = "基础级智能工厂自评名单"
    return Paper(track, unit, place, None, title, columns, [BASIC_NOTE], copies=None, ending="已列入名单")


def old_title(track, unit, way):
    columns = ["序号", "企业名称", "智能工厂（数字化车间）名称", "所在地", "编号"]
    title = f"基础级智能工厂名单（{way}）"
    return Paper(track, unit, unit, None, title, columns, [OLD_NOTE], copies=None, ending="已列入名单")


PAPERS = [
    pilot("2022-scenario", "990000", "990101", 30, "优秀场景"),
    pilot("2022-factory", "990000", "990101", 10, "示范工厂"),
    pilot("2022-factory", "660000", "660000", 5, "示范工厂"),
    graded("2024-excellence", "990000", "990101", 20, "卓越级", "附件4", recipients=[MIIT], official=True),
    graded("2024-excellence", "soe-yunze", "990101", 5, "卓越级", "附件4", recipients=[MIIT, SASAC], official=True),
    graded(
        "2024-hebei-excellence",
        "130000",
        "130100",
        20,
        "卓越级",
        "附件4",
        recipients=[MIIT],
        below="130100",
        official=True,
    ),
    graded(
        "2024-liaoning-excellence",
        "210000",
        "210300",
        20,
        "卓越级",
        "附件4",
        recipients=[MIIT],
        below="210300",
        copies=2,
    ),
    graded("2025-excellence", "990000", "990101", 40, "卓越级", "附件3", recipients=[MIIT]),
    graded("2025-excellence", "soe-yunze", "990101", 5, "卓越级", "附件3", recipients=[MIIT, SASAC]),
    graded("2025-pioneer", "990000", "990101", 2, "领航级", "附件5", recipients=[MIIT]),
    advanced("2025-advanced", "990000", "990101", recipients=[MIIT]),
    advanced("2025-advanced", "soe-yunze", "990101", recipients=[MIIT, SASAC]),
    basic("2025-basic", "990000", "990101"),
    pilot("2022-guangdong-scenario", "440000", "440100", 30, "优秀场景", below="440100"),
    pilot("2022-guangdong-factory", "440000", "440600", 10, "示范工厂", below="440600"),
    advanced("2025-jiangsu-advanced", "320000", "320000", recipients=[MIIT]),
    advanced("2025-heilongjiang-advanced", "230000", "230000", recipients=[MIIT]),
    Paper(
        "2025-changsha-advanced",
        "430100",
        "430100",
        None,
        "先进级智能工厂推荐汇总表",
        ["序号", "企业名称", "先进级智能工厂名称", "所在地", "申报编号"],
        ["注：通知要求交电子汇总表，没有见到表样；各列由本系统拟定。"],
        copies=None,
        recipients=["湖南省工业和信息化厅"],
    ),
    Paper(
        "2025-zhejiang-future",
        "330000",
        "330127",
        None,
        "未来工厂名单",
        ["序号", "企业名称", "项目名称", "所在地", "编号"],
        ["注：名单的表样没有取得，各列由本系统拟定。"],
        copies=None,
        ending="已认定",
    ),
    basic("2025-wuhu-basic", "340200", "340200"),
    old_title("2025-wuhu-titled", "340200", "直接列入"),
    old_title("2025-wuhu-review", "340200", "复核"),
]
