"""Declarations for tests, filled with valid invented content and brought to any status through the workflow itself."""

from datetime import datetime

from declarations import content, services
from declarations.deadlines import server_time
from declarations.models import Deadline, Declaration, Evidence, ScenarioInstance, SectionContent, Track
from declarations.vocabulary import Kind
from declarations.workflow import sealing
from smartfactory import files, workflow
from smartfactory.models import Membership, Role
from tests.factories.organisations import make_enterprise, make_member

# How a declaration gets from submitted to each status.
PATHS = {
    "submitted": [],
    "in_review": ["take_up"],
    "returned": ["take_up", "return_"],
    "qualified": ["take_up", "qualify"],
    "rejected": ["take_up", "reject"],
    "reserved": ["take_up", "reserve"],
    "recommended": ["take_up", "qualify", "recommend"],
}
LONG = "单元控制器按订单下发程序，机器人换夹具，视觉检测判定首件，异常转人工复核，结果按件保存三年。"

APPLICANT = {
    "entity_type": "legal",
    "address": "云泽省澜州市演示路 1 号",
    "nature": "private",
    "legal_person": "沈明远",
    "founded": "2009-05-18",
    "registered_capital": "12000",
    "industry": "C3670",
    "industry_name": "汽车零部件及配件制造",
    "above_scale": "yes",
    "size": "medium",
    "staff_total": "860",
    "staff_rnd": "122",
    "staff_smart": "46",
    "main_products": "一体化压铸壳体、副车架。",
    "market_position": "细分产品国内占有率约 12%，出处为行业协会 2023 年统计。",
    "profile": "专业从事轻量化结构件研发和制造的企业。",
    "finances": [
        {
            "year": "2021",
            "revenue": "61000",
            "profit": "4100",
            "assets": "88000",
            "debt_ratio": "46.2",
            "tax": "2300",
            "rnd": "3100",
            "audited": "audited",
        },
        {
            "year": "2022",
            "revenue": "68000",
            "profit": "4900",
            "assets": "93000",
            "debt_ratio": "45.1",
            "tax": "2500",
            "rnd": "3500",
            "audited": "audited",
        },
        {
            "year": "2023",
            "revenue": "76000",
            "profit": "5800",
            "assets": "99000",
            "debt_ratio": "43.8",
            "tax": "2800",
            "rnd": "4200",
            "audited": "audited",
        },
    ],
    "credit_check": "clean",
    "credit_date": "2024-10-12",
    "compliance": ["safety", "environment", "law"],
    "contact_name": "周敏",
    "contact_title": "智能制造部经理",
    "contact_phone": "10000000107",
    "contact_email": "zhoumin@example.cn",
}
FACTORY = {
    "project_name": "新能源汽车一体化压铸壳体柔性制造智能工厂",
    "factory_name": "澜州精锻第二工厂",
    "factory_address": "云泽省澜州市演示路 9 号",
    "production_type": "discrete",
    "built_from": "2021-03",
    "built_until": "2024-06",
    "investment_equipment": "8200",
    "investment_software": "1600",
    "investment_integration": "900",
    "investment_network": "700",
    "investment_other": "200",
    "investment_total": "11600",
    "integrators": [{"name": "云泽智造系统集成有限公司", "work": "产线集成", "amount": "900", "origin": "domestic"}],
    "prior_titles": [
        {"tier": "ADVANCED", "batch": "2023 年第一批", "document": "云工信装备〔2023〕66号", "date": "2023-09-01"},
        {"tier": "EXCELLENCE", "batch": "2024 年", "document": "演示文号 1 号", "date": "2024-02-07"},
    ],
    "subject": "factory",
    "digital_level": "3.2",
    "maturity_level": "4",
    "maturity_method": "third",
    "maturity_body": "演示评估中心",
    "maturity_date": "2024-08-20",
    "maturity_score": "3.92",
    "summary": "项目建成 3 个柔性单元，打通从订单到交付的数据。" + LONG,
    "effect": "换型时间由 96 分钟降到 17 分钟，产品不良率由 3.8% 降到 0.9%。",
    "organisation": "成立由总经理牵头的智能制造委员会，专职人员 46 人。",
    "controllable": ["equipment", "software", "os", "solution"],
    "security": ["network", "data"],
    "commitment": ["truth", "state", "trade", "files"],
    "ai_use": "在检测、排产、能源三处应用人工智能。",
    "leading_position": "本行业领军企业，核心产品出口 20 多个国家。",
    "resources": "未来两年投入 6000 万元，设专职团队 60 人。",
    "future_model": "探索按需生产的分布式制造。",
}
SCENARIOS = {
    "overview": "以柔性单元为核心，覆盖工厂建设、研发设计、生产作业、生产管理、运营管理。" + LONG,
    "equipment": [
        {
            "name": "六轴机器人",
            "model": "R6-20",
            "maker": "演示机器人有限公司",
            "origin": "domestic",
            "count": "12",
            "key_equipment": "yes",
            "numeric": "yes",
            "since": "2022-05",
        },
        {
            "name": "五轴加工中心",
            "model": "M5-800",
            "maker": "演示机床有限公司",
            "origin": "domestic",
            "count": "9",
            "key_equipment": "yes",
            "numeric": "yes",
            "since": "2022-08",
        },
    ],
    "software": [
        {"name": "制造执行系统", "category": "software", "version": "5.2", "maker": "自主开发", "origin": "domestic"},
        {"name": "工业操作系统", "category": "os", "version": "3.0", "maker": "演示软件有限公司", "origin": "domestic"},
    ],
    "integration": "设计、计划、执行、质量、能源五个系统共用一套编码，经总线交换数据。",
    "interfaces": [{"source": "ERP", "target": "MES", "way": "bus", "content": "订单", "frequency": "实时"}],
}
OUTCOMES = {
    "advanced": "换型不停线，单件成本与批量生产相当。" + LONG,
    "benchmark": "world",
    "benchmark_basis": "行业协会 2023 年统计年报，同行平均换型时间 88 分钟。",
    "leadership": "带动 3 家配套企业改造产线。",
    "replicated": [
        {"name": "澜州配套一厂", "relation": "up", "content": "在线检测"},
        {"name": "澜州配套二厂", "relation": "up", "content": "柔性单元"},
        {"name": "平岭总装厂", "relation": "down", "content": "按件追溯"},
    ],
    "solutions": [{"name": "一体化压铸柔性单元解决方案", "kind": "solution", "number": "", "adopters": "3"}],
    "talent": "三年培养复合型人才 31 人。",
    "plan": "2025 年建成第四个柔性单元，2026 年把方案推广到两个基地。",
    "milestones": [{"year": "2025", "goal": "第四个柔性单元投产"}],
    "cultivation": "两年内建成数字孪生工厂，研制周期再缩短 20%。",
}
CHANGES = {
    "5": ("96", "60"),
    "6": ("68000", "76000"),
    "9": ("3.8", "0.9"),
    "14": ("100", "88"),
    "16": ("0.42", "0.37"),
    "17": ("1.10", "0.93"),
}
PLAIN = {"1": "100", "2": "92", "4": "5", "18": "96.5", "19": "91", "20": "3"}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


def make_indicators(description):
    """A value for each indicator of the edition: rates and counts by number, the rest as changes from 50 to 60."""
    found = {}
    for one in description.indicators:
        if one.kind == "change":
            before, after = CHANGES.get(one.number, ("50", "60"))
            found[one.number] = {"before": before, "after": after}
        elif not one.computed:
            found[one.number] = {"value": PLAIN.get(one.number, "50")}
    return found


def in_years(field, rows):
    """The rows of a table whose first column is one of the years the edition asks for."""
    years = field.columns[0].params.get("years", [])
    if least := field.columns[0].params.get("min"):
        return [row | {"year": max(str(row["year"]), least)} for row in rows]
    return [row | {"year": str(year)} for row, year in zip(rows, years, strict=True)] if years else rows


def sample(description, section):
    """What somebody would type into a part of the form."""
    typed = {"applicant": APPLICANT, "factory": FACTORY, "scenarios": SCENARIOS, "outcomes": OUTCOMES}[section.key]
    values = {field.key: typed[field.key] for field in section.fields if field.key in typed}
    for field in section.fields:
        if field.kind == Kind.INDICATORS:
            values[field.key] = make_indicators(description)
        elif field.kind == Kind.TABLE and field.key in values:
            values[field.key] = in_years(field, values[field.key])
        elif field.kind == Kind.MULTICHOICE and field.key in values:
            every = [option.value for option in field.options]
            values[field.key] = (
                every if "all_required" in field.params else [one for one in every if one in values[field.key]]
            )
        elif field.required and field.key not in values and field.stored and not field.fixed:
            values[field.key] = invented(field)
    return {key: value for key, value in values.items() if value is not None}


def invented(field):
    """A valid answer to a question that is not asked everywhere."""
    options, params = [one.value for one in field.options], field.params
    return {
        Kind.TEXT: field.label,
        Kind.TEXTAREA: f"{field.label}：{LONG}",
        Kind.CHOICE: params.get("must_be") or next(iter(options), None),
        Kind.MULTICHOICE: options,
        Kind.BOOL: params.get("must_be", "yes"),
        Kind.INT: params.get("min", "1"),
        Kind.DECIMAL: params.get("min", "1"),
        Kind.MONEY: params.get("min", "1"),
        Kind.DATE: "2022-06-30",
        Kind.MONTH: "2022-06",
    }.get(field.kind)


def sample_instances(description):
    """One instance for each area, three of five with AI; scenario names from the catalogue where it has any."""
    found, seen = [], set()
    for segment in description.segments.values():
        if not segment.area or segment.area in seen:
            continue
        seen.add(segment.area)
        found.append(
            {
                "segment": segment.code,
                "scenario": next(iter(description.scenarios.get(segment.code, ())), f"{segment.name}场景"),
                "name": f"柔性单元的{segment.name}协同",
                "description": f"{segment.name}：{LONG}" * 4,
                "results": [{"name": "换型时间", "unit": "分钟", "before": "96", "after": "17"}],
                "uses_ai": "yes" if len(found) < 3 else "no",
                "ai_kinds": ["vision"] if len(found) < 3 else [],
                "models": "1",
                "secret": "none",
            }
        )
    return found


def fill(declaration, *, actor=None, instances=None):
    """Write valid content into every part, as the services would store it, and the evidence the form requires."""
    description = content.describe(declaration.track)
    for section in description.sections:
        values = {key: content.clean(section.by_key[key], raw) for key, raw in sample(description, section).items()}
        SectionContent.objects.filter(declaration=declaration, key=section.key).write(data=values)
    section = description.instance_section
    given = sample_instances(description) if instances is None and section else instances or ()
    for position, typed in enumerate(given, 1):
        data = {key: content.clean(section.instance_by_key[key], raw) for key, raw in typed.items()}
        ScenarioInstance.objects.create(declaration=declaration, position=position, data=data)
    attach(declaration, description, actor or declaration.created_by)
    title = FACTORY["project_name"]
    Declaration.objects.filter(pk=declaration.pk).update(title=title)
    declaration.title = title


def attach(declaration, description, actor):
    """One page for every files field that is required."""
    stored = files.put(PDF, files.MIMES["pdf"])
    for field in description.fields():
        if field.kind == Kind.FILES and field.required:
            Evidence.objects.create(
                declaration=declaration, section=field.section, field=field.key, name=f"{field.label}.pdf",
                file=stored, pages=1, added_by=actor,
            )  # fmt: skip


def people_of(declaration):
    """(preparer, signatory, official of the receiving unit): created on the first call, found on the next."""
    enterprise = declaration.enterprise
    return (
        _member(Role.PREPARER, enterprise=enterprise),
        _member(Role.SIGNATORY, enterprise=enterprise),
        _member(Role.OFFICIAL, authority=enterprise.receiver),
    )


def _member(role, **place):
    found = Membership.objects.filter(role=role, **place).select_related("user").first()
    return found.user if found else make_member(role, **place)


def extend_deadline(declaration, at="2099-12-31T23:59:59+08:00", stage="enterprise", clause="测试用"):
    """The tests' own local deadline: the national ones lie in the past."""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    return Deadline.objects.update_or_create(
        track=declaration.track, authority=declaration.receiver, stage=stage,
        defaults={"at": when, "clause": clause, "standing": "unverified", "reason": "测试用"},
    )[0]  # fmt: skip


def make_declaration(*, status="draft", enterprise=None, track="2024-excellence", filled=True, instances=None):
    """A declaration in `status`, with valid content unless `filled` is False. Its people: people_of(declaration)."""
    enterprise = enterprise or make_enterprise()
    row = Track.objects.get(code=track)
    preparer = _member(Role.PREPARER, enterprise=enterprise)
    declaration = services._create(enterprise, row, preparer)
    if filled:
        fill(declaration, actor=preparer, instances=instances)
    if status == "draft":
        return declaration
    submit(declaration)
    for name in PATHS[status]:
        advance(declaration, name)
    return Declaration.objects.get(pk=declaration.pk)


def submit(declaration, **more):
    """File it as the signatory would, now, and return the fresh row."""
    _, signatory, _ = people_of(declaration)
    extend_deadline(declaration)
    promises = [one.key for one in content.describe(declaration.track).promises]
    data = {"received_at": server_time(), "promises": promises} | more
    current = Declaration.objects.get(pk=declaration.pk)
    return workflow.fire(current, "submit", actor=signatory, version=current.version, **data)


def advance(declaration, name, **data):
    """Fire an official's transition (or `recommend`, inside sealing) on the present row."""
    _, _, official = people_of(declaration)
    current = Declaration.objects.get(pk=declaration.pk)
    note = "测试用理由" if name in ("reject", "reserve", "reopen") else ""
    if name == "return_":
        data.setdefault("items", [{"section": "factory", "field": "summary", "message": "请写明建设成效数据"}])
    if name == "qualify":
        tick_all(current, official)
    if name in ("recommend", "unrecommend"):
        with sealing():
            return workflow.fire(current, name, actor=official, version=current.version, list="测试名单", **data)
    return workflow.fire(current, name, actor=official, version=current.version, note=note, **data)


def tick_all(declaration, official):
    """Pass every check of the review, as qualifying demands."""
    from recommendations import reviewing
    from recommendations.models import ReviewCheck

    review = reviewing.review_of(declaration)
    ticked = dict.fromkeys(
        ReviewCheck.objects.filter(track_id=declaration.track_id).values_list("key", flat=True), "pass"
    )
    reviewing.save(review, ticked=ticked, note="", version=review.version, actor=official)
