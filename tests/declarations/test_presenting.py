"""What the enterprise's pages say about a return."""

import pytest

from declarations.models import Declaration, SectionContent
from declarations.presenting import Workspace
from tests.factories.declarations import make_declaration, people_of

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


def test_a_draft_is_asked_for_nothing(policy):
    declaration = make_declaration()
    assert Workspace(declaration, people_of(declaration)[0]).asked == {}
