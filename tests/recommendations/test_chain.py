"""The main way through the officials' desk, end to end, without a browser."""

import json

import pypdfium2
import pytest

from declarations.models import Declaration, Track
from recommendations import packets, quotas, ranking
from recommendations.models import LocalQuota, Packet
from smartfactory import documents, verification
from smartfactory.models import Authority, Job
from tests.factories import recommendations as make
from tests.factories.organisations import make_enterprise, make_tree

pytestmark = pytest.mark.django_db


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "\n")


@pytest.fixture
def province(policy):
    return make.make_desk()


# From the lowest desk to the one that recommends: place by place, and within a central group.
PLACES = (("990101-1", "district", "990101"), ("990101", "city", "990000"), ("990000", "", ""))
GROUP = (("soe-yunze-hydraulics", "soe_unit", "soe-yunze"), ("soe-yunze", "", ""))


def desks(chain):
    """A desk for each unit of the chain, lowest first; each unit above has set the one below a number."""
    for code, kind, parent in chain:
        if kind:
            above = Authority.objects.get(code=parent)
            Authority.objects.get_or_create(
                code=code, defaults={"name": f"{code}（测试）", "short_name": code, "kind": kind, "parent": above}
            )
            LocalQuota.objects.create(
                track=Track.objects.get(code="2024-excellence"), parent=above, kind=kind, limit=3, strength="hard",
                basis="测试用上限", standing="unverified",
            )  # fmt: skip
    return [make.make_desk(code) for code, _, _ in chain]


@pytest.mark.parametrize("chain", [PLACES, GROUP], ids=["places", "group"])
def test_each_list_arrives_above_as_one_with_its_ranks(policy, chain):
    make_tree()
    *lower, top = desks(chain)
    lowest = lower[0].authority
    soe = lowest if lowest.kind == "soe_unit" else None
    place = Authority.objects.get(code="990101") if soe else lowest
    filed = [make.qualified(enterprise=make_enterprise(authority=place, soe=soe)) for _ in range(2)]
    own = make.qualified(enterprise=make_enterprise(authority=place, soe=soe and soe.parent)) if soe else None
    source = None
    for desk in lower:
        listed = make.open_list(desk)
        found = ranking.candidates(listed)
        assert [one.declaration.pk for one in found] == [one.pk for one in filed], desk.authority
        assert all(one.source is None or one.source.list_id == source.pk for one in found)
        for one in reversed(found):
            ranking.add_entry(listed, one.declaration, actor=desk.official, source=one.source)
        assert ranking.candidates(make.open_list(top)) == ([ranking.Candidate(own)] if own else [])
        source, filed = make.sealed(listed, desk), filed[::-1]
        assert source.seal.content["sent_to"] == desk.authority.parent.name
        assert Declaration.objects.get(pk=filed[0].pk).status == "qualified"
    high = make.open_list(top)
    found = [one for one in ranking.candidates(high) if one.source]
    assert [(one.declaration.pk, one.source.rank) for one in found] == [(one.pk, n) for n, one in enumerate(filed, 1)]
    for one in found:
        ranking.add_entry(high, one.declaration, actor=top.official, source=one.source)
    make.sealed(high, top)
    assert {Declaration.objects.get(pk=one.pk).status for one in filed} == {"recommended"}


def test_a_unit_of_a_group_recommends_to_nobody_but_the_group(policy):
    unit, _ = desks(GROUP)
    track = Track.objects.get(code="2024-excellence")
    assert not quotas.recommends(track, unit.authority)
    quota = quotas.resolve(track, unit.authority)
    assert (quota.limit, quota.basis) == (3, "测试用上限")


def test_city_list_feeds_the_province_and_the_seal_recommends(province, run_jobs):
    make.cap_cities()
    city = make.make_desk("990101")
    first, second = make.qualified(), make.qualified()
    low = make.open_list(city)
    for declaration in (first, second):
        ranking.add_entry(low, declaration, actor=city.official)
    assert ranking.candidates(make.open_list(province)) == []
    low = make.sealed(low, city)
    assert Declaration.objects.get(pk=first.pk).status == "qualified"

    high = make.open_list(province)
    found = ranking.candidates(high)
    assert [(one.declaration.pk, one.source.rank) for one in found] == [(first.pk, 1), (second.pk, 2)]
    for one in reversed(found):
        ranking.add_entry(high, one.declaration, actor=province.official, source=one.source)
    high = make.sealed(high, province)
    assert {row.status for row in Declaration.objects.filter(pk__in=[first.pk, second.pk])} == {"recommended"}
    content = high.seal.content
    assert [row["declaration"] for row in content["entries"]] == [second.public_id, first.public_id]
    assert content["quota"] == {
        "limit": 20, "strength": "hard", "basis": "各省（区、市）不超过 20 个", "clause": "《通知》二（二）2", "standing": "official",
    }  # fmt: skip
    assert "10000000107" not in high.seal.manifest

    run_jobs()
    sheet = verification.rendered(high.seal.issued, "summary-sheet.pdf")
    words = text_of(sheet.read()).replace("\n", "")
    assert second.enterprise.name in words
    assert "推荐单位（盖章）" in words
    assert high.seal.code[:4] in words
    letters = [text_of(verification.rendered(one.seal.issued, "cover-letter.pdf").read()) for one in (low, high)]
    assert "云泽省工业和信息化厅：" in letters[0]
    assert "工业和信息化部（装备工业一司）：" in letters[1]
    rows = documents.read_xlsx(verification.rendered(high.seal.issued, "summary-sheet.xlsx").read())[0][1]
    assert [row[1] for row in rows if row[0] in ("1", "2")] == [second.enterprise.name, first.enterprise.name]
    result = verification.check(high.seal.code)
    assert (result.status, result.finding.details) == ("intact", [])

    packet = packets.order_packet(high, [], actor=province.official)
    run_jobs()
    packet = Packet.objects.get(pk=packet.pk)
    assert Job.objects.get(pk=packet.job_id).state == "ready"
    assert packet.failures == []
    merged = packet.job.result.read()
    assert documents.page_count(merged) == packet.pages
    assert f"{packet.pages} / {packet.pages}" in text_of(merged)
    assert json.loads(high.seal.manifest)["schema"] == "sf-list/1"
