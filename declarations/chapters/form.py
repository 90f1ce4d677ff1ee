"""form.yaml: the parts and the typed fields of a declaration, for one track or for several that share them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessment import thresholds
from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import (
    CITED,
    Schema,
    check_row,
    check_rows,
    check_source,
    flag,
    many,
    mapping,
    one_of,
    text,
    whole,
)
from assessment.models import Edition
from assessment.vocabulary import Standing
from assessment.yaml_nodes import MapNode, plain, rows
from declarations.models import ChecklistItem, FormField, FormSection, Track
from declarations.vocabulary import NUMBERS, Kind
from smartfactory import files

# What a row says when no notice contains it: the requirement is this platform's own.
PLATFORM = {"clause": "平台要求", "standing": str(Standing.UNVERIFIED), "source": ""}
DOCUMENT: Schema = {"forms": many()}
FORM: Schema = {"tracks": many(), "sections": many()}
SECTION: Schema = {
    "key": text(max_length=20),
    "number": text(max_length=4),
    "title": text(max_length=60),
    "short_title": text(max_length=20),
    "summary": text(required=False, max_length=120),
    "checklist": whole(required=False),
    "fields": many(),
    **CITED,
}
FIELD: Schema = {
    "key": text(max_length=40),
    "label": text(max_length=60),
    "kind": one_of(Kind.values),
    "group": text(required=False, max_length=40),
    "per_instance": flag(),
    "required": flag(),
    "max_chars": whole(required=False, most=1_000_000),
    "limit_clause": text(required=False, max_length=60),
    "limit_standing": one_of(Standing.values, required=False),
    "options": many(required=False),
    "columns": many(required=False),
    "unit": text(required=False, max_length=10),
    "help": text(required=False, max_length=300),
    "note_title": text(required=False, max_length=40),
    "note": text(required=False, max_length=400),
    "params": mapping(required=False),
    "only": many(required=False),
    "clause": text(required=False, max_length=60),
    "standing": one_of(Standing.values, required=False),
    "source": text(required=False, max_length=200),
}
PARAMS = frozenset({
    "accept", "all_required", "answers", "assessed", "assessed_as", "at_most", "count_indicator", "decreasing", "digits", "explains", "figure",
    "fixed", "growth", "landline", "max", "max_files", "max_mb", "max_rows", "max_seconds", "min", "min_rows", "min_side", "must_be",
    "not_after", "not_before", "pattern", "pattern_hint", "private", "rate_indicator", "required_when", "rows", "sum_models",
    "sum_of", "without",
})  # fmt: skip
COLUMN_PARAMS = frozenset({"digits", "max", "min", "not_after", "unique", "years"})
# Parts of an assessor's result.
ASSESSED = ("level", "body", "date", "score")
OTHERS = ("sum_of", "at_most", "not_before")


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, DOCUMENT, "表单")
    for form in check_rows(ctx, doc, "forms", FORM, "表单"):
        ctx.known("track", form, "tracks", "申报类别")
        for section in check_rows(ctx, form, "sections", SECTION, "部分"):
            check_source(ctx, section)
            _check_checklist(ctx, form, section)
            _check_fields(ctx, section)
    _check_thresholds(ctx, doc)


def _check_thresholds(ctx: Context, doc: Any) -> None:
    """What a condition looks at in the declaration is asked there: a number, and the choices that decide which one."""
    sections = [section for form in rows(doc.get("forms")) for section in rows(form.get("sections"))]
    kinds = {
        f"{one.get('key')}.{row.get('key')}": row.get("kind") for one in sections for row in rows(one.get("fields"))
    }
    for rule in rows((ctx.documents.get("conditions") or {}).get("conditions")):
        for params in thresholds.within(str(rule.get("operator")), rule.get("params") or {}):
            if kinds.get(params.get("of")) not in NUMBERS:
                ctx.error(params, f"申报书里没有数字项“{params.get('of')}”", "of")
            for case in rows(params.get("cases")):
                for name in case.get("when") or ():
                    if kinds.get(name) not in (Kind.CHOICE, Kind.BOOL):
                        ctx.error(case, f"申报书里没有单选项“{name}”", "when")


def _check_checklist(ctx: Context, form: MapNode, section: MapNode) -> None:
    for track in form["tracks"]:
        if section.get("checklist") and (str(track), section["checklist"]) not in ctx.codes["checklist"]:
            ctx.error(section, f"“{track}”的材料清单里没有第 {section['checklist']} 项", "checklist")


def _check_fields(ctx: Context, section: MapNode) -> None:
    fields = check_rows(ctx, section, "fields", FIELD, "字段")
    seen: set[tuple[bool, str]] = set()
    for field in fields:
        place = (bool(field.get("per_instance")), str(field["key"]))
        if place in seen and not field.get("only"):
            ctx.error(field, f"字段“{field['key']}”写了两次", "key")
        seen.add(place)
    for field in fields:
        _check_field(ctx, field, {key for _, key in seen})


def _check_field(ctx: Context, field: MapNode, keys: set[str]) -> None:
    if "clause" in field:
        check_source(ctx, field)
    if "only" in field:
        ctx.known("track", field, "only", "申报类别")
    if field["kind"] in (Kind.CHOICE, Kind.MULTICHOICE) and not field.get("options"):
        ctx.error(field, "单选和多选要写 options", "kind")
    if field["kind"] == Kind.TABLE and not field.get("columns"):
        ctx.error(field, "表格要写 columns", "kind")
    if (width := sum(column.get("width", 0) for column in rows(field.get("columns")))) not in (0, 100):
        ctx.error(field, f"各列的 width 是百分比，合计应为 100，现在是 {width}", "columns")
    params = field.get("params") or MapNode()
    _check_known(ctx, params, PARAMS)
    _check_files(ctx, field, params)
    for column in rows(field.get("columns")):
        _check_known(ctx, column.get("params") or MapNode(), COLUMN_PARAMS)
        most = column.get("max_chars", 1)
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            ctx.error(column, f"“max_chars”应是 1 或更大的整数，现在是“{most}”", "max_chars")
    for name in _other_fields(params):
        if name not in keys:
            ctx.error(params, f"没有字段“{name}”")
    _check_codes(ctx, field, params)
    _check_assessed(ctx, field, params)


def _check_assessed(ctx: Context, field: MapNode, params: MapNode) -> None:
    """What an assessor's result answers is a part of such a result, or one of the question's choices."""
    if params.get("assessed", "level") not in ASSESSED:
        ctx.error(params, f"“assessed”可写 {'、'.join(ASSESSED)}", "assessed")
    choices = [str(one.get("value")) for one in rows(field.get("options"))]
    if "assessed_as" in params and str(params["assessed_as"]) not in choices:
        ctx.error(params, f"可选项里没有“{params['assessed_as']}”", "assessed_as")


def _check_files(ctx: Context, field: MapNode, params: MapNode) -> None:
    """Kinds of file the house can read; limits are whole numbers above nothing, a length only for videos."""
    for kind in params.get("accept") or ():
        if kind not in files.MIMES:
            ctx.error(params, f"不认识的文件类型“{kind}”；可用的是 {'、'.join(files.MIMES)}", "accept")
    for key in ("max_files", "max_mb", "max_seconds"):
        if key in params and (not isinstance(params[key], int) or isinstance(params[key], bool) or params[key] < 1):
            ctx.error(params, f"“{key}”应是 1 或更大的整数，现在是“{params[key]}”", key)
    if "max_seconds" in params and "mp4" not in (params.get("accept") or ()):
        ctx.error(params, "只有接受 mp4 的附件能写 max_seconds", "max_seconds")


def _check_known(ctx: Context, params: MapNode, known: frozenset[str]) -> None:
    for key in params:
        if key not in known:
            ctx.error(params, f"不认识的规则“{key}”", key)


def _other_fields(params: MapNode) -> Iterator[str]:
    for key in OTHERS:
        value = params.get(key) or []
        yield from value if isinstance(value, list) else [value]
    if isinstance(params.get("required_when"), MapNode):
        yield params["required_when"].get("field", "")


def _check_codes(ctx: Context, field: MapNode, params: MapNode) -> None:
    """Every condition a field answers or explains exists, and every indicator it counts."""
    for key in ("answers", "explains"):
        if params.get(key):
            ctx.known("condition", params, key, "条件")
    for option in rows(field.get("options")):
        if option.get("answers"):
            ctx.known("condition", option, "answers", "条件")
    for key in ("count_indicator", "growth", "sum_models", "decreasing"):
        if params.get(key):
            ctx.known("indicator", params, key, "指标")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    tracks = {one.code: one for one in Track.objects.filter(campaign__edition=edition)}
    for form in plain(doc)["forms"]:
        for code in form["tracks"]:
            for order, section in enumerate(form["sections"], 1):
                _load_section(tracks[code], section, order)


def _load_section(track: Track, row: dict[str, Any], order: int) -> None:
    values = {key: value for key, value in row.items() if key not in ("fields", "checklist")}
    item = ChecklistItem.objects.filter(track=track, number=row.get("checklist")).first()
    section = FormSection.objects.create(track=track, checklist=item, order=order, **values)
    chosen = [field for field in row["fields"] if track.code in field.get("only", [track.code])]
    FormField.objects.bulk_create(_field(section, field, place) for place, field in enumerate(chosen, 1))


def _field(section: FormSection, row: dict[str, Any], order: int) -> FormField:
    values = PLATFORM | {key: value for key, value in row.items() if value is not None and key != "only"}
    if values.get("max_chars"):
        values.setdefault("limit_clause", PLATFORM["clause"])
        values.setdefault("limit_standing", PLATFORM["standing"])
    return FormField(section=section, order=order, **values)


def clear(edition: Edition) -> None:
    FormSection.objects.filter(track__campaign__edition=edition).delete()


SHAPE = Shape(
    DOCUMENT,
    "表单",
    {"forms": Shape(FORM, "表单", {"sections": Shape(SECTION, "部分", {"fields": Shape(FIELD, "字段")})})},
)
register(Chapter(name="form", order=70, check=check, load=load, title="申报书表单", shape=SHAPE, clear=clear))
