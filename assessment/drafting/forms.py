"""The forms of the policy desk that are not rows: clone, correct, bring in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django import forms
from django.db.models import Q

from assessment.drafting import service
from assessment.drafting.cloning import Wish
from assessment.models import Edition
from assessment.vocabulary import Standing
from smartfactory.access import scope
from smartfactory.forms import YanForm
from smartfactory.models import Authority, Role

if TYPE_CHECKING:
    from assessment.models import EditionDraft
    from smartfactory.models import User

CODE = re.compile(r"[0-9]{4}(-[a-z]+)*\Z")
CODE_SAYS = "先写四位年份；地方的版次再加短横和小写字母，例如 2026 或 2026-yunze"


def code_fault(code: str) -> str:
    """Why a new edition cannot have this code, or nothing."""
    if not CODE.match(code):
        return f"编码“{code}”不合写法：{CODE_SAYS}"
    return f"已经有版次“{code}”。请另取编码；要改它请用更正" if Edition.objects.filter(code=code).exists() else ""


def units(user: User) -> list[Authority]:
    """The units whose policy the person keeps."""
    return list(Authority.objects.filter(pk__in=scope(user).authority_ids(Role.POLICY)))


def correctable(user: User) -> list[Edition]:
    """Published editions the person may correct: those of a unit of their own, the national ones for the ministry."""
    paths = scope(user).paths_for(Role.POLICY)
    regions = Authority.objects.filter(_below(paths)).values_list("code", flat=True) if paths else []
    national = any(one.count("/") == 1 for one in paths)
    wanted = Q(region__in=list(regions)) | (Q(region="") if national else Q(pk__in=[]))
    return list(Edition.objects.published().filter(wanted).defer("source"))


def _below(paths: list[str]) -> Q:
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(path__startswith=path)
    return found


class UnitForm(YanForm):
    """Says for which unit; not asked of those who have only one."""

    authority = forms.ModelChoiceField(Authority.objects.none(), label="为哪个单位", to_field_name="code")

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        mine = units(user)
        field = self.fields["authority"]
        field.queryset = Authority.objects.filter(pk__in=[one.pk for one in mine])
        if len(mine) == 1:
            field.initial, field.empty_label = mine[0], None


class CloneForm(UnitForm):
    base = forms.ModelChoiceField(
        Edition.objects.none(), label="以哪个版次为底稿", to_field_name="code", empty_label=None
    )
    code = forms.CharField(label="新版次的编码", max_length=20, help_text=CODE_SAYS)
    title = forms.CharField(label="名称", max_length=120, help_text="例如 2026年度智能工厂梯度培育行动")
    number = forms.CharField(label="新通知的文号", max_length=60, required=False)
    paper = forms.CharField(label="新通知的标题", max_length=200, required=False, help_text="还没有印发就先空着")
    issued = forms.RegexField(
        r"^\d{4}-\d{2}-\d{2}$", label="印发日期", required=False, help_text="例如 2026-06-19",
        error_messages={"invalid": "请写成 2026-06-19 这样的日期"},
    )  # fmt: skip

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["base"].queryset = Edition.objects.published().defer("source")
        self.order_fields(["base", "authority"])

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip()
        if fault := code_fault(code):
            raise forms.ValidationError(fault)
        return code

    def wish(self) -> Wish:
        data = self.cleaned_data
        paper = {key: data[key] for key in ("number", "paper", "issued")}
        return Wish(code=data["code"], title=data["title"], year=int(data["code"][:4]), **paper)


class AmendForm(UnitForm):
    dated = forms.DateField(label="从哪一天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="为什么更正", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    paper = forms.CharField(label="依据", max_length=200, help_text="哪份文件、哪一条；没有公开文件的写清出处")


class ImportForm(UnitForm):
    file = forms.FileField(label="文件", help_text="本系统导出的 .zip 或 .xlsx，也可以是版次目录打成的 .zip")


class VouchForm(YanForm):
    """How well several rules are attested, and by which registered paper."""

    chapter = forms.CharField()
    standing = forms.ChoiceField(label="核实程度", choices=Standing.choices)
    source = forms.ChoiceField(label="依据文件")

    def __init__(self, papers: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = papers
        self.fields["source"].error_messages["invalid_choice"] = "请从登记的文件里选一份"

    @property
    def word(self) -> str:
        return str(Standing(self.cleaned_data["standing"]).label)

    def clean(self) -> dict[str, object]:
        if not getattr(self.data, "getlist", lambda name: [])("row"):
            raise forms.ValidationError("请先勾选核对过的条目")
        return super().clean()

    def vouch(self, draft: EditionDraft, paths: list[str], version: int, actor: User) -> int:
        values = {name: self.cleaned_data[name] for name in ("standing", "source")}
        return service.vouch(draft, self.cleaned_data["chapter"], paths, values, version=version, actor=actor)
