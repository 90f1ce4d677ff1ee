"""Nothing typed or pasted is cut: no box stops at its limit, and what is too long is refused in words, not shortened."""

import importlib
import pkgutil
import re
from io import BytesIO

import pytest
from django import forms
from django.conf import settings
from django.urls import get_resolver, reverse

from declarations.models import KnownFact, ReturnItem
from recommendations import ranking, reviewing
from recommendations.models import Review
from smartfactory import workflow
from smartfactory.forms import YanForm
from smartfactory.workflow import Blocked
from tests.factories import recommendations as make
from tests.factories.declarations import extend_deadline, make_declaration, people_of, submit
from tests.factories.organisations import make_user

CUTTING = re.compile("maxlength", re.IGNORECASE)


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def every_form():
    """All forms of the product: every module that may define one is loaded."""
    assert get_resolver().url_patterns
    for floor in ("smartfactory", "assessment", "declarations", "recommendations"):
        package = importlib.import_module(floor)
        for one in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if re.search(r"\.(forms|views|row_form)\b", one.name):
                importlib.import_module(one.name)
    return [one for one in subclasses(YanForm) if not one.__module__.startswith("tests")]


def test_no_template_and_no_script_limits_a_box():
    sources = [*settings.BASE_DIR.glob("templates/**/*.html"), *settings.BASE_DIR.glob("static/js/*.js")]
    assert len(sources) > 100
    assert [one.name for one in sources if CUTTING.search(one.read_text())] == []


def test_no_form_limits_a_box():
    found = every_form()
    assert len(found) > 5
    boxes = {form.__name__: field.widget for form in found for field in form.base_fields.values()}
    assert boxes
    for form in found:
        if form.base_fields and form.__init__ is YanForm.__init__:
            assert not CUTTING.search(form().as_div()), form.__name__


def test_a_form_says_how_much_is_too_much():
    class Short(YanForm):
        name = forms.CharField(label="名称", max_length=4)

    form = Short({"name": "五个字太长"})
    assert not CUTTING.search(form.as_div())
    assert form.errors["name"] == ["名称最多 4 个字，现在 5 个。请删减"]


@pytest.fixture
def declaration(policy):
    return make_declaration(status="in_review")


@pytest.fixture
def official(declaration):
    return people_of(declaration)[2]


@pytest.mark.django_db
class TestReviewing:
    @pytest.fixture
    def send(self, declaration, official, client_for):
        client = client_for(official)

        def send_it(name, **sent):
            declaration.refresh_from_db()
            versions = {"version": declaration.version, "review_version": reviewing.review_of(declaration).version}
            answer = client.post(reverse(name, args=[declaration.public_id]), versions | sent)
            return answer.status_code, answer.content.decode()

        return send_it

    def test_a_note_past_its_limit_is_refused_and_stays_on_the_page(self, send):
        status, page = send("review_detail", note="注" * 2001)
        assert (status, "备注超出 1 字。请删减到 2000 字以内" in page, "注" * 2001 in page) == (422, True, True)
        assert Review.objects.get().note == ""
        assert send("review_detail", note="注 " * 2000)[0] == 302

    def test_a_reason_past_its_limit_is_refused_and_stays_on_the_page(self, send, declaration):
        status, page = send("review_act", act="reject", reason="因" * 1002)
        assert (status, "写的理由超出 2 字。请删减到 1000 字以内" in page, "因" * 1002 in page) == (422, True, True)
        declaration.refresh_from_db()
        assert declaration.status == "in_review"

    def test_a_return_past_its_limits_is_refused_and_stays_on_the_page(self, send):
        item = {"item-anchor": "applicant.profile", "item-reason_code": "other", "item-due": ""}
        status, page = send("review_return", **item, **{"item-message": "改" * 2003, "item-clause": "条" * 61})
        assert (status, "改" * 2003 in page, "条" * 61 in page) == (422, True, True)
        assert "内容超出 3 字。请删减到 2000 字以内" in page
        assert "依据超出 1 字。请删减到 60 字以内" in page
        assert not ReturnItem.objects.exists()


@pytest.mark.django_db
def test_every_act_with_a_reason_refuses_one_that_is_too_long(declaration, official):
    with pytest.raises(Blocked, match="写的理由超出 5 字"):
        workflow.fire(declaration, "reject", actor=official, version=declaration.version, note="因" * 1005)


@pytest.mark.django_db
def test_a_claim_keeps_a_reason_that_is_too_long_on_the_page(policy, client_for):
    proof = BytesIO(b"%PDF-1.4\n%%EOF")
    proof.name = "proof.pdf"
    given = {"credit_code": "91990101999999999X", "reason": "我" * 302, "proof": proof}
    page = client_for(make_user()).post(reverse("claim_new"), given)
    assert page.status_code == 422
    assert "说明超出 2 字。请删减到 300 字以内" in page.content.decode()
    assert "我" * 302 in page.content.decode()


@pytest.mark.django_db
def test_a_reason_for_one_more_place_is_refused_whole_and_stays(policy, client_for):
    make.cap_cities(limit=1)
    desk = make.make_desk("990101")
    one, second = make.open_list(desk), make.qualified()
    ranking.add_entry(one, make.qualified(), actor=desk.official)
    sent = {"declaration": second.public_id, "over_reason": "多" * 201}
    page = client_for(desk.official).post(reverse("list_add", args=[one.public_id]), sent)
    assert page.status_code == 422
    assert "超出原则上限的理由超出 1 字" in page.content.decode()
    assert f'value="{"多" * 201}"' in page.content.decode()


@pytest.mark.django_db
def test_the_source_of_a_fact_is_refused_whole_and_stays(policy, client_for):
    declaration = make_declaration()
    extend_deadline(declaration)
    submit(declaration)
    fact = KnownFact.objects.filter(enterprise=declaration.enterprise).first()
    sent = {"version": fact.version, "period": "年" * 41, "source": "源" * 162}
    page = client_for(people_of(declaration)[0]).post(reverse("known_fact", args=[fact.public_id]), sent)
    assert page.status_code == 422
    for words in ("所属时期超出 1 字。请删减到 40 字以内", "来源超出 2 字。请删减到 160 字以内", "年" * 41, "源" * 162):
        assert words in page.content.decode()
