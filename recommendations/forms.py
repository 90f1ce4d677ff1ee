"""Forms of the quota pages."""

from __future__ import annotations

from django import forms

from assessment.vocabulary import Standing, Strength
from smartfactory.forms import YanForm

MOST = 9999


class OverrideForm(YanForm):
    """A figure set by hand: nothing of it may be missing."""

    limit = forms.IntegerField(label="名额", min_value=0, max_value=MOST)
    strength = forms.ChoiceField(label="强弱", choices=Strength.choices)
    reason = forms.CharField(label="理由", max_length=120, widget=forms.Textarea(attrs={"rows": 2}))
    source = forms.CharField(label="依据", max_length=120, help_text="哪份文件；没有公开文件的写清出处")
    clause = forms.CharField(label="条款", max_length=60, required=False)
    standing = forms.ChoiceField(label="核实程度", choices=Standing.choices, initial=Standing.UNVERIFIED)


class FactForm(YanForm):
    """A criterion as found in a source: one value, or from and to where only a range is known."""

    key = forms.CharField(widget=forms.HiddenInput)
    low = forms.IntegerField(label="从", min_value=0, max_value=MOST)
    high = forms.IntegerField(label="到", min_value=0, max_value=MOST, required=False, help_text="只有一个数就填同一个")
    source = forms.CharField(label="出处", max_length=200)
    standing = forms.ChoiceField(label="核实程度", choices=Standing.choices)

    def clean(self) -> dict[str, object]:
        data = super().clean()
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and high < low:
            self.add_error("high", "“到”不能小于“从”")
        return data
