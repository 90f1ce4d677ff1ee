"""What a part still asks for after it was saved: told on the next page, and followed by the list on its own."""

import pytest

from declarations.models import SectionContent
from tests.declarations.test_pages import FETCH, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(draft, preparer, client_for):
    return client_for(preparer)


def on(writer, address, part, **values):
    """Save and go on; the page one comes to, without its white space."""
    sent = {"version": 1, "base": "{}", "multiple": "", "go": "on", **values}
    return writer.post(address(part), sent, follow=True)


class TestGoingOn:
    def test_the_next_part_says_what_the_last_one_lacks_and_leads_back(self, writer, address):
        page = on(writer, address, "factory/", factory_name="", prior_note="长" * 600)
        assert page.redirect_chain == [(address("scenarios/"), 302)]
        said = f'第二部分已保存，有2处要改正。<ahref="{address("factory/")}?checked=1">回去改正</a>'
        assert said in words(page)
        back = words(writer.get(address("factory/?checked=1")))
        assert "有2处要改正" in back
        assert back.index("还没有填写工厂名称") < back.index("请删减到")

    def test_nothing_is_said_of_a_part_that_is_right(self, writer, address):
        assert "已保存，有" not in words(on(writer, address, "factory/", factory_name="第二工厂"))

    def test_a_scenario_leads_back_to_itself(self, writer, address):
        page = on(writer, address, "scenarios/1/", name="")
        assert page.redirect_chain == [(address("scenarios/2/"), 302)]
        assert f'场景1已保存，有1处要改正。<ahref="{address("scenarios/1/")}?checked=1">' in words(page)

    def test_where_only_a_scenario_is_wrong_the_way_leads_there(self, writer, address):
        on(writer, address, "scenarios/1/", name="")
        page = on(writer, address, "scenarios/")
        assert f'第三部分已保存，有1处要改正。<ahref="{address("scenarios/1/")}?checked=1#div_id_name">' in words(page)

    def test_what_the_part_and_its_scenarios_lack_is_counted_together(self, writer, address):
        on(writer, address, "scenarios/1/", name="")
        page = on(writer, address, "scenarios/", overview="")
        assert f'有2处要改正（其中场景里1处）。<ahref="{address("scenarios/")}?checked=1">' in words(page)


class TestFollowing:
    """Autosave of a page that shows a list of what is wrong."""

    @pytest.fixture
    def save(self, writer, address):
        def send(part="factory/", **values):
            version = SectionContent.objects.get(declaration__public_id=address().split("/")[2], key="factory").version
            answer = writer.post(address(f"{part}autosave/"), {"version": version, **values}, headers=FETCH)
            return answer.status_code, answer.json()

        return send

    def test_the_list_is_the_one_the_page_would_show(self, save, writer, address):
        status, body = save(follow="all", factory_name="", prior_note="长" * 600)
        assert status == 422
        assert [one["field"] for one in body["problems"]] == ["factory_name", "prior_note"]
        assert "有 2 处要改正" in body["slip"]
        assert body["slip"].strip() in writer.get(address("factory/?checked=1")).content.decode()

    def test_what_was_mended_leaves_the_list_and_the_rest_stays(self, save):
        save(follow="all", factory_name="", prior_note="长" * 600)
        status, body = save(follow="all", factory_name="第二工厂")
        assert (status, [one["field"] for one in body["problems"]]) == (422, ["prior_note"])
        assert "有 1 处要改正" in body["slip"]
        assert "工厂名称" not in body["slip"]
        assert save(follow="all", prior_note="")[1]["slip"].strip() == ""

    def test_missing_answers_are_listed_only_where_they_were_asked_for(self, save):
        assert save(follow="begun", factory_name="")[1]["slip"].strip() == ""
        assert "还没有填写工厂名称" in save(follow="all", factory_name="")[1]["slip"]

    def test_the_rail_follows(self, save):
        assert "要改正" in save(follow="all", prior_note="长" * 600)[1]["rail"]
        assert "要改正" not in save(follow="all", prior_note="")[1]["rail"]

    def test_a_page_without_a_list_is_answered_as_before(self, save):
        assert "slip" not in save(factory_name="")[1]

    def test_a_scenario_lists_its_own(self, save):
        status, body = save("scenarios/1/", follow="all", name="")
        assert (status, "还没有填写" in body["slip"], 'aria-current="step"' in body["rail"]) == (422, True, True)

    def test_warnings_do_not_count_as_what_is_to_mend(self, writer, address, draft):
        text = draft.instances.get(position=1).data
        other = draft.instances.get(position=2)
        other.data |= {key: text[key] for key in text if len(str(text[key])) > 80}
        other.save()
        page = words(writer.get(address("scenarios/2/?checked=1")))
        assert "开头大段相同。请核对" in page
        assert "处要改正</h2>" not in page
