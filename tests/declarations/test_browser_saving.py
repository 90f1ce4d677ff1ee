"""Autosave in a real browser: tables two people change, buttons and links pressed before the text is saved."""

import pytest

from declarations import services
from declarations.models import Declaration, ScenarioInstance, SectionContent
from tests.support.ports import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST = "[name=honours-0-name]"
HONOUR = {"name": "同事填的荣誉", "level": "省级", "year": "2023", "number": "1 号"}


def data(draft, key="applicant"):
    return SectionContent.objects.get(declaration=draft, key=key).data


@pytest.fixture
def page(page_for, preparer, address):
    page = page_for(preparer)
    page.goto(address("applicant/"))
    return page


@pytest.fixture
def colleague_adds(draft, signatory):
    services.save_section(draft, "applicant", {"honours": []}, version=1, actor=signatory)

    def add():
        version = SectionContent.objects.get(declaration=draft, key="applicant").version
        services.save_section(draft, "applicant", {"honours": [HONOUR]}, version=version, actor=signatory)

    return add


def test_table_changed_by_a_colleague_is_drawn_anew_and_not_overwritten(page, draft, colleague_adds):
    colleague_adds()
    page.locator("#id_profile").fill("我写的企业简介。")
    page.locator(".yan-save.saved").wait_for()
    wait_for(lambda: page.locator(FIRST).input_value() == HONOUR["name"], seconds=10, what="the table drawn anew")
    page.locator("[name=honours-1-name]").fill("我填的荣誉")
    wait_for(lambda: len(data(draft)["honours"]) == 2, seconds=10, what="both rows")
    assert [one["name"] for one in data(draft)["honours"]] == ["同事填的荣誉", "我填的荣誉"]
    assert data(draft)["profile"] == "我写的企业简介。"


@pytest.mark.parametrize(
    ("button", "kept"), [("保留我的", "我填的荣誉"), ("用这一份", "同事填的荣誉")], ids=["mine", "theirs"]
)
def test_table_changed_by_both_waits_for_a_choice(page, draft, colleague_adds, button, kept):
    colleague_adds()
    page.locator(FIRST).fill("我填的荣誉")
    page.locator(".yan-save.conflict").wait_for()
    assert "同事填的荣誉" in page.locator(".yan-theirs").inner_text()
    # Both the words in the footer and the button beside them lead to the copies.
    for way in ("对照两份，选一份保留", "保存"):
        page.locator("#id_address").focus()
        page.locator(".yan-foot").get_by_role("button", name=way, exact=True).click()
        wait_for(lambda: page.evaluate("document.activeElement.dataset.choose") == "mine", seconds=5, what="the copies")
    assert data(draft)["honours"][0]["name"] == "同事填的荣誉"
    page.get_by_role("button", name=button).click()
    wait_for(lambda: page.locator(FIRST).input_value() == kept, seconds=10, what="the chosen text on the page")
    wait_for(lambda: data(draft)["honours"][0]["name"] == kept, seconds=10, what="the chosen text")
    page.locator(".yan-save.saved").wait_for()


def test_a_wrong_cell_is_marked_while_typing_and_nothing_computed_from_it(page, draft, address):
    page.goto(address("outcomes/"))
    page.locator("#id_indicators-9-before").fill("-1")
    change = page.locator("tr[data-indicator='9'] [data-change]")
    wait_for(lambda: change.inner_text() == "—", seconds=5, what="no change from a refused value")
    # A row begun below a blank one: the problem finds it all the same.
    page.locator("[name=milestones-1-year]").fill("1800")
    for name in ("indicators-9-before", "milestones-1-year"):
        page.locator(f"#id_{name}[aria-invalid=true]").wait_for()
        assert page.locator(f".invalid-feedback a[href='#id_{name}']").count() == 1
    page.locator("#id_indicators-9-before").fill("3.8")
    page.locator("#id_indicators-9-before:not([aria-invalid])").wait_for()


def test_button_of_the_list_saves_the_text_first(page, draft, address):
    page.goto(address("scenarios/"))
    page.locator("#id_overview").fill("还没来得及保存的概述。")
    page.get_by_role("button", name="增加一个场景").click()
    page.wait_for_url("**/scenarios/6/")
    assert data(draft, "scenarios")["overview"] == "还没来得及保存的概述。"
    assert ScenarioInstance.objects.filter(declaration=draft).count() == 6


def test_link_saves_the_text_first(page, draft):
    page.locator("#id_profile").fill("点开别的部分之前写的。")
    page.locator(".yan-rail a", has_text="工厂情况").click()
    page.wait_for_url("**/factory/")
    assert data(draft)["profile"] == "点开别的部分之前写的。"


def test_page_never_slides_under_the_pointer(page):
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_of_two_links_the_last_one_counts(page, draft):
    page.locator("#id_profile").fill("连点两个部分之前写的。")
    page.evaluate("""[3, 4].forEach((n) => document.querySelector(`.yan-rail > ol > li:nth-child(${n}) a`).click())""")
    page.wait_for_url("**/outcomes/")
    assert data(draft)["profile"] == "连点两个部分之前写的。"


def test_form_closed_meanwhile_keeps_the_text_on_the_page(page, draft):
    Declaration.objects.filter(pk=draft.pk).update(status="submitted")
    page.locator("#id_profile").fill("提交以后才写的。")
    page.get_by_text("这里的修改没有保存").wait_for()
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("没有保存：申报书现在是").wait_for()
    assert "提交以后才写的。" in page.content()


def test_the_list_of_what_is_wrong_follows_what_is_typed(page, address):
    page.goto(address("factory/?checked=1"))
    page.locator("#id_factory_name").fill("")
    page.locator("#id_prior_note").fill("长" * 600)
    slip = page.locator("[data-problems] .yan-slip")
    slip.get_by_text("有 2 处要改正").wait_for()
    page.locator("#id_prior_note").fill("")
    slip.get_by_text("有 1 处要改正").wait_for()
    assert page.title().startswith("要改正：")
    slip.get_by_role("link", name="还没有填写工厂名称").click()
    page.wait_for_url("**/factory/?checked=1#div_id_factory_name")
    page.locator("#id_factory_name").fill("第二工厂")
    slip.wait_for(state="detached")
    assert not page.title().startswith("要改正：")
