"""The words of a row's keys and of what may stand there, for people who never see the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessment import operators
from assessment.models.edition import EditionStatus
from assessment.vocabulary import COMMON, TARGETS, EvidenceKind, Scope, Standing, Strength
from smartfactory.models import AuthorityKind

KEYS: dict[str, str] = {
    "accumulate": "层级叠加", "address": "网址", "ai": "人工智能", "annex": "附件号", "answers": "回答哪些条件", "area": "归入环节领域",
    "area_group": "领域", "at": "截止时间", "base_lower": "基期下限", "base_upper": "基期上限", "basis": "名额说明", "checklist": "材料清单第几项",
    "clause": "条款", "code": "编码", "columns": "列", "computed": "由系统算出", "content": "内容", "copies": "份数",
    "cover_title": "封面题名", "criterion": "分档判据", "custom_scenarios": "目录以外的场景名", "decided_by": "由谁认定", "direction": "方向",
    "ending": "封存后成为", "evidence": "核验方式", "evidence_note": "佐证要点", "excluded": "不含哪些单位", "fix": "补齐位置",
    "finding": "自动提示", "focus": "建设重点", "formula": "算法", "formula_standing": "算法的核实程度", "group": "分组",
    "groups_by_place": "央企所属单位走所在地", "help": "填写说明", "high": "判据到（含）", "id": "文件代号", "issued": "印发日期",
    "issuer": "印发单位", "items": "逐项", "key": "代号", "kind": "类型", "kinds": "哪类推荐单位", "label": "名称", "like": "代表的国家类别", "limit": "名额",
    "limit_clause": "字数的条款", "limit_standing": "字数的核实程度", "low": "判据从（含）", "lower": "下限", "manual": "须人工判断",
    "max_chars": "字数上限", "name": "名称", "note": "备注", "note_title": "边注标题", "notes": "注", "number": "序号", "number_prefix": "编号前缀",
    "only": "只用于", "opens_at": "开始时间", "operator": "判定方式", "options": "选项", "paper_copies": "纸质份数", "paragraphs": "正文",
    "params": "判定参数", "part": "附件", "per_instance": "每个实例各填一次", "reason": "理由", "recipients": "报送单位",
    "recommender_cell": "推荐单位栏", "recommender_note": "推荐单位栏的注", "recommender_text": "推荐单位栏的固定文字", "region": "适用地区",
    "required": "必填", "requires": "前置层级", "scope": "适用范围", "segment": "场景环节", "short": "简称", "short_title": "简称",
    "source": "依据文件", "stage": "阶段", "standing": "核实程度", "status": "状态", "strength": "强弱", "summary": "说明", "text": "内容",
    "tier": "层级", "title": "名称", "track": "申报类别", "tracks": "申报类别", "unit": "单位", "unit_label": "落款", "unlimited": "不设名额",
    "upper": "上限", "variants": "异文", "via": "由谁代为推荐", "weight": "权重", "width_mm": "列宽（毫米）", "within": "定名额的单位", "year": "年度",
    "extends": "沿用的版次", "level": "级别", "percent": "比例", "areas": "环节", "month": "年月", "industries": "行业", "codes": "条件", "parts": "各部分", "criteria": "计分项", "sections": "部分", "fields": "字段", "documents": "依据文件",
    "places": "另定门槛的地区", "units": "所含单位", "pools": "培育库", "of": "申报书的哪一项", "cases": "各种情形", "when": "情形", "least": "不少于",
    "sampling": "抽查规则", "visits": "核查项", "strata": "分层",
}  # fmt: skip
# What a list or a number at a key is for, where the word alone does not say.
HELP: dict[str, str] = {
    "at": "写到秒，带时区，含这一秒，例如 2026-07-18T23:59:59+08:00",
    "opens_at": "写到秒，带时区，例如 2026-06-19T00:00:00+08:00",
    "clause": "照原文写条款号；通知里没有的写“平台要求”",
    "source": "上面“依据文件”里登记的代号；转引的写网址",
    "limit": "留空表示不知道：可以排序，不能封存",
    "high": "留空表示不封顶",
    "params": "一行一项，如 level: 3",
    "requires": "一行一个层级", "notes": "一行一条", "paragraphs": "一行一段；{year} {authority} {track} {count} 由系统填入",
    "answers": "一行一个条件编码", "tracks": "一行一个申报类别编码", "only": "一行一个", "excluded": "一行一个单位编码", "units": "一行一个单位编码", "kinds": "一行一个：province、separately_planned_city、xpcc、central_soe、soe_unit、city、district", "variants": "一行一个",
    "strata": "none 不分层，unit 按受理单位，industry 按行业；每层各按比例或个数抽",
    "strength": "“必须”不满足就不行；“原则上”要说明，不一票否决",
    "fix": "部分.字段，例如 applicant.above_scale",
}  # fmt: skip
# Keys whose lists are plain texts, one a line; other lists and groups are written as in the file.
LINES = frozenset(
    {"requires", "notes", "paragraphs", "answers", "tracks", "only", "excluded", "units", "variants", "kinds"}
)
LONG = frozenset(
    {"text", "note", "summary", "focus", "basis", "content", "help", "formula", "evidence_note", "decided_by"}
)
_VOCABULARIES = (Strength, Scope, Standing, EvidenceKind, EditionStatus, AuthorityKind)
_CHOICES: dict[str, str] = {
    value: label for words in _VOCABULARIES for value, label in words.choices
} | dict(TARGETS) | {
    COMMON: "各级通用", "enterprise": "线上申报", "correction": "退回改正", "city": "市（州、盟）", "recommender": "推荐单位审核、推荐",
    "recommend": "已推荐", "recognise": "已认定", "keep": "已列入名单", "parent": "所在省", "answered": "都表态", "unopposed": "没有不同意", "none": "不叠加", "previous": "叠加前一级",
    "all": "叠加以下各级", "blank": "留空", "auto": "自动填写", "fixed": "固定文字", "up": "越大越好", "down": "越小越好", "rate": "比率",
    "change": "增减", "count": "个数", "credit_code": "统一社会信用代码", "maturity": "成熟度", "prior_title": "前置称号", "deadline": "截止时间",
    "ai_share": "人工智能场景比例", "flag": "企业作答", "number_at_least": "数值不少于（按情形和地区）", "all_flags": "所列条件都满足", "any_flags": "所列条件满足其一",
    "maturity_at_least": "成熟度不低于", "coverage_includes": "覆盖所列环节", "prior_tier": "已获前置称号", "ai_share_at_least": "人工智能场景比例不低于",
    "branch_allowed_for_industry": "分支机构限所列行业", "built_by": "建成不晚于", "all_of": "各部分都成立", "any_of": "各部分成立其一",
    "flag_when_unknown": "系统算，算不出由企业作答", "unit": "按受理单位分层", "industry": "行业",
}  # fmt: skip
# The same code in two vocabularies: the key decides.
_AT: dict[tuple[str, str], str] = {("stage", "city"): "市级审核", ("via", "province"): "所在省（区、市）"}


# The same key in rows of another kind, known by a key only those rows have.
_BESIDE = {("number", "issuer"): "文号", ("kind", "basis"): "单位类别", ("text", "operator"): "要求"}


def key(name: str, row: Iterable[str] = ()) -> str:
    """The word for a key, in a row (or schema) with these keys."""
    special = (word for (one, beside), word in _BESIDE.items() if one == name and beside in row)
    return next(special, KEYS.get(name, name))


def choice(name: str, value: str) -> str:
    """What a code means at a key; operators and kinds of field are their own words."""
    return _AT.get((name, value)) or _CHOICES.get(value, value)


def choices(name: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, choice(name, one)) for one in values]


def shown(name: str, value: Any) -> str:
    """A value as one reads it in a table or a report."""
    if value is None:
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(shown(name, one) for one in value)
    if isinstance(value, Mapping):
        return "；".join(f"{key(str(part))} {shown(str(part), one)}" for part, one in value.items())
    return choice(name, value) if isinstance(value, str) and name in CODED else str(value)


CODED = frozenset({"standing", "strength", "scope", "stage", "tier", "evidence", "via", "direction", "ending", "accumulate",
                   "formula_standing", "limit_standing", "recommender_cell", "kind", "requires", "status", "operator", "finding"})  # fmt: skip
# Named in this order, the first that is there is what one calls the row.
_TITLES = ("text", "title", "name", "basis", "label", "content", "key", "stage", "track", "tracks", "kind")
_FACTS = ("code", "track", "number", "kind", "tier", "stage", "at", "criterion", "low", "high", "limit", "unlimited", "via",
          "copies", "weight", "operator", "params", "strength", "segment", "area", "required", "max_chars")  # fmt: skip


def title(row: Mapping[str, Any]) -> str:
    """What one calls the row."""
    name = next((one for one in _TITLES if row.get(one)), "")
    return shown(name, row[name]) if name else "（没有名称）"


def facts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else one wants to see of a row in a list."""
    used = next((one for one in _TITLES if row.get(one)), "")
    return [
        (key(name, row), shown(name, row[name])) for name in _FACTS if name in row and name != used and row[name] != {}
    ]


def parameters(operator: str) -> str:
    """Which parameters an operator takes, for the margin."""
    found = operators.OPERATORS.get(operator)
    names = [] if found is None else [*found.params]
    return "、".join(names)
