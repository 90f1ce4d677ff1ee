"""Acts that many do without a mouse: reviewing, ranking and sealing by keyboard alone."""

import pytest

from recommendations import ranking
from recommendations.models import RecommendationList
from tests.factories import recommendations as make
from tests.journeys.walk import FACTORY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : '';
  return (at.getAttribute('aria-label') || label || at.innerText || at.name || '').trim();
}"""


class Keys:
    """A person at a keyboard."""

    def __init__(self, page):
        self.page = page

    def to(self, words, *, key="Tab"):
        """Press Tab until the focus is on something whose name begins with `words`."""
        for _ in range(400):
            self.page.keyboard.press(key)
            if self.page.evaluate(NAME).startswith(words):
                return self
        raise AssertionError(f"Tab never reached {words}")

    def press(self, key):
        self.page.keyboard.press(key)
        return self

    def go(self):
        """Press Enter on what leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def type(self, text):
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        return self


@pytest.fixture
def at_keyboard(demo, page_for, settings):
    """Return a function that signs somebody in by keyboard."""

    def sit_down(name):
        page = page_for()
        page.goto("/login/")
        keys = Keys(page)
        keys.to("账号").type(name).to("密码").type(settings.DEMO_PASSWORD).go()
        return keys

    return sit_down


def test_moving_and_sealing(at_keyboard, settings):
    official = at_keyboard("province")
    official.to("推荐排序").go().to("2024年度卓越级智能工厂").go()
    listed = RecommendationList.objects.get(authority__code="990000", track__code="2024-excellence")
    before = list(listed.entries.order_by("rank").values_list("pk", flat=True))
    second = listed.entries.get(rank=2).declaration.enterprise.name
    official.to(f"上移 {second}").press("Enter")
    official.page.get_by_text("第 2 名移到第 1 名").first.wait_for()
    assert list(listed.entries.order_by("rank").values_list("pk", flat=True))[:2] == [before[1], before[0]]

    sealer = at_keyboard("sealer")
    frozen = RecommendationList.objects.get(authority__code="990000", track__code="2025-excellence")
    sealer.to("推荐排序").go().to("2025年度卓越级智能工厂").go()
    sealer.to("封存推荐名单").press("Enter")
    assert sealer.page.evaluate(NAME) == "先不封存"
    sealer.to("我已核对").press("Space").to("我知道").press("Space")
    sealer.to("请输入要封存的项目数").type(str(frozen.size)).to("请再次输入").type(settings.DEMO_PASSWORD)
    sealer.to("封存 ").go()
    sealer.page.get_by_text("推荐名单已封存，只读").wait_for()
    frozen.refresh_from_db()
    assert frozen.status == "sealed"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_ranking_forty_entries(policy, page_for, scripts):
    """Where a move leaves the focus is where the next key works: nobody tabs through the list again for each row."""
    desk = make.make_desk()
    listed = make.open_list(desk)
    RecommendationList.objects.filter(pk=listed.pk).update(quota_limit=40)
    listed.refresh_from_db()
    first = make.qualified()
    for declaration in [first, *make.copies(first, 39)]:
        ranking.add_entry(listed, declaration, actor=desk.official)
    names = [one.declaration.enterprise.name for one in listed.entries.select_related("declaration__enterprise")]

    page = page_for(desk.official, java_script_enabled=scripts)
    page.goto(f"/lists/{listed.public_id}/")
    keys = Keys(page)
    keys.to(f"{names[39]} 的名次").type("1").go()
    focused(page, f"{names[39]} 的名次")
    keys.to(f"下移 {names[39]}", key="Shift+Tab")
    for _ in range(3):
        keys.go()
        focused(page, f"下移 {names[39]}")
    keys.to(f"{names[2]} 的名次", key="Shift+Tab").type("40").go()
    focused(page, f"{names[2]} 的名次")
    keys.to(f"上移 {names[2]}", key="Shift+Tab").go()
    focused(page, f"上移 {names[2]}")
    wanted = [names[0], names[1], names[39], *names[3:38], names[2], names[38]]
    found = listed.entries.order_by("rank").values_list("declaration__enterprise__name", flat=True)
    assert list(found) == wanted
    shown = [page.get_by_label("的名次，改后回车").nth(place).input_value() for place in (0, 3, 39)]
    assert shown == ["1", "4", "40"]


def focused(page, name):
    page.wait_for_function(f"name => ({NAME})().startsWith(name)", arg=name)


def test_reviewing(at_keyboard):
    official = at_keyboard("city")
    official.to("审核").go()
    row = official.page.get_by_role("row").filter(has_text="待受理").first
    name = row.get_by_role("link").inner_text()
    assert name != FACTORY
    official.to(name).go().to("受理").go()
    official.page.get_by_text("已受理，可以开始审核").wait_for()
    official.to("审核结论").press("Enter")
    for _ in official.page.get_by_role("radio", name="通过").all():
        official.to("通过").press("Space")
    official.to("审核通过").go()
    official.page.get_by_text("已审核通过，进入推荐排序").wait_for()


def test_the_queue_by_its_shortcuts(at_keyboard):
    """j, k, x, o, / and ? do what Tab and Enter do, and keep silent while somebody types or has switched them off."""
    official = at_keyboard("city")
    official.to("审核").go()
    page = official.page
    links = page.locator("tr[data-row] td a:first-of-type")
    first, second = (links.nth(place).inner_text() for place in (0, 1))
    official.press("j")
    focused(page, first)
    official.press("j")
    focused(page, second)
    official.press("k")
    focused(page, first)
    official.press("x")
    assert page.locator("tr[data-row] [name=pick]").first.is_checked()
    official.press("/")
    page.wait_for_function("() => document.activeElement.id === 'q'")
    page.keyboard.type("jx?")
    assert page.locator("#q").input_value() == "jx?"
    assert page.locator("tr[data-row] [name=pick]").first.is_checked()
    official.to("一起受理").press("?")
    page.wait_for_function("() => document.activeElement.id === 'keys'")
    official.to("在这台电脑上不用快捷键").press("Space").press("j")
    focused(page, "在这台电脑上不用快捷键")
