"""documents.yaml: what reviewers tick, the weights of the suggested order, and how the documents read."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, check_source, many, one_of, text, whole
from assessment.models import Edition
from assessment.vocabulary import Strength
from assessment.yaml_nodes import plain
from declarations.models import Track
from recommendations.models import DocumentLayout, JointDepartment, ReviewCheck, SealCondition
from smartfactory.models import AuthorityKind

DOCUMENT: Schema = {
    "checks": many(),
    "sheets": many(),
    "letters": many(),
    "suggestions": many(),
    "departments": many(required=False),
    "seal_conditions": many(required=False),
}
CHECK: Schema = {
    "track": text(),
    "key": text(max_length=20),
    "short": text(max_length=4),
    "title": text(max_length=80),
    "finding": one_of(("credit_code", "maturity", "prior_title", "deadline"), required=False),
    **CITED,
}
SHEET: Schema = {
    "track": text(),
    "title": text(max_length=80),
    "annex": text(required=False, max_length=20),
    "unit_label": text(max_length=40),
    "columns": many(),
    "notes": many(),
    "copies": whole(required=False, nullable=True),
    "recipients": many(required=False),
    **CITED,
}
COLUMN: Schema = {
    "key": one_of(("rank", "enterprise", "title", "instances", "contact", "phone", "place", "number")),
    "title": text(max_length=40),
    "width_mm": whole(),
}
LETTER: Schema = {
    "track": text(),
    "title": text(max_length=80),
    "recipients": many(),
    "paragraphs": many(),
    "copies": whole(required=False, nullable=True),
    **CITED,
}
RECIPIENT: Schema = {"name": text(max_length=80), "only": many(required=False)}
# No notice holds these weights, so there is no document to name.
SUGGESTION: Schema = {"track": text(), "criteria": many(), **CITED, "source": text(required=False)}
# With whom a unit recommends, and what sealing asks of them. Where no notice says the latter there is no document.
DEPARTMENT: Schema = {
    "track": text(),
    "key": text(max_length=20),
    "name": text(max_length=40),
    "kinds": many(),
    **CITED,
}
CONDITION: Schema = {
    "track": text(),
    "key": one_of(("answered", "unopposed")),
    "text": text(max_length=120),
    "strength": one_of(Strength.values),
    **CITED,
    "source": text(required=False),
}
JOINT: dict[str, tuple[Schema, str, type[Model]]] = {
    "departments": (DEPARTMENT, "联合审核部门", JointDepartment),
    "seal_conditions": (CONDITION, "封存条件", SealCondition),
}
CRITERION: Schema = {
    "key": one_of(("met_share", "maturity_level", "ai_share", "area_coverage")),
    "label": text(max_length=40),
    "weight": whole(),
}
# kind of layout → the list it stands in, the shape of a row, and the lists within a row.
KINDS: dict[str, tuple[str, Schema, dict[str, Schema]]] = {
    "sheet": ("sheets", SHEET, {"columns": COLUMN}),
    "letter": ("letters", LETTER, {"recipients": RECIPIENT}),
    "suggestion": ("suggestions", SUGGESTION, {"criteria": CRITERION}),
}


def check(doc: Any, ctx: Context) -> None:
    if not check_row(ctx, doc, DOCUMENT, "文书"):
        return
    for row in check_rows(ctx, doc, "checks", CHECK, "形式审查项"):
        _belongs(ctx, row)
    for name, schema, inner in KINDS.values():
        for row in check_rows(ctx, doc, name, schema, name):
            _belongs(ctx, row)
            for key, shape in inner.items():
                check_rows(ctx, row, key, shape, key)
    for row in doc["suggestions"]:
        _weights(ctx, row)
    _check_joint(ctx, doc)
    for row in doc["sheets"]:
        if isinstance(row, dict) and "recipients" in row:
            check_rows(ctx, row, "recipients", RECIPIENT, "recipients")


def _check_joint(ctx: Context, doc: Any) -> None:
    for name, (schema, what, _) in JOINT.items():
        for row in check_rows(ctx, doc, name, schema, what) if name in doc else ():
            _belongs(ctx, row)
            if wrong := [one for one in row.get("kinds", ()) if one not in AuthorityKind.values]:
                ctx.error(row, f"不认识的单位类别“{wrong[0]}”；可用的是 {'、'.join(AuthorityKind.values)}", "kinds")


def _belongs(ctx: Context, row: Any) -> None:
    check_source(ctx, row)
    ctx.known("track", row, "track", "申报类别")


def _weights(ctx: Context, row: Any) -> None:
    weights = [one.get("weight") for one in row.get("criteria") or [] if isinstance(one, dict)]
    if all(isinstance(one, int) for one in weights) and sum(weights) != 100:
        ctx.error(row, f"参考分的权重之和应为 100，现在是 {sum(weights)}", "criteria")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    doc = plain(doc)
    tracks = {one.code: one for one in Track.objects.filter(campaign__edition=edition)}
    for order, row in enumerate(doc["checks"], 1):
        ReviewCheck.objects.create(order=order, **row | {"track": tracks[row["track"]]})
    for name, (_, _, model) in JOINT.items():
        for order, row in enumerate(doc.get(name, ()), 1):
            model.objects.create(order=order, **row | {"track": tracks[row["track"]]})
    for kind, (name, _, _) in KINDS.items():
        for row in doc[name]:
            cited = {key: row.pop(key, "") for key in CITED}
            DocumentLayout.objects.create(track=tracks[row.pop("track")], kind=kind, content=row, **cited)


def clear(edition: Edition) -> None:
    for model in (ReviewCheck, DocumentLayout, JointDepartment, SealCondition):
        model.objects.filter(track__campaign__edition=edition).delete()


SHAPE = Shape(
    DOCUMENT,
    "文书",
    {
        "checks": Shape(CHECK, "形式审查项"),
        "sheets": Shape(
            SHEET, "推荐汇总表", {"columns": Shape(COLUMN, "列"), "recipients": Shape(RECIPIENT, "报送单位")}
        ),
        "letters": Shape(LETTER, "推荐函", {"recipients": Shape(RECIPIENT, "报送单位")}),
        "suggestions": Shape(SUGGESTION, "参考分", {"criteria": Shape(CRITERION, "计分项")}),
        "departments": Shape(DEPARTMENT, "联合审核部门"),
        "seal_conditions": Shape(CONDITION, "封存条件"),
    },
)
register(Chapter(name="documents", order=90, check=check, load=load, title="审查项与文书", shape=SHAPE, clear=clear))
