"""The forms of the pre-assessment: how a round begins, the questions of a sub-domain, a result that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Layout
from django import forms
from django.utils import timezone

from assessment.maturing.book import NUMERALS, Book, Requirement, level_word, why_not
from assessment.maturing.judging import Answer
from assessment.maturity import Standard
from assessment.models import MaturityStandard, SubdomainAnswers
from smartfactory.access import scope
from smartfactory.forms import Question, YanForm
from smartfactory.models import Enterprise, Role
from smartfactory.text import clean

if TYPE_CHECKING:
    from assessment.maturing.paper import Paper
    from smartfactory.models import User

NOTE_CHARS, REASON_CHARS = 200, 200
OPEN = "open"


def own_enterprises(form: forms.Form, user: User) -> list[int]:
    """Offer the person's own enterprises; where there is one only, it is no question."""
    ids = scope(user).enterprise_ids(Role.PREPARER, Role.SIGNATORY)
    form.fields["enterprise"].queryset = Enterprise.objects.filter(pk__in=ids)
    if len(ids) == 1:
        form.fields["enterprise"].widget = forms.HiddenInput()
        form.fields["enterprise"].initial = ids[0]
    return ids


class StartForm(YanForm):
    """Which version of the standard, which manufacturing type, which factory."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label="企业", empty_label=None)
    standard = forms.ModelChoiceField(
        MaturityStandard.objects.none(), label="按哪一版标准", empty_label=None, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(
        label="制造类型", widget=forms.RadioSelect, error_messages={"required": "请选离散型或流程型"},
        help_text="按本厂的主要生产方式选。两种类型的子域和权重不同，开始后不能改。",
    )  # fmt: skip
    factory = forms.CharField(
        label="工厂名称",
        required=False,
        max_length=80,
        help_text="一家企业有几个工厂、要分开评时填写；只评一个可以不填。",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writable = bool(own_enterprises(self, user))
        rows = list(MaturityStandard.objects.all())
        self.closed = [(one, problem) for one in rows if (problem := why_not(one.definition))]
        good = [one for one in rows if not why_not(one.definition)]
        self.fields["standard"].queryset = MaturityStandard.objects.filter(pk__in=[one.pk for one in good])
        self.fields["standard"].initial = good[0].pk if good else None
        self.fields["standard"].label_from_instance = _with_standing
        kinds = {code: name for one in good for code, name in Standard.from_definition(one.definition).types.items()}
        self.fields["kind"].choices = list(kinds.items())

    def clean_factory(self) -> str:
        return clean(self.cleaned_data["factory"]).strip()


def _with_standing(standard: MaturityStandard) -> str:
    return f"{standard.title}〔{standard.get_standing_display()}〕"


@dataclass(frozen=True)
class Asked:
    """One requirement on the page: what is said of it, and what a colleague saved in the meantime."""

    requirement: Requirement
    said: str
    note: str
    theirs: str = ""
    their_note: str = ""


class PartForm:
    """The questions of one sub-domain. Reads what was stored, or what was posted, and refuses what does not belong."""

    def __init__(self, paper: Paper, code: str, data: Mapping[str, str] | None) -> None:
        self.paper, self.code, self.posted = paper, code, data
        self.book: Book = paper.book
        self.row: SubdomainAnswers = paper.rows[code]
        self.leaf = self.book.subdomains[code]
        self.fresh: SubdomainAnswers | None = None
        self.found: list[dict[str, str]] = []
        self.given = self._stored(self.row) if data is None else self._read(data)

    @staticmethod
    def _stored(row: SubdomainAnswers) -> Answer:
        return Answer(row.marks, row.notes, row.cut, row.cut_reason)

    def _read(self, data: Mapping[str, str]) -> Answer:
        marks, notes = {}, {}
        for name in data:
            what, _, key = name.partition("-")
            if what in ("mark", "note"):
                self._take(what, key, clean(data[name]).strip(), marks if what == "mark" else notes)
        cut, reason = bool(data.get("cut")), clean(data.get("cut_reason", "")).strip()
        self._check_cut(cut, reason)
        return Answer(marks, notes, cut, reason)

    def _take(self, what: str, key: str, value: str, into: dict[str, str]) -> None:
        one = self.book.find(self.code, key)
        if one is None:
            self._refuse(f"“{self.leaf.name}”里没有第 {key[:20]} 条要求。请从目录重新打开这一页再答", "")
        elif what == "mark" and value != OPEN and value not in self.book.words:
            words = "、".join(self.book.words.values())
            self._refuse(f"{level_word(one.level)}第 {one.position} 条的答案只能是{words}。请重新选", f"q-{key}")
        elif len(value) > NOTE_CHARS:
            into[key] = value
            self._refuse(
                f"{level_word(one.level)}第 {one.position} 条的依据超出 {len(value) - NOTE_CHARS} 字。"
                f"请删减到 {NOTE_CHARS} 字以内", f"note-{key}",
            )  # fmt: skip
        elif value and value != OPEN:
            into[key] = value

    def _check_cut(self, cut: bool, reason: str) -> None:
        if cut and not self.leaf.may_cut:
            self._refuse(f"“{self.leaf.name}”不可裁剪。请取消裁剪，逐条作答", "")
        elif cut and not reason:
            self._refuse("裁剪要写明理由。请写清本厂为什么没有这项业务", "cut_reason")
        elif len(reason) > REASON_CHARS:
            self._refuse(f"裁剪理由超出 {len(reason) - REASON_CHARS} 字。请删减到 {REASON_CHARS} 字以内", "cut_reason")

    def _refuse(self, message: str, target: str) -> None:
        self.found.append({"message": message, "fix_url": f"#{target}" if target else ""})

    @property
    def version(self) -> int:
        """The version this page was opened at, which a refused page carries on; after a conflict the present one."""
        if self.fresh is not None:
            return self.fresh.version
        text = str(self.row.version) if self.posted is None else self.posted.get("version", "")
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def is_valid(self) -> bool:
        return not self.found

    @property
    def standing_note(self) -> Any:
        return self.book.notes.get("wording")

    def levels(self) -> list[dict[str, Any]]:
        """The questions level by level; a level without requirements says so."""
        return [
            {"level": level, "word": level_word(level), "name": band.name, "asked": self._asked(level)}
            for level, band in ((one.level, one) for one in self.book.standard.bands if one.level)
        ]

    def _asked(self, level: int) -> list[Asked]:
        return [self._one(one) for one in self.book.at(self.code, level)]

    def _one(self, one: Requirement) -> Asked:
        mine = Asked(one, self.given.marks.get(one.key, ""), self.given.notes.get(one.key, ""))
        if self.fresh is None:
            return mine
        theirs, note = self.fresh.marks.get(one.key, ""), self.fresh.notes.get(one.key, "")
        return Asked(
            one,
            mine.said,
            mine.note,
            self.book.words.get(theirs, "没有答") if theirs != mine.said else "",
            note or "没有写" if note != mine.note else "",
        )


class ReportForm(YanForm):
    """A result of an assessment body or platform, as its report says it."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label="企业", empty_label=None)
    body = forms.CharField(label="评估机构或平台", max_length=80)
    number = forms.CharField(label="报告编号", max_length=60)
    level = forms.TypedChoiceField(
        label="成熟度等级",
        coerce=int,
        choices=[("", "请选报告上的等级"), *((n, f"{NUMERALS[n]}级" if n else "未达到一级") for n in range(6))],
    )
    score = forms.DecimalField(
        label="得分", required=False, min_value=Decimal(0), max_value=Decimal(5), max_digits=4, decimal_places=2,
        help_text="报告上写了才填。", widget=forms.NumberInput(attrs={"class": "w-sm", "step": "0.01"}),
    )  # fmt: skip
    assessed_on = forms.DateField(
        label="评估日期", widget=forms.DateInput(attrs={"type": "date", "class": "w-sm"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请写成年-月-日，例如 2024-10-08"},
    )  # fmt: skip
    valid_until = forms.DateField(
        label="有效期到", required=False, help_text="报告上写了才填；没有写，本系统不推算。",
        widget=forms.DateInput(attrs={"type": "date", "class": "w-sm"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请写成年-月-日，例如 2027-10-08"},
    )  # fmt: skip
    file = forms.FileField(
        label="评估报告", help_text="PDF、JPG 或 PNG。只有本企业的人能看到。", max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": "请选评估报告的文件", "max_length": "文件名太长。请改短后再上传"},
    )  # fmt: skip

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writable = bool(own_enterprises(self, user))

    def layout(self) -> Layout:
        pairs = [("level", "score"), ("assessed_on", "valid_until")]
        return Layout("enterprise", Question("body"), Question("number"),
                      *(Question(*pair, widths=(6, 6)) for pair in pairs), Question("file"))  # fmt: skip

    def clean_body(self) -> str:
        return self._text("body")

    def clean_number(self) -> str:
        return self._text("number")

    def _text(self, name: str) -> str:
        if not (text := clean(self.cleaned_data[name]).strip()):
            raise forms.ValidationError("请填写这一项")
        return text

    def clean_assessed_on(self) -> Any:
        day = self.cleaned_data["assessed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("评估日期在今天以后。请对照报告改正")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        start, end = data.get("assessed_on"), data.get("valid_until")
        if start and end and end < start:
            self.add_error("valid_until", "有效期在评估日期以前。请对照报告改正")
        return data
