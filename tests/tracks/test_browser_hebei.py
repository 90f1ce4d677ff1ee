"""Hebei 2024 as its notice has it: every city's sealed list, the province's out of them, and a central group beside it.

The province has eleven cities, 雄安新区, and 定州 and 辛集 under it directly: fourteen units that recommend to it.
"""

import pypdfium2
import pytest

from declarations.models import Declaration
from recommendations import exports
from recommendations.models import LocalQuota, RecommendationList
from smartfactory.models import Authority
from tests.factories import recommendations as make
from tests.factories.organisations import make_enterprise
from tests.journeys.walk import explain
from tests.tracks.papers import SASAC
from tests.tracks.test_browser_walks import draw, later, squeezed
from tests.tracks.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRACK, NATIONAL = "2024-hebei-excellence", "2024-excellence"
CAP, ABOVE_ALL = 5, 20
OVER = "本市两家链主企业建成时间相近，经局务会研究同意"

__all__ = ["later"]


@pytest.fixture
def province(policy):
    return make.make_desk("130000")


@pytest.fixture
def filed():
    """Return a function that has `count` qualified declarations received by a unit; the names in order."""

    def gather(unit, count, track=TRACK, soe=None):
        first = make.qualified(track=track, enterprise=make_enterprise(authority=unit, soe=soe))
        return [one.enterprise.name for one in [first, *make.copies(first, count - 1)]]

    return gather


class Hebei(Walk):
    """What the officials of a unit do at their list, on top of the walk of every track."""

    def begin(self, desk, track):
        page = self.page(desk.official, "/lists/")
        row = page.locator("form").filter(has_text=f"{track.title} · ")
        row.get_by_role("button", name="建立推荐名单").click()
        page.get_by_role("heading", name="待选项目").wait_for()
        return page

    def take(self, page, name, button="加入名单"):
        row = page.get_by_role("row").filter(has_text=name).filter(has=page.get_by_role("button", name=button))
        row.get_by_role("button", name=button).click()
        page.get_by_label(f"{name} 的名次，改后回车").wait_for()

    def hand_over(self, page):
        explain(page)
        page.get_by_role("button", name="定稿，交用印人封存").click()
        page.get_by_text("名单已定稿。请另一位用印人核对后封存。").first.wait_for()


def sealed_list(unit, track):
    return RecommendationList.objects.get(authority=unit, track=track, status="sealed")


def test_every_city_then_the_province(province, filed, page_for, later):
    units = list(Authority.objects.filter(parent=province.authority, kind="city").order_by("order", "code"))
    assert {"定州市", "辛集市", "雄安新区"} < {one.short_name for one in units}
    assert len(units) == 14
    walk, first = Hebei(page_for), units[0]
    track = None
    for unit in units:
        names = filed(unit, 6 if unit == first else 1 + (unit.order % 2))
        desk = make.make_desk(unit.code)
        track = track or Declaration.objects.filter(enterprise__authority=unit).first().track
        page = walk.begin(desk, track)
        for name in names[:CAP]:
            walk.take(page, name)
        for name in names[CAP:]:
            the_sixth_needs_a_reason(walk, page, name)
        walk.hand_over(page)
        walk.seal(desk.sealer, track, len(names))
        assert sealed_list(unit, track).seal.content["quota"]["strength"] == "soft"
    assert LocalQuota.objects.get(track=track, parent=province.authority, authority=None).limit == CAP
    the_province_seals_twenty(walk, province, track, units)


def the_sixth_needs_a_reason(walk, page, name):
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name="写明理由加入").click()
    page.get_by_text(f"已到原则上限（{CAP} 个）").first.wait_for()
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_label("超出原则上限的理由").fill(OVER)
    row.get_by_role("button", name="写明理由加入").click()
    page.get_by_text(f"超出原则上限：{OVER}").wait_for()


def the_province_seals_twenty(walk, province, track, units):
    sent = [
        (unit, entry) for unit in units for entry in sealed_list(unit, track).entries.select_related(
            "declaration__enterprise"
        ).order_by("rank")
    ]  # fmt: skip
    assert len(sent) > ABOVE_ALL
    page = walk.begin(province, track)
    for unit, entry in sent:
        assert page.get_by_text(f"{unit.short_name}第 {entry.rank} 名", exact=True).count() == 1
    names = [entry.declaration.enterprise.name for _, entry in sent]
    for name in names[:ABOVE_ALL]:
        walk.take(page, name)
    assert page.get_by_role("button", name="加入名单").count() == 0, "the province's own number is no 原则上"
    walk.take(page, names[ABOVE_ALL], "列为备选")
    page.get_by_text(f"上限 {ABOVE_ALL} 项", exact=True).wait_for()
    walk.hand_over(page)
    walk.seal(province.sealer, track, ABOVE_ALL)
    draw("list_document")
    content = sealed_list(province.authority, track).seal.content
    assert [one["enterprise"] for one in content["entries"]] == names[:ABOVE_ALL]
    text = paper_text(walk.download(province.sealer, "下载汇总表 PDF"))
    assert squeezed("卓越级智能工厂项目推荐汇总表") in text
    assert all(squeezed(name) in text for name in names[:ABOVE_ALL])
    assert squeezed(names[ABOVE_ALL]) not in text


def paper_text(data):
    document = pypdfium2.PdfDocument(data)
    text = squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    document.close()
    return text


def test_a_central_group_beside_it(province, filed, page_for, later):
    """Its plant in 石家庄 goes up through the group, with a copy for 国资委, and never through city or province."""
    city, group = Authority.objects.get(code="130100"), make.make_desk("soe-yunze")
    (name,) = filed(city, 1, track=NATIONAL, soe=group.authority)
    neighbour = filed(city, 1)[0]
    track = Declaration.objects.get(enterprise__name=name).track
    walk = Hebei(page_for)
    at_the_city = walk.begin(make.make_desk("130100"), Declaration.objects.get(enterprise__name=neighbour).track)
    at_the_city.get_by_role("button", name=f"加入名单 {neighbour}").wait_for()
    assert at_the_city.get_by_text(name).count() == 0
    page = walk.begin(group, track)
    walk.take(page, name)
    walk.hand_over(page)
    walk.seal(group.sealer, track, 1)
    draw("list_document")
    seal = sealed_list(group.authority, track).seal
    assert SASAC in exports._recipients(seal.content, seal.content["layouts"]["letter"])
    letter = paper_text(walk.download(group.sealer, "推荐函"))
    assert squeezed(SASAC) in letter
    assert squeezed(name) in paper_text(walk.download(group.sealer, "下载汇总表 PDF"))
