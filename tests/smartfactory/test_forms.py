"""Forms in the house style: one question per block, its law in the margin, errors above the control."""

from django import forms

from smartfactory.forms import CountedCharField, Note, Question, YanForm
from tests.smartfactory.test_yan import render


class Sample(YanForm):
    name = forms.CharField(label="实例名称", help_text="用一句话说清", error_messages={"required": "还没有填写"})
    kind = forms.ChoiceField(label="性质", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    text = CountedCharField(label="描述", max_chars=3000)
    notes = {"name": [Note("汇总表里这样写", quote="环节—场景—实例", clause="《汇总表》附件4", standing="unverified")]}


def drawn(form):
    return render("{% load crispy_forms_tags %}{% crispy form %}", form=form)


def test_every_field_is_a_question_without_a_form_tag():
    html = drawn(Sample())
    assert html.count('class="yan-q"') == 3
    assert "<form" not in html
    assert "csrfmiddlewaretoken" not in html


def test_the_margin_carries_quote_and_clause():
    html = drawn(Sample())
    assert "<q>环节—场景—实例</q>" in html
    assert "《汇总表》附件4" in html
    assert "〔未核实〕" in html
    assert html.count("yan-note") == 1


def test_an_error_stands_above_the_choices():
    html = drawn(Sample({"name": "x", "text": "y"}))
    block = html[html.index("div_id_kind") :]
    assert block.index("invalid-feedback") < block.index("form-check")


def test_a_long_text_is_counted_and_never_cut():
    html = drawn(Sample())
    assert 'data-count-for="id_text" data-max="3000"' in html
    assert "maxlength" not in html


def test_problems_link_to_their_fields():
    found = Sample({"kind": "a", "text": "y"}).problems()
    assert found == [{"message": "还没有填写", "fix_url": "#id_name", "field": "name"}]


def test_fields_side_by_side():
    class Two(YanForm):
        one = forms.CharField(label="一")
        two = forms.CharField(label="二")

        def layout(self):
            return Question("one", "two", widths=(5, 7))

    html = drawn(Two())
    assert "col-sm-5" in html
    assert "col-sm-7" in html
    assert html.count('class="yan-q"') == 1


def test_form_errors_appear_once_as_a_slip():
    form = Sample({"name": "x", "kind": "a", "text": "y"})
    form.add_error(None, "两项对不上")
    assert drawn(form).count("两项对不上") == 1
