"""Two people write into one thread at the same moment: one is heard, the other is shown what he had not read."""

import pytest

from declarations.models import ThreadMessage
from declarations.thread import service
from smartfactory.models import AuditEntry, Role
from smartfactory.workflow import StaleState
from tests.factories import declarations as made
from tests.factories.organisations import make_member
from tests.support.together import together

pytestmark = pytest.mark.race


def test_letters_that_cross(transactional_db, policy):
    declaration = made.make_declaration(status="in_review")
    people = [make_member(Role.PREPARER, enterprise=declaration.enterprise) for _ in range(3)]
    people += [made.people_of(declaration)[2]]

    def say(person):
        return lambda: service.post(declaration, text=f"我是 {person.pk}", anchor="", seen=0, actor=person)

    results = together(*map(say, people))
    heard = [one for one in results if isinstance(one, ThreadMessage)]
    assert [one.number for one in heard] == [1]
    assert sum(isinstance(one, StaleState) for one in results) == len(people) - 1
    assert AuditEntry.objects.filter(act="thread.post").count() == 1


def test_without_naming_what_was_read_all_are_heard(transactional_db, policy):
    """The control: if only the next free number counted, people would talk past each other."""
    declaration = made.make_declaration(status="in_review")
    preparer, signatory, official = made.people_of(declaration)
    for person in (preparer, signatory, official):
        last = ThreadMessage.objects.filter(declaration=declaration).count()
        service.post(declaration, text="没有看前面的", anchor="", seen=last, actor=person)
    assert ThreadMessage.objects.count() == 3
