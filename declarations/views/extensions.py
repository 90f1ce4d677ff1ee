"""延期: all exceptions of the line in one list, and giving one enterprise a later deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from declarations import extensions
from declarations.forms import version_of
from declarations.models import Extension, Track
from smartfactory import workflow
from smartfactory.access import roles, scope
from smartfactory.forms import YanForm
from smartfactory.models import Role
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User

SHOWN = 200
STALE = "在您打开之后有人办过这件延期，这次没有办。请看现在的情况"
STRANGER = "提出的人不能自己复核，要由本单位或上级单位的另一位经办或用印人来办"


class ExtensionForm(YanForm):
    """Nothing of it may be missing."""

    credit_code = forms.CharField(label="企业的统一社会信用代码", max_length=18)
    track = forms.ModelChoiceField(
        label="申报类别", queryset=Track.objects.none(), to_field_name="code", empty_label="请选择",
        error_messages={"invalid_choice": "这一类别不由您这里受理，或者截止已经太久。请选列出的类别"},
    )  # fmt: skip
    until = forms.DateTimeField(
        label="延到", help_text="北京时间，到这一秒为止；不能晚于推荐单位自己的截止时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1, "class": "w-md"}, format="%Y-%m-%dT%H:%M:%S"),
    )  # fmt: skip
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    clause = forms.CharField(label="依据", max_length=60, help_text="通知的哪一条，或哪份文件、哪次会议同意的")

    def __init__(self, user: User, *args: object) -> None:
        super().__init__(*args)
        own = [one.pk for one in extensions.tracks(user)]
        self.fields["track"].queryset = Track.objects.filter(pk__in=own).select_related("campaign__edition")
        if not own:
            self.fields["track"].help_text = "由您这里受理的类别，截止都已经过去太久，现在没有可以延期的"
        for one in self.fields.values():
            one.error_messages["required"] = f"{one.label}是空的。请填写"
        self.fields["track"].error_messages["required"] = "申报类别还没有选。请选择"


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*extensions.DESK)
def extension_list(request: HttpRequest) -> HttpResponse:
    """Every exception the person's line has made, and the form for one more."""
    if request.method != "POST":
        return _page(request, ExtensionForm(request.user))
    if not scope(request.user).has_any({Role.OFFICIAL}):
        raise Http404
    form = ExtensionForm(request.user, request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            firm = extensions.enterprise(request.user, values.pop("credit_code"))
            extensions.propose(firm, values.pop("track"), request.user, **values)
        except Blocked as blocked:
            for one in blocked.problems:
                form.add_error(one.field or None, one.message)
        else:
            messages.success(request, "已提出，等另一位经办或用印人复核后生效。")
            return redirect("extension_list")
    return _page(request, form, form.problems(), 422)


def _page(
    request: HttpRequest, form: ExtensionForm, problems: object = (), status: int = 200, **more: object
) -> HttpResponse:
    related = ("enterprise__authority", "enterprise__soe", "track", "proposed_by", "status_by")
    rows = Extension.objects.visible_to(request.user).select_related(*related)[:SHOWN]
    shown = [{"one": one, "acts": _acts(request, one)} for one in rows]
    context = {"rows": shown, "form": form, "problems": problems, **more}
    context["writes"] = scope(request.user).has_any({Role.OFFICIAL})
    return render(request, "declarations/extensions.html", context, status=status)


def _acts(request: HttpRequest, one: Extension) -> list[dict[str, str]]:
    """What the person may do; who proposed it takes it back instead of refusing it."""
    own = one.proposed_by_id == request.user.pk
    return [
        {"name": act.name, "style": act.style, "label": "收回" if own and act.name == "refuse" else act.label}
        for act in workflow.available(one, request.user)
    ]


@require_POST
@roles(*extensions.DESK)
def extension_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    one = Extension.objects.select_related("enterprise__authority", "enterprise__soe", "track", "proposed_by").get_for(
        request.user, public_id=public_id
    )
    name = request.POST.get("act", "")
    if name not in workflow.transitions(one):
        raise Http404
    problems, status = [], 403
    try:
        done = workflow.fire(one, name, actor=request.user, version=version_of(request.POST))
        messages.success(request, f"{one.enterprise.name}的延期：{done.status_word}。")
        return redirect("extension_list")
    except NotAllowed:
        messages.error(request, STRANGER)
    except StaleState:
        messages.warning(request, STALE)
        status = 409
    except Blocked as blocked:
        problems, status = blocked.problems, 422
    return _page(request, ExtensionForm(request.user), problems, status, refused="没有办成")
