"""An assessor's recorded result: offered with its source, changing nothing by itself, and compared with the answers."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from assessment.models import MaturityReport
from declarations import content
from declarations.models import SectionContent
from declarations.presenting import Workspace
from declarations.reuse import contradictions, maturity
from smartfactory import files
from smartfactory.models import AuditEntry
from tests.factories.declarations import PDF

FIELDS = ("maturity_level", "maturity_method", "maturity_body", "maturity_date", "maturity_score")


@pytest.fixture
def report(draft, preparer):
    return MaturityReport.objects.create(
        enterprise=draft.enterprise, body="云泽评估院", level=2, score=Decimal("2.41"), number="P-7", file_name="报告.pdf",
        assessed_on=datetime.date(2024, 7, 1), file=files.put(PDF, files.MIMES["pdf"]), status="recorded",
        created_by=preparer,
    )  # fmt: skip


def write(draft, **values):
    row = SectionContent.objects.get(declaration=draft, key="factory")
    SectionContent.objects.filter(pk=row.pk).write(data=row.data | values)


def answers(draft):
    data = SectionContent.objects.get(declaration=draft, key="factory").data
    return [data.get(key) for key in FIELDS]


@pytest.fixture
def blank(draft, report):
    write(draft, **dict.fromkeys(FIELDS))
    return draft


def test_blank_answers_are_offered_with_the_source_and_nothing_changes(blank, report, client_for, preparer):
    page = client_for(preparer).get(reverse("declaration_carry", args=[blank.public_id])).text
    assert "云泽评估院，报告 P-7" in page
    assert "二级" in page
    assert answers(blank) == [None] * 5
    offered = maturity.offers(blank, content.payload(blank), report)
    assert [(one.field.key, one.value) for one in offered] == list(
        zip(FIELDS, ["2", "third", "云泽评估院", "2024-07-01", "2.41"], strict=True)
    )


def test_only_what_was_ticked_is_filled_in(blank, client_for, preparer):
    address = reverse("declaration_carry", args=[blank.public_id])
    client_for(preparer).post(address, {"assessed": ["factory.maturity_level", "factory.maturity_body", "x.y"]})
    assert answers(blank) == ["2", None, "云泽评估院", None, None]
    assert AuditEntry.objects.order_by("-seq").first().act == "declaration.fill_maturity"


def test_written_answers_are_left_alone(draft, report, preparer):
    before = answers(draft)
    anchors = {f"factory.{key}" for key in FIELDS}
    assert maturity.fill(draft, anchors, actor=preparer) == 0
    assert answers(draft) == before


def test_a_difference_is_a_warning_that_names_both_and_the_source(draft, report):
    found = contradictions.contradictions(draft, content.payload(draft))
    assert [one.field for one in found] == ["maturity_level", "maturity_body", "maturity_date", "maturity_score"]
    assert "填的是 四级，而记录的评估结果是 二级（云泽评估院，报告 P-7" in found[0].message
    assert {one.level for one in found} == {"warning"}
    assert {one.standing for one in found} == {"unverified"}


def test_what_agrees_is_silent(draft, report):
    values = ["2", "third", "云泽评估院", "2024-07-01", "2.410"]
    write(draft, **dict(zip(FIELDS, values, strict=True)))
    assert contradictions.contradictions(draft, content.payload(draft)) == []


def test_a_self_assessment_is_held_to_the_level_alone(draft, report):
    write(draft, maturity_method="self")
    found = contradictions.contradictions(draft, content.payload(draft))
    assert [one.field for one in found] == ["maturity_level"]


def test_a_withdrawn_result_says_nothing(draft, report, preparer, client_for):
    MaturityReport.objects.filter(pk=report.pk).update(status="withdrawn")
    assert contradictions.contradictions(draft, content.payload(draft)) == []
    assert maturity.latest(draft.enterprise) is None


def test_the_page_shows_it_beside_the_level_and_the_check_warns(draft, report, preparer, client_for):
    client = client_for(preparer)
    page = client.get(reverse("declaration_section", args=[draft.public_id, "factory"])).text
    assert "已记录的评估结果" in page
    assert reverse("maturity_report", args=[report.public_id]) in page
    assert (
        "已记录的评估结果" not in client.get(reverse("declaration_section", args=[draft.public_id, "applicant"])).text
    )
    assert any("云泽评估院" in one.message for one in Workspace(draft, preparer).warnings)
    assert "而记录的评估结果是" in client.get(reverse("declaration_check", args=[draft.public_id])).text
