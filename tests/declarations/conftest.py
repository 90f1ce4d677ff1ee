"""What the tests of declarations share."""

import pytest

from declarations import content
from tests.factories.declarations import extend_deadline, make_declaration, people_of


@pytest.fixture
def draft(policy):
    """A complete draft whose deadline lies ahead."""
    declaration = make_declaration()
    extend_deadline(declaration)
    return declaration


@pytest.fixture
def preparer(draft):
    return people_of(draft)[0]


@pytest.fixture
def signatory(draft):
    return people_of(draft)[1]


@pytest.fixture
def official(draft):
    return people_of(draft)[2]


@pytest.fixture
def description(draft):
    return content.describe(draft.track)


@pytest.fixture
def payload(draft):
    """The draft's content, to be bent by a test; a fresh copy each time."""
    return content.payload(draft)


@pytest.fixture
def address(draft):
    return lambda rest="": f"/declarations/{draft.public_id}/{rest}"
