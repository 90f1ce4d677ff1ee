"""Signing in and out."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from smartfactory import login as gate
from smartfactory.access import public
from smartfactory.forms import YanForm
from smartfactory.models import Membership
from smartfactory.templatetags.yan import cn_time
from smartfactory.text import clean


class LoginForm(YanForm):
    username = forms.CharField(label="账号", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = None
        for name, label in (("username", "账号"), ("password", "密码")):
            self.fields[name].error_messages["required"] = f"请填写{label}"

    def clean_username(self) -> str:
        return clean(self.cleaned_data["username"]).strip()

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if not self.errors:
            self.user = gate.attempt(self.request, data["username"], data["password"])
            if self.user is None:
                raise forms.ValidationError(_refusal(data["username"]))
        return data


def _refusal(username: str) -> str:
    if until := gate.locked_until(username):
        return (
            f"这个账号 {settings.LOGIN_LOCK_MINUTES} 分钟内输错 {settings.LOGIN_FAILURES} 次，已暂停登录。"
            f"请在 {cn_time(until)} 之后再试；忘记密码请联系本单位管理员"
        )
    left, minutes = gate.failures_left(username), settings.LOGIN_LOCK_MINUTES
    return f"账号或密码不对，请核对后再填。再错 {left} 次，这个账号将暂停登录 {minutes} 分钟"


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _target(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login(request, form.user)
        gate.record_login(form.user)
        return redirect(target)
    context = {
        "form": form,
        "next": target if "next" in request.GET or "next" in request.POST else "",
        "demo_people": _demo_people(),
    }
    return render(request, "smartfactory/login.html", context)


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else settings.LOGIN_REDIRECT_URL


def _demo_people() -> list[tuple[str, list[Membership]]]:
    """The demo logins with their parts, by who they are; only where settings.DEMO says so."""
    if not settings.DEMO:
        return []
    names = [name for group in DEMO_LOGINS.values() for name in group]
    found = Membership.objects.filter(is_active=True, user__username__in=names)
    rows = {row.user.username: row for row in found.select_related("user", "enterprise", "authority").order_by("-pk")}
    groups = {title: [rows[name] for name in group if name in rows] for title, group in DEMO_LOGINS.items()}
    return [(title, people) for title, people in groups.items() if people]


DEMO_LOGINS = {
    "企业": ("enterprise", "signatory"),
    "市、省和中央企业集团": ("city", "citysealer", "province", "sealer", "group", "grouphead"),
    "评审专家和联合审核部门": ("expert", "reform", "finance"),
    "部": ("ministry", "auditor"),
    "政策管理": ("policy", "policycheck", "provincepolicy"),
}


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "已退出。关闭浏览器前不必再做什么。")
    return redirect("login")
