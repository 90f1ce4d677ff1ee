"""Handing in a correction in which asked answers stay as they were: it is said, and the signatory has to mean it."""

import re

import pytest

from declarations import content, services
from declarations.models import Declaration, SectionContent
from declarations.timeline import history
from tests.factories.declarations import extend_deadline, make_declaration, people_of

pytestmark = pytest.mark.django_db
SAME = "退回的 1 处还和提交时一样"
TICK = 'id="promise-unchanged"'


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.fixture
def returned(policy, client_for):
    """A returned declaration, its address, and its signatory's client."""
    declaration = make_declaration(status="returned")
    extend_deadline(declaration)
    return declaration, f"/declarations/{declaration.public_id}/", client_for(people_of(declaration)[1])


def send(returned, *more):
    declaration, url, client = returned
    page = client.get(url + "submit/")
    promises = [one.key for one in content.describe(declaration.track).promises]
    sent = {"version": declaration.version, "seen": page.context["seen"], "idempotency_key": page.context["key"]}
    return client.post(url + "submit/", sent | {"promise": [*promises, *more]})


def correct(declaration):
    row = SectionContent.objects.get(declaration=declaration, key="factory")
    text = {"summary": row.data["summary"] + "改后"}
    services.save_section(declaration, "factory", text, version=row.version, actor=people_of(declaration)[0])


def test_both_pages_list_what_is_as_it_was_and_nothing_is_called_complete(returned):
    _, url, client = returned
    check, submit = (client.get(url + rest).text for rest in ("check/", "submit/"))
    for page in (check, submit):
        assert SAME in page
        assert f'<a href="{url}factory/?checked=1#div_id_summary">项目简介</a>：请写明建设成效数据' in page
    assert "齐了" not in check
    assert f'href="{url}submit/"' in check
    assert TICK in submit


def test_without_the_tick_nothing_is_handed_in(returned):
    declaration = returned[0]
    refused = send(returned)
    assert refused.status_code == 422
    assert "还没有勾选。请先改正上面列出的 1 处" in words(refused)
    assert 'href="#promise-unchanged"' in refused.text
    assert Declaration.objects.get(pk=declaration.pk).status == "returned"
    assert refused.text.count(" checked") == len(content.describe(declaration.track).promises)


def test_with_the_tick_receipt_and_history_say_so(returned):
    declaration, url, client = returned
    done = send(returned, "unchanged")
    assert done["Location"] == url + "revisions/2/"
    assert "有 1 处没有改：项目简介" in words(client.get(done["Location"]))
    assert history(declaration)[0].text == "提交第 2 版，退回的 1 处没有改"
    revision = Declaration.objects.get(pk=declaration.pk).latest_revision
    assert revision.content["unchanged"] == [{"key": "factory.summary", "label": "项目简介"}]


def test_a_correction_needs_no_tick(returned):
    declaration, url, client = returned
    correct(declaration)
    assert SAME not in client.get(url + "check/").text
    assert "齐了" in client.get(url + "check/").text
    assert TICK not in client.get(url + "submit/").text
    done = send(returned)
    assert done.status_code == 302
    assert "没有改" not in words(client.get(done["Location"]))
    assert history(declaration)[0].text == "提交第 2 版"
    assert "unchanged" not in Declaration.objects.get(pk=declaration.pk).latest_revision.content
