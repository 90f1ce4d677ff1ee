"""What the enterprise's pages say about a return."""

from types import SimpleNamespace

import pytest

from declarations.models import Declaration, SectionContent
from declarations.presenting import Workspace
from smartfactory.workflow import fire
from tests.factories.declarations import make_declaration, people_of, submit

pytestmark = pytest.mark.django_db


def test_what_a_return_asks_for_is_counted_by_part_until_it_is_changed(policy):
    declaration = make_declaration(status="returned")
    preparer = people_of(declaration)[0]
    space = Workspace(declaration, preparer)
    assert space.asked == {"factory": 1}
    assert "按退回意见改正 1 处" in space.next_step.values()
    row = SectionContent.objects.get(declaration=declaration, key="factory")
    SectionContent.objects.filter(pk=row.pk).write(data=row.data | {"summary": "改正后的成效数据"})
    assert Workspace(Declaration.objects.get(pk=declaration.pk), preparer).asked == {}


def test_what_was_answered_before_the_correction_was_taken_back_is_asked_no_more(policy):
    declaration = make_declaration(status="returned")
    preparer = people_of(declaration)[0]
    row = SectionContent.objects.get(declaration=declaration, key="factory")
    SectionContent.objects.filter(pk=row.pk).write(data=row.data | {"summary": "改正后的成效数据"})
    corrected = submit(declaration)
    fire(corrected, "withdraw_correction", actor=preparer, version=corrected.version)
    again = Declaration.objects.get(pk=declaration.pk)
    assert (again.status, again.latest_revision.number) == ("returned", 2)
    space = Workspace(again, preparer)
    assert space.asked == {}
    assert not space.next_step["title"].startswith("按退回意见改正")
    SectionContent.objects.filter(pk=row.pk).write(data=row.data)
    assert Workspace(again, preparer).asked == {"factory": 1}


def test_a_draft_is_asked_for_nothing(policy):
    declaration = make_declaration()
    assert Workspace(declaration, people_of(declaration)[0]).asked == {}


def test_a_gap_leads_to_the_list_of_scenarios(policy):
    from declarations import desk

    declaration = make_declaration()
    assessment = SimpleNamespace(
        enterprise_id=declaration.enterprise_id,
        edition_id=declaration.track.campaign.edition_id,
        target=declaration.track.tier,
    )
    place = desk.places(assessment)
    where = f"/declarations/{declaration.public_id}"
    assert place("scenarios").url == f"{where}/scenarios/#div_id_instances"
    assert place("factory.maturity_level").url == f"{where}/factory/#div_id_maturity_level"
