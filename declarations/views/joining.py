"""Coming to an enterprise from outside: by a colleague's link, or by claiming an account that others hold."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from declarations.team import claims, invitations
from declarations.team.members import TeamError
from smartfactory import audit
from smartfactory.access import public, signed_in
from smartfactory.files import BadFile
from smartfactory.forms import YanForm
from smartfactory.models import User
from smartfactory.text import clean


class AccountForm(YanForm):
    """A new account for somebody who was invited."""

    full_name = forms.CharField(label="姓名", max_length=40)
    username = forms.RegexField(
        r"[A-Za-z0-9_.@-]{4,60}\Z",
        label="账号",
        help_text="4 到 60 个字母、数字或 _ . @ -，登录时用",
        error_messages={"invalid": "账号要用 4 到 60 个字母、数字或 _ . @ -"},
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        help_text="越长越好，不能全是数字，不要用常见密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}"

    def clean_full_name(self) -> str:
        return clean(self.cleaned_data["full_name"]).strip()

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("这个账号已经有人用。请换一个；如果是您自己的，请先登录")
        return name

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if not self.errors:
            person = User(username=data["username"], full_name=data["full_name"])
            try:
                validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data

    def save(self) -> User:
        data = self.cleaned_data
        user = User.objects.create_user(data["username"], password=data["password"], full_name=data["full_name"])
        audit.record("account.create", actor=user, obj=user)
        return user


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def team_join(request: HttpRequest, code: str) -> HttpResponse:
    """Who holds the link joins: with the account they are signed in with, or with a new one."""
    invitation = invitations.by_code(code)
    if invitation is None:
        return render(request, "declarations/join_ended.html", status=404)
    known = request.user.is_authenticated
    form = None if known else AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (known or form.is_valid()):
        return _joined(request, code, form)
    context = {"invitation": invitation, "form": form, "code": code}
    return render(request, "declarations/join.html", context, status=422 if form and form.errors else 200)


def _joined(request: HttpRequest, code: str, form: AccountForm | None) -> HttpResponse:
    try:
        with transaction.atomic():
            user = form.save() if form else request.user
            enterprise = invitations.accept(code, user)
    except TeamError:
        return render(request, "declarations/join_ended.html", status=404)
    if form:
        login(request, user)
    messages.success(request, f"您已加入{enterprise.name}。")
    return redirect("declaration_list")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def claim_new(request: HttpRequest) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            return _claimed(request)
        except (TeamError, BadFile) as error:
            problem = str(error)
    context = {
        "problems": [{"message": problem, "fix_url": "#credit_code"}] if problem else [],
        "given": {name: clean(request.POST.get(name, "")) for name in ("credit_code", "reason")},
        "mine": _mine(request.user),
        "max_mb": claims.MAX_MB,
    }
    return render(request, "declarations/claim.html", context, status=422 if problem else 200)


def _mine(user: User) -> list[dict[str, object]]:
    """What the person claimed, newest first, with why it was refused."""
    rows = list(user.claims.order_by("-pk"))
    why = claims.reasons(rows)
    return [{"claim": one, "why": why.get(one.pk, "")} for one in rows]


def _claimed(request: HttpRequest) -> HttpResponse:
    """The same answer whether the code is known here or not."""
    sent = request.FILES.get("proof")
    if sent is None:
        raise TeamError("还没有选择证明文件。请选择营业执照加授权书的扫描件")
    claims.claim(
        request.POST.get("credit_code", ""), claimant=request.user, reason=request.POST.get("reason", ""),
        upload=sent.file, name=sent.name,
    )  # fmt: skip
    messages.success(request, "已收到，列在下面。进展和结果都在这一页看。")
    return redirect("claim_new")
