"""A prepared query answers what the plain one would, whoever asks and in whichever thread."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.models import ReportStatus
from declarations.content.payload import _STORED
from declarations.reuse import maturity
from declarations.views import common
from smartfactory import access, sessions
from smartfactory.models import Enterprise, User
from smartfactory.prepared import Prepared
from tests.factories import declarations as make
from tests.support.together import together

pytestmark = pytest.mark.django_db


def statements(ask, *values):
    with CaptureQueriesContext(
        connection,
    ) as found:
        rows = list(ask(*values))
    return rows, [one["sql"] for one in found.captured_queries]


def plainly(row):
    """A row with what it was read from; the state of an instance is its own."""
    if isinstance(row, tuple):
        return row
    beside = {name: plainly(one) for name, one in row._state.fields_cache.items() if one is not None}
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}, beside


@pytest.fixture
def asked(policy, client):
    """Every prepared query of the product with values that find something."""
    declaration = make.make_declaration()
    user = make.people_of(declaration)[0]
    client.force_login(user)
    own = (declaration.public_id, declaration.enterprise_id)
    return [
        *((one, (declaration.pk,)) for one in _STORED),
        (access._memberships, (user.pk,)),
        (sessions._session, (client.session.session_key,)),
        (sessions._account, (user.pk,)),
        (common._own(common.DESK), own),
        (common._own(common.RELATED), own),
        (common._own(common.RELATED), (*own, 10**9)),
    ]


def test_prepared_and_plain_queries_send_the_same_and_return_the_same(asked):
    for prepared, values in asked:
        prepared(*values)  # composed for somebody else already
        rows, sent = statements(prepared, *values)
        plain, said = statements(prepared.make, *values)
        assert rows
        assert list(map(plainly, rows)) == list(map(plainly, plain))
        assert sent == said
        assert len(sent) == 1


def test_other_values_are_answered_with_other_rows(policy):
    first, second = make.make_declaration(), make.make_declaration()
    for one in _STORED[:1]:
        assert {row.declaration_id for row in one(first.pk)} == {first.pk}
        assert {row.declaration_id for row in one(second.pk)} == {second.pk}
        assert one(0) == []


def test_what_was_found_once_is_looked_for_again(django_user_model):
    ask = Prepared(lambda pk: User.objects.filter(pk=pk))
    user = django_user_model.objects.create(username="prepared")
    assert ask(user.pk) == [user]
    User.objects.filter(pk=user.pk).delete()
    assert ask(user.pk) == ask(None) == []


def test_a_text_is_a_value_whatever_it_says(django_user_model):
    ask = Prepared(lambda name: User.objects.filter(username=name))
    for name in ("' OR 1=1 --", "%s", "\ue000stand-in-0", "甲"):
        django_user_model.objects.create(username=name)
        assert [one.username for one in ask(name)] == [name]
    assert ask("' OR ''='") == []


def test_as_many_values_as_there_are_are_composed_apart(policy):
    pks = [make.make_declaration().enterprise_id for _ in range(3)]
    ask = Prepared(lambda *pks: Enterprise.objects.filter(pk__in=pks).order_by("pk").values_list("pk"))
    for number in (1, 2, 3):
        assert ask(*pks[:number]) == [(pk,) for pk in pks[:number]]


def test_a_value_that_decides_more_than_a_comparison_is_refused():
    """A slice, or a value the query drops, is no parameter of the statement."""
    with pytest.raises(LookupError, match="do not stand in the statement"):
        Prepared(lambda pk, name: User.objects.filter(pk=pk))(1, "甲")


def test_the_newest_result_of_maturity_is_found_by_its_date(asked):
    newest = str(maturity._newest.make(1).query)
    assert ReportStatus.RECORDED in newest
    assert "assessed_on" in newest.partition("ORDER BY")[2]


@pytest.mark.django_db(transaction=True)
def test_threads_ask_on_their_own_connections(django_user_model):
    users = [django_user_model.objects.create(username=f"thread{number}") for number in range(6)]
    ask = Prepared(lambda pk: User.objects.filter(pk=pk))
    found = together(*(lambda user=user: [ask(user.pk)[0].username for _ in range(20)] for user in users))
    assert found == [[user.username] * 20 for user in users]
