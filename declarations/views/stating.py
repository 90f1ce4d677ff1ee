"""Adding to 企业资料 by hand: choose a question nothing is kept of, then answer it as the form asks it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations.content.values import is_blank
from declarations.reuse import facts
from declarations.views.common import WRITERS
from declarations.views.facts import Asked, Unsaid, evidence_of, question, typed_of
from smartfactory.access import roles, scope
from smartfactory.models import Enterprise
from smartfactory.problems import Problem
from smartfactory.text import clean


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def known_fact_new(request: HttpRequest, public_id: str) -> HttpResponse:
    own = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*WRITERS))
    enterprise = own.get_for(request.user, public_id=public_id)
    open_questions = facts.unstated(enterprise)
    wanted = request.POST.get("ask") or request.GET.get("ask")
    if not wanted:
        return _choose(request, enterprise, open_questions)
    asked = next((one for one in open_questions if one[1].anchor == wanted), None)
    if asked is None:
        return _choose(request, enterprise, open_questions, missing=True)
    if request.method != "POST" or "more" in request.POST:
        return _page(request, enterprise, asked)
    return _state(request, enterprise, asked)


def _choose(
    request: HttpRequest, enterprise: Enterprise, open_questions: list[Asked], *, missing: bool = False
) -> HttpResponse:
    """The questions by part and group of the form; `missing`: the one that was asked for is not among them."""
    groups: dict[tuple[str, str], list] = {}
    titles = facts.parts(open_questions)
    for _, field in open_questions:
        groups.setdefault((titles[field.section], field.group), []).append(field)
    shown = [{"part": part, "group": group, "fields": fields} for (part, group), fields in groups.items()]
    if missing:
        messages.info(request, "这一项已经有资料，或者现在没有申报书问它。有的请在企业资料里改，没有的请在下面选。")
    return render(request, "declarations/fact_choose.html", {"enterprise": enterprise, "groups": shown})


def _state(request: HttpRequest, enterprise: Enterprise, asked: Asked) -> HttpResponse:
    _, field = asked
    try:
        value, texts = typed_of(request, field.kind, asked)
        if value is facts.UNSAID or is_blank(value):
            raise Unsaid([Problem(f"还没有填{field.label}", field=field.key, fix_url=f"#div_id_{field.key}")])
        facts.state(enterprise, field, value, actor=request.user, evidence=evidence_of(request), **texts)
    except facts.StaleFact:
        messages.warning(request, f"同事刚刚添加了{field.label}，没有再添一份。请看现在的内容。")
    except Unsaid as error:
        return _page(request, enterprise, asked, error.problems, 422)
    else:
        messages.success(request, f"{field.label}已添加，以后的申报书会用到。")
    return redirect("known_facts", enterprise.public_id)


def _page(
    request: HttpRequest, enterprise: Enterprise, asked: Asked, problems: list[Problem] | tuple = (), status: int = 200
) -> HttpResponse:
    context = {
        "enterprise": enterprise, "field": asked[1], "problems": problems, "writes": True,
        "given": {key: clean(request.POST.get(key, "")) for key in ("period", "source")},
        "form": question(request, asked, None, problems),
    }  # fmt: skip
    return render(request, "declarations/fact_new.html", context, status=status)
