"""What the task list says after a return: how much is still asked for, part by part."""

import pytest

from declarations import services
from declarations.presenting import Workspace
from tests.factories.declarations import make_declaration, people_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned():
    return make_declaration(status="returned")


def test_a_return_counts_what_still_reads_as_filed(returned):
    preparer = people_of(returned)[0]
    space = Workspace(returned, preparer)
    (item, *_rest) = space.returns
    assert space.asked[item.section] >= 1
    assert space.next_step["title"].startswith("按退回意见改正")
    assert f"#div_id_{item.field.rpartition('.')[2]}" in space.next_step["url"]


def test_a_corrected_answer_is_no_longer_asked_for(returned):
    preparer = people_of(returned)[0]
    space = Workspace(returned, preparer)
    before = sum(space.asked.values())
    item = next(one for one in space.returns if "." not in one.field)
    row = space.contents[item.section]
    services.save_section(
        returned, item.section, {**row.data, item.field: "改正后的内容"}, version=row.version, actor=preparer
    )
    returned.refresh_from_db()
    assert sum(Workspace(returned, preparer).asked.values()) == before - 1


def test_a_draft_is_asked_for_nothing():
    draft = make_declaration()
    assert Workspace(draft, people_of(draft)[0]).asked == {}
