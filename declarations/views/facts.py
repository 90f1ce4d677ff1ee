"""企业资料: what the enterprise stated once, mended by hand, taken back, and what it said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations import checks, content, forms
from declarations.content.values import is_blank
from declarations.models import FormerFact, KnownFact
from declarations.reuse import facts
from declarations.views.common import MEMBERS, WRITERS
from declarations.vocabulary import NUMBERS
from smartfactory import files
from smartfactory.access import roles, scope
from smartfactory.files import BadFile
from smartfactory.models import Enterprise
from smartfactory.problems import Problem, errors
from smartfactory.text import clean, excess
from smartfactory.views.keeping import keeping_text

ALLOWED, MAX_BYTES, MIN_SIDE = ["pdf", "jpeg", "png"], 20 << 20, 300
STALE = "同事刚刚改过这一条，没有保存。请看现在的内容再改"
NOT_ASKED = "现在的申报书不再问的"
Asked = tuple[content.Description, content.Field]


class Unsaid(Exception):
    """What was typed cannot be kept as it is; the problems say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


@require_GET
@roles(*MEMBERS)
def known_facts(request: HttpRequest, public_id: str) -> HttpResponse:
    own = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*MEMBERS))
    enterprise = own.get_for(request.user, public_id=public_id)
    rows = KnownFact.objects.visible_to(request.user).filter(enterprise=enterprise).select_related("updated_by")
    asked, rows = facts.questions(), list(rows)
    disputed = facts.disputed(rows)
    titles = facts.parts(asked.values())
    shown = [_listed(one, asked.get((one.key, one.kind)), disputed.get(one.pk), titles) for one in rows]
    groups = _in_parts(shown, list(asked))
    context = {"enterprise": enterprise, "groups": groups, "writes": _writes(request, enterprise.pk)}
    if disputed:
        context["disputed"] = f"有 {len(disputed)} 项，申报书里写的和手工改过的不一样"
    return render(request, "declarations/facts.html", context)


def _listed(fact: KnownFact, asked: Asked | None, other: FormerFact | None, titles: dict[str, str]) -> dict[str, Any]:
    part = titles[asked[1].section] if asked else NOT_ASKED
    found = {"fact": fact, "part": part, "other": other, **_told(fact, asked)}
    return found | {"beside": _told(other, asked)} if other else found


def _in_parts(shown: list[dict[str, Any]], order: list[tuple[str, str]]) -> dict[str, list[dict[str, Any]]]:
    """Facts by part, in the order in which the form asks for them; what no form asks for comes last."""
    places = {key: place for place, key in enumerate(order)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(shown, key=lambda one: places.get((one["fact"].key, one["fact"].kind), len(places))):
        groups.setdefault(one["part"], []).append(one)
    return groups


def _told(fact: KnownFact | FormerFact, asked: Asked | None) -> dict[str, Any]:
    """A fact in words: as its form shows it, with the rows of a table; without a form, lists by their number of rows."""
    if asked:
        return {"words": facts.said(asked[1], fact.value), "table": facts.table(asked[1], fact.value)}
    if isinstance(fact.value, list):
        return {"words": f"{len(fact.value)} 行"}
    words = {True: "是", False: "否"}[fact.value] if isinstance(fact.value, bool) else str(fact.value)
    return {"words": words}


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*MEMBERS)
def known_fact(request: HttpRequest, public_id: str) -> HttpResponse:
    fact = _fact(request, public_id)
    asked = facts.asked_as(fact)
    if request.method != "POST":
        return _page(request, fact, asked)
    if not _writes(request, fact.enterprise_id):
        raise Http404
    if "more" in request.POST:
        return _page(request, fact, asked)
    try:
        said = _act(request, fact, asked)
    except facts.StaleFact:
        return _page(request, _fact(request, public_id), asked, [Problem(STALE)], 409)
    except Unsaid as error:
        return _page(request, fact, asked, error.problems, 422)
    messages.success(request, said)
    return redirect("known_facts", fact.enterprise.public_id)


def _fact(request: HttpRequest, public_id: str) -> KnownFact:
    rows = KnownFact.objects.select_related("enterprise", "evidence", "updated_by")
    return rows.get_for(request.user, public_id=public_id)


def _writes(request: HttpRequest, enterprise: int) -> bool:
    return bool(set(WRITERS) & set(scope(request.user).enterprises.get(enterprise, ())))


def _act(request: HttpRequest, fact: KnownFact, asked: Asked | None) -> str:
    """Do what the pressed button asks for and say what was done."""
    sent, version = request.POST, forms.version_of(request.POST)
    if sent.get("act") == "adopt":
        facts.adopt(fact, version=version, actor=request.user)
        return f"{fact.label}已改用申报书里的值，手工改过的记在“以前的值”里。"
    if sent.get("act") == "stay":
        facts.mend(fact, version=version, actor=request.user, period=fact.period, source=fact.source)
        return f"{fact.label}仍用手工改过的值。"
    if sent.get("act") in ("withdraw", "restore"):
        gone = sent["act"] == "withdraw"
        facts.withdraw(fact, version=version, actor=request.user, withdrawn=gone)
        return f"{fact.label}已{'撤下，不再填进新的申报书' if gone else '恢复'}。"
    value, texts = typed_of(request, fact.kind, asked, fact)
    evidence = evidence_of(request)
    facts.mend(fact, version=version, actor=request.user, evidence=evidence, value=value, **texts)
    return f"{fact.label}已保存。"


def typed_of(
    request: HttpRequest, kind: str, asked: Asked | None, fact: KnownFact | None = None
) -> tuple[Any, dict[str, str]]:
    """The value and the texts beside it; `fact` is what is mended. Raises Unsaid with everything wrong in either."""
    value, problems, texts = facts.UNSAID, [], {}
    try:
        value = _value(request, asked) if asked else facts.UNSAID
    except Unsaid as error:
        problems += error.problems
    stays = fact if fact and not problems and _same(value, fact, asked) else None
    try:
        texts = _texts(request, kind, fact, stays)
    except Unsaid as error:
        problems += error.problems
    if problems:
        raise Unsaid(problems)
    return (facts.UNSAID if stays else value), texts


def _same(value: Any, fact: KnownFact, asked: Asked | None) -> bool:
    """Whether the page was sent with the value it showed: the fact as the newest form asks for it."""
    return value is facts.UNSAID or asked is None or value == content.clean(asked[1], fact.value)


def _texts(request: HttpRequest, kind: str, fact: KnownFact | None, stays: KnownFact | None) -> dict[str, str]:
    """The source and the period as typed; of a value that stays, what was said before stands where nothing is typed.

    Raises Unsaid where one is missing that this kind of value needs, or is of the declaration that said another value.
    """
    texts = {key: clean(request.POST.get(key, "")).strip() for key in ("period", "source")}
    if stays:
        texts = {key: text or getattr(stays, key) for key, text in texts.items()}
    found = _unsourced(texts["source"], fact, stays)
    if not texts["period"] and kind in NUMBERS:
        words = "还没有写所属时期。数字随时间变，请写清是什么时候的，例如“2025 年”"
        found.append(Problem(words, field="period", fix_url="#period"))
    found += [_excess(key, text) for key, text in texts.items() if len(text) > _most(key)]
    if found:
        raise Unsaid(found)
    return texts


def _unsourced(source: str, fact: KnownFact | None, stays: KnownFact | None) -> list[Problem]:
    """What is wrong with the source of a value: none, or the declaration that says something else."""
    words = ""
    if not source and fact and not stays:
        words = f"值改了，还没有写新的来源。请写清新的值出自哪里；原来的值来自“{fact.source}”"
    elif not source:
        words = "还没有写来源。请写清这个值出自哪里"
    elif fact and not stays and not fact.by_hand and source == fact.source:
        words = f"值改了，来源还是“{source}”，那里写的是原来的值。请写清新的值出自哪里"
    return [Problem(words, field="source", fix_url="#source")] if words else []


def _most(key: str) -> int:
    return KnownFact._meta.get_field(key).max_length


def _excess(key: str, text: str) -> Problem:
    label = {"period": "所属时期", "source": "来源"}[key]
    return Problem(f"{label}{excess(len(text), _most(key))}", field=key, fix_url=f"#{key}")


def _value(request: HttpRequest, asked: Asked) -> Any:
    """What was typed, as a form keeps it. Raises Unsaid where a declaration would not take it."""
    description, field = asked
    typed = forms.typed({field.key: field}, request.POST)
    if field.key not in typed:
        return facts.UNSAID
    value = content.clean(field, typed[field.key])
    if is_blank(value):
        raise Unsaid([Problem("值是空的。不再用这一条请按“撤下”", field=field.key, fix_url=f"#div_id_{field.key}")])
    if found := errors(checks.lasting({"sections": {field.section: {field.key: value}}}, description)):
        raise Unsaid([replace(one, fix_url=f"#id_{one.cell}" if one.cell else f"#div_id_{field.key}") for one in found])
    return value


def evidence_of(request: HttpRequest) -> Any:
    """The proof that was sent, kept; None without one. Raises Unsaid for a file that cannot be taken."""
    if not (sent := request.FILES.get("evidence")):
        return None
    try:
        found = files.inspect(sent.file, sent.name, ALLOWED, MAX_BYTES, min_side=MIN_SIDE)
    except BadFile as error:
        raise Unsaid([Problem(f"佐证：{error}", field="evidence", fix_url="#evidence")]) from error
    sent.file.seek(0)
    return files.put(sent.file, found.mime), clean(sent.name)


def _page(
    request: HttpRequest, fact: KnownFact, asked: Asked | None, problems: list[Problem] | tuple = (), status: int = 200
) -> HttpResponse:
    sent = request.POST if "act" not in request.POST else {}
    given = {key: clean(sent.get(key, "")) for key in ("period", "source")}
    former = FormerFact.objects.filter(fact=fact).select_related("stated_by")
    other = facts.disputed([fact]).get(fact.pk)
    context = {
        "fact": fact, "given": given, "writes": _writes(request, fact.enterprise_id), "problems": problems,
        **_told(fact, asked), "other": other, "beside": _told(other, asked) if other else None,
        "former": [{"fact": one, **_told(one, asked)} for one in former],
        "form": question(request, asked, fact.value, problems, writes=_writes(request, fact.enterprise_id)) if asked else None,
    }  # fmt: skip
    return render(request, "declarations/fact.html", context, status=status)


def question(request: HttpRequest, asked: Asked, value: Any, problems: Any, *, writes: bool = True) -> forms.PartForm:
    """The question as the declaration asks it, with what was typed if anything was, else with `value`."""
    description, field = asked
    typed = forms.typed({field.key: field}, request.POST) if request.method == "POST" else {}
    given = content.clean(field, typed[field.key]) if field.key in typed else value
    context = {"more": request.POST.get("more")}
    shown = [one for one in problems if one.field == field.key]
    return forms.PartForm(
        [field], {field.key: given}, description, problems=shown, is_open={field.key: writes}, context=context
    )


@require_GET
@roles(*MEMBERS)
def known_fact_file(request: HttpRequest, public_id: str) -> HttpResponse:
    fact = _fact(request, public_id)
    if fact.evidence is None:
        raise Http404
    return files.response(fact.evidence, fact.evidence_name)
