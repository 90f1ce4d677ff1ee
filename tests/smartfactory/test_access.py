"""The scope of a person, the gateway to rows, and the mark every view carries."""

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from smartfactory import access
from smartfactory.access import Gateway, Scope, scope
from smartfactory.models import Authority, Enterprise, Membership, Role, User
from tests.factories.organisations import make_authority, make_enterprise, make_member, make_tree, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    return make_tree()


# Scope


def test_a_scope_says_who_one_is_where(tree):
    enterprise = make_enterprise()
    person = make_member(Role.PREPARER, enterprise=enterprise)
    make_member(Role.SIGNATORY, enterprise=enterprise, user=person)
    make_member(Role.AUDITOR, authority=tree["990101"], user=person)
    held = scope(person)
    assert held.enterprises == {enterprise.pk: {"preparer", "signatory"}}
    assert held.enterprise_ids(Role.SIGNATORY) == [enterprise.pk]
    assert held.enterprise_ids(Role.READER) == []
    assert held.authority_ids(Role.AUDITOR) == [tree["990101"].pk]
    assert held.paths_for(Role.AUDITOR) == ["ministry/990000/990101/"]
    assert held.has_any([Role.SEALER, Role.AUDITOR])
    assert not held.has_any([Role.SEALER])
    assert not held.has_any([])


def test_whoever_is_nobody_has_no_scope(tree):
    from django.contrib.auth.models import AnonymousUser

    inactive = make_member(Role.OFFICIAL, authority=tree["990000"])
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    ended = make_member(Role.OFFICIAL, authority=tree["990000"])
    Membership.objects.filter(user=ended).update(is_active=False)
    people = [AnonymousUser(), make_user(), User.objects.get(pk=inactive.pk), ended]
    assert [scope(one) for one in people] == [Scope()] * 4


def test_a_scope_is_read_once_per_request_and_afresh_in_the_next(tree, django_assert_num_queries):
    person = make_member(Role.OFFICIAL, authority=tree["990000"])
    with django_assert_num_queries(1):
        assert scope(person) is scope(person)
    Membership.objects.filter(user=person).update(is_active=False)
    assert scope(User.objects.get(pk=person.pk)) == Scope()


def test_a_neighbours_code_that_begins_alike_is_not_below(tree):
    """Paths are closed by a slash: 9901 does not cover 990101."""
    short = make_authority("9901", parent=tree["990000"])
    held = scope(make_member(Role.OFFICIAL, authority=short))
    assert held.covers(short.path, Role.OFFICIAL)
    assert not held.covers(tree["990101"].path, Role.OFFICIAL)
    assert not held.covers(tree["990000"].path, Role.OFFICIAL)


def test_a_role_counts_only_where_it_is_held(tree):
    person = make_member(Role.OFFICIAL, authority=tree["990101"])
    make_member(Role.AUDITOR, authority=tree["990000"], user=person)
    held = scope(person)
    assert held.covers(tree["990101"].path, Role.OFFICIAL)
    assert not held.covers(tree["990102"].path, Role.OFFICIAL)
    assert held.covers(tree["990102"].path, Role.AUDITOR)


# The gateway


def test_rows_are_handed_out_by_scope(tree):
    ours, theirs = make_enterprise(authority=tree["990101"]), make_enterprise(authority=tree["990102"])
    member, city, province = (
        make_member(Role.READER, enterprise=ours),
        make_member(Role.OFFICIAL, authority=tree["990101"]),
        make_member(Role.SEALER, authority=tree["990000"]),
    )
    assert list(Enterprise.objects.visible_to(member)) == [ours]
    assert list(Enterprise.objects.visible_to(city)) == [ours]
    assert set(Enterprise.objects.visible_to(province)) == {ours, theirs}
    for role in (Role.REVIEWER, Role.AUDITOR, Role.POLICY):
        assert not Enterprise.objects.visible_to(make_member(role, authority=tree["990000"])).exists()


def test_a_group_sees_its_own_wherever_they_are(tree):
    group = make_authority("soe-test", kind="central_soe", parent=tree["ministry"])
    ours = make_enterprise(authority=tree["990101"], soe=group)
    make_enterprise(authority=tree["990101"])
    assert list(Enterprise.objects.visible_to(make_member(Role.OFFICIAL, authority=group))) == [ours]


def test_foreign_and_missing_are_the_same(tree):
    foreign = make_enterprise(authority=tree["990102"])
    person = make_member(Role.OFFICIAL, authority=tree["990101"])
    answers = []
    for wanted in (foreign.public_id, "0" * 32):
        with pytest.raises(Http404) as missing:
            Enterprise.objects.get_for(person, public_id=wanted)
        answers.append(str(missing.value))
    assert answers[0] == answers[1]


def test_a_gateway_that_says_nothing_hands_out_nothing(tree):
    class Forgotten(Gateway):
        pass

    make_enterprise()
    rows = Forgotten(model=Enterprise)
    assert not rows.visible_to(make_member(Role.OFFICIAL, authority=tree["ministry"])).exists()


def test_a_filter_put_first_does_not_widen_the_scope(tree):
    make_enterprise(authority=tree["990102"], name="邻居")
    person = make_member(Role.OFFICIAL, authority=tree["990101"])
    assert not Enterprise.objects.filter(name="邻居").visible_to(person).exists()
    with pytest.raises(Http404):
        Enterprise.objects.filter(name="邻居").get_for(person)


# Views


def ask(view, user, **headers):
    request = RequestFactory().get("/somewhere/?a=1", headers=headers)
    request.user = user
    return view(request)


def page(request):
    return HttpResponse("in")


def test_marks():
    assert access.public(lambda request: None).access == "public"
    assert access.signed_in(page).access == "signed_in"
    assert access.roles(Role.AUDITOR, Role.POLICY)(page).access == {"auditor", "policy"}


def test_nobody_is_asked_to_sign_in_and_brought_back():
    from django.contrib.auth.models import AnonymousUser

    for guarded in (access.signed_in(page), access.roles(Role.AUDITOR)(page)):
        answer = ask(guarded, AnonymousUser())
        assert (answer.status_code, answer.url) == (302, "/login/?next=/somewhere/%3Fa%3D1")
        for header in ({"X-Requested-With": "fetch"}, {"Accept": "application/json"}):
            assert ask(guarded, AnonymousUser(), **header).status_code == 401


def test_without_the_role_the_address_does_not_exist(tree):
    guarded = access.roles(Role.AUDITOR)(page)
    with pytest.raises(Http404):
        ask(guarded, make_member(Role.OFFICIAL, authority=tree["990000"]))
    assert ask(guarded, make_member(Role.AUDITOR, authority=tree["990101"])).content == b"in"
    assert ask(access.signed_in(page), make_user()).content == b"in"


# The tree


def test_paths_follow_the_parents(tree):
    assert tree["990101"].path == "ministry/990000/990101/"
    assert [one.code for one in tree["990101"].ancestors()] == ["990000", "ministry"]
    below = set(Authority.objects.under(tree["990000"]))
    assert {tree["990000"], tree["990101"], tree["990102"]} <= below
    assert {one.path.split("/")[1] for one in below} == {"990000"}
