"""What was said once is kept with its source, offered again, carried into the next year and compared with it."""

import pytest
from django.urls import reverse

from declarations import content, services
from declarations.models import Declaration, KnownFact, SectionContent
from declarations.presenting import Workspace
from declarations.reuse import cloning, contradictions, facts
from declarations.vocabulary import Kind
from smartfactory.models import AuditEntry
from tests.factories.declarations import make_declaration, people_of, submit
from tests.factories.organisations import make_enterprise, make_member


@pytest.fixture
def filed(draft):
    submit(draft)
    return Declaration.objects.get(pk=draft.pk)


@pytest.fixture
def next_year(filed):
    """A blank declaration of the same enterprise in the following edition."""
    return make_declaration(enterprise=filed.enterprise, track="2025-excellence", filled=False)


def data(declaration, key):
    return SectionContent.objects.get(declaration=declaration, key=key).data


# Facts


def test_filing_keeps_what_is_said_about_the_enterprise(filed):
    fact = KnownFact.objects.get(enterprise=filed.enterprise, key="applicant.legal_person")
    assert (fact.value, fact.version) == (data(filed, "applicant")["legal_person"], 1)
    assert filed.number in fact.source
    assert str(filed.track.edition.year) in fact.period
    assert KnownFact.objects.filter(enterprise=filed.enterprise, kind=Kind.TABLE).exists()
    assert not KnownFact.objects.filter(enterprise=filed.enterprise, key="factory.summary").exists()


def test_facts_fill_blank_answers_only(next_year):
    actor = people_of(next_year)[0]
    services.save_section(next_year, "applicant", {"legal_person": "另一位"}, version=1, actor=actor)
    offered = {one.field.anchor for one in facts.offers(next_year, content.payload(next_year))}
    assert "applicant.legal_person" not in offered
    assert "applicant.profile" in offered
    assert facts.fill(next_year, {"applicant.profile", "applicant.legal_person"}, actor=actor) == 1
    assert data(next_year, "applicant")["legal_person"] == "另一位"
    assert data(next_year, "applicant")["profile"] == KnownFact.objects.get(key="applicant.profile").value
    assert AuditEntry.objects.order_by("-seq").first().act == "declaration.fill"


def test_a_fact_is_mended_at_the_version_seen(filed, client_for, preparer, settings):
    fact = KnownFact.objects.get(key="applicant.legal_person")
    client, address = client_for(preparer), reverse("known_fact", args=[fact.public_id])
    given = {"version": 1, "period": "2024 年", "source": "营业执照"}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409
    fact.refresh_from_db()
    assert (fact.source, fact.version) == ("营业执照", 2)
    listed = client.get(reverse("known_facts", args=[filed.enterprise.public_id])).content.decode()
    assert "营业执照" in listed


def test_facts_of_others_do_not_exist(filed, client_for):
    fact = KnownFact.objects.first()
    stranger = client_for(make_member("preparer", enterprise=make_enterprise()))
    assert stranger.get(reverse("known_fact", args=[fact.public_id])).status_code == 404
    assert stranger.get(reverse("known_facts", args=[filed.enterprise.public_id])).status_code == 404


# Carrying over


def test_a_declaration_is_carried_with_a_report(filed, next_year, client_for):
    person = people_of(next_year)[0]
    client, address = client_for(person), reverse("declaration_carry", args=[next_year.public_id])
    page = client.get(address, {"from": filed.public_id})
    report = page.context["report"]
    assert {"applicant.legal_person", "applicant.profile"} <= {one.anchor for one in report.carried}
    words = page.content.decode()
    assert "还没有带入" in words
    assert data(next_year, "applicant").get("legal_person") is None
    assert client.post(address, {"from": filed.public_id}).status_code == 302
    for one in report.carried:
        if one.anchor in {f"{part}.{key}" for part, values in report.parts.items() for key in values}:
            assert data(next_year, one.section)[one.key] == report.parts[one.section][one.key]
    assert next_year.instances.count() == filed.instances.count()
    assert next_year.evidence.count() == len(report.files) > 0
    assert AuditEntry.objects.order_by("-seq").first().act == "declaration.clone"


def test_carrying_twice_changes_nothing_more(filed, next_year):
    person = people_of(next_year)[0]
    cloning.carry(filed, next_year, actor=person)
    before = content.payload(next_year)
    again = cloning.carry(filed, next_year, actor=person)
    assert again.empty
    assert content.payload(next_year)["sections"] == before["sections"]


def test_last_years_end_is_this_years_beginning(filed, next_year):
    cloning.carry(filed, next_year, actor=people_of(next_year)[0])
    field = next(one for one in content.describe(filed.track).fields() if one.kind == Kind.INDICATORS)
    ended = filed.latest_revision.content["sections"][field.section][field.key]
    begins = data(next_year, field.section)[field.key]
    changed = {number: row for number, row in ended.items() if row.get("after") and not row.get("na")}
    assert {number: row["before"] for number, row in begins.items()} == {n: row["after"] for n, row in changed.items()}
    assert contradictions.contradictions(next_year, content.payload(next_year)) == []


def test_a_contradiction_with_last_year_is_a_warning(filed, next_year):
    person = people_of(next_year)[0]
    cloning.carry(filed, next_year, actor=person)
    description = content.describe(next_year.track)
    field = next(one for one in description.fields() if one.kind == Kind.INDICATORS)
    row = SectionContent.objects.get(declaration=next_year, key=field.section)
    number = min(row.data[field.key])
    values = {key: dict(one) for key, one in row.data[field.key].items()}
    values[number]["before"] = "123456"
    services.save_section(next_year, field.section, {field.key: values}, version=row.version, actor=person)
    space = Workspace(next_year, person)
    (found,) = [one for one in space.warnings if "123456" in one.message]
    assert filed.number in found.message
    assert found.level == "warning"
    assert field.key in found.fix_url


def test_foreign_declarations_are_no_source(filed, client_for):
    other = make_declaration(enterprise=make_enterprise(), track="2025-excellence", filled=False)
    client, address = client_for(people_of(other)[0]), reverse("declaration_carry", args=[other.public_id])
    assert client.get(address).status_code == 200
    assert client.get(address, {"from": filed.public_id}).status_code == 404
    assert client.post(address, {"from": filed.public_id}).status_code == 404
