"""The main way through the officials' desk, end to end, without a browser."""

import json

import pypdfium2
import pytest

from declarations.models import Declaration
from recommendations import packets, ranking
from recommendations.models import Packet
from smartfactory import documents, verification
from smartfactory.models import Job
from tests.factories import recommendations as make

pytestmark = pytest.mark.django_db


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "\n")


@pytest.fixture
def province(policy):
    return make.make_desk()


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
