"""What was said once is kept with its source, offered again, carried into the next year and compared with it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations import checks, content, services
from declarations.models import Declaration, KnownFact, SectionContent
from declarations.presenting import Workspace
from declarations.reuse import cloning, contradictions, facts
from declarations.vocabulary import Kind
from smartfactory.models import AuditEntry
from tests.factories.declarations import PDF, make_declaration, people_of, submit
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


@pytest.fixture
def desk(filed, client_for, preparer):
    """Post to the page of the fact of this key, at its present version, and return the answer."""

    def post(key, **given):
        fact = KnownFact.objects.get(key=key)
        body = {"version": fact.version, "source": "2024 年审计报告", "period": "2024 年"} | given
        return client_for(preparer).post(reverse("known_fact", args=[fact.public_id]), body)

    return post


def test_a_value_is_mended_by_hand_and_offered_as_mended(next_year, desk):
    assert desk("applicant.legal_person", legal_person=" 沈 知远 ").status_code == 302
    fact = KnownFact.objects.get(key="applicant.legal_person")
    assert (fact.value, fact.source, fact.version) == ("沈 知远", "2024 年审计报告", 2)
    offered = {one.field.anchor: one.words for one in facts.offers(next_year, content.payload(next_year))}
    assert offered["applicant.legal_person"] == "沈 知远"
    assert AuditEntry.objects.order_by("-seq").first().act == "fact.value"


def test_what_it_said_before_stays(filed, desk, client_for, preparer):
    desk("applicant.staff_total", staff_total="900")
    desk("applicant.staff_total", staff_total="950")
    fact = KnownFact.objects.get(key="applicant.staff_total")
    assert [one.value for one in fact.former.all()] == [900, 860]
    page = client_for(preparer).get(reverse("known_fact", args=[fact.public_id])).text
    assert page.index("以前的值") < page.index("900 ") < page.index("860 ")


def test_a_new_value_needs_a_new_proof(filed, desk):
    desk("applicant.staff_total", evidence=SimpleUploadedFile("名册.pdf", PDF))
    assert KnownFact.objects.get(key="applicant.staff_total").evidence_name == "名册.pdf"
    desk("applicant.staff_total", staff_total="900")
    fact = KnownFact.objects.get(key="applicant.staff_total")
    assert fact.evidence is None
    assert fact.former.first().evidence_name == "名册.pdf"


def test_a_table_is_mended_cell_by_cell(filed, desk, client_for, preparer):
    fact = KnownFact.objects.get(key="applicant.finances")
    more = desk("applicant.finances", more="finances")
    assert more.status_code == 200
    sent = {"finances-rows": "1"} | {f"finances-0-{key}": value for key, value in fact.value[0].items()}
    bad = desk("applicant.finances", **sent | {"finances-0-revenue": "很多"})
    assert bad.status_code == 422
    assert 'value="很多"' in bad.text
    assert desk("applicant.finances", **sent | {"finances-0-revenue": "61,500"}).status_code == 302
    fact.refresh_from_db()
    assert [row["revenue"] for row in fact.value] == ["61500"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"legal_person": ""}, "值是空的"),
        ({"legal_person": "甲", "source": ""}, "值改了，还没有写新的来源"),
        ({"legal_person": "长" * 500}, "字"),
        ({"legal_person": "甲", "evidence": SimpleUploadedFile("x.pdf", b"nothing")}, "佐证：内容不是"),
    ],
)
def test_what_cannot_be_kept_is_named_and_stays_typed(filed, desk, given, words):
    answer = desk("applicant.legal_person", **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert KnownFact.objects.get(key="applicant.legal_person").version == 1


def test_taken_back_it_is_offered_to_nobody_until_restored_or_filed(next_year, filed, desk):
    def offered():
        return "applicant.legal_person" in {one.field.anchor for one in facts.offers(next_year, payload)}

    payload = content.payload(next_year)
    assert offered()
    assert desk("applicant.legal_person", act="withdraw").status_code == 302
    assert not offered()
    desk("applicant.legal_person", act="restore")
    assert offered()
    desk("applicant.legal_person", act="withdraw")
    facts.keep(filed, content.payload(filed), 2, people_of(filed)[0])
    assert offered()


def test_a_fact_no_form_asks_for_keeps_its_value(filed, client_for, preparer):
    fact = KnownFact.objects.create(
        enterprise=filed.enterprise, key="applicant.gone", label="旧项", kind="text", value="旧值", source="旧"
    )
    address = reverse("known_fact", args=[fact.public_id])
    assert client_for(preparer).post(address, {"version": 1, "source": "新", "gone": "x"}).status_code == 302
    fact.refresh_from_db()
    assert (fact.value, fact.source) == ("旧值", "新")


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


def test_what_scenarios_lose_is_said_before_and_after(filed, next_year, client_for):
    """The catalogue of 2025 names segments otherwise than that of 2024."""
    client, address = client_for(people_of(next_year)[0]), reverse("declaration_carry", args=[next_year.public_id])
    page, old = client.get(address, {"from": filed.public_id}), content.describe(filed.track)
    report, known = page.context["report"], content.describe(next_year.track).segments
    former = list(filed.instances.all())
    unknown = {one.position for one in former if one.data["segment"] not in known}
    assert 0 < len(unknown) < len(former)
    assert {one.place for one in report.unfinished if "segment" not in one.values} == unknown
    assert f"{len(former)} 个中有 {len(report.unfinished)} 个" in page.text
    after = client.post(address, {"from": filed.public_id}, follow=True).text
    for one in former:
        link = reverse("declaration_instance", args=[next_year.public_id, one.position])
        words = f"环节要重新选，原来选的是“{old.segments[one.data['segment']].name}”"
        if one.position in unknown:
            assert words in page.text
            assert words in after
            assert f'<a href="{link}">{one.position} {one.data["name"]}</a>' in after
    made = {one.position: one.data for one in next_year.instances.all()}
    assert {place for place, data in made.items() if not data.get("segment")} == unknown


def test_years_are_fitted_to_the_years_the_new_form_asks_for(filed, next_year, client_for):
    """2024 asks for 2021 to 2023, 2025 for 2022 to 2024."""
    person = people_of(next_year)[0]
    client, address = client_for(person), reverse("declaration_carry", args=[next_year.public_id])
    page = client.get(address, {"from": filed.public_id})
    (told,) = [words for field, words in page.context["report"].partly if field.key == "finances"]
    assert told == "2021 年不带入，这份申报书要的是 2022、2023、2024 年；还差 2024 年，请补填"
    assert told in page.text
    offer = next(one for one in facts.offers(next_year, content.payload(next_year)) if one.field.key == "finances")
    assert (offer.fits, offer.words) == (told, "2 行")
    assert told in client.get(address).text
    assert told in client.post(address, {"from": filed.public_id}, follow=True).text
    assert [row["year"] for row in data(next_year, "applicant")["finances"]] == [2022, 2023]
    found = checks.run(content.payload(next_year), content.describe(next_year.track))
    assert [one.message for one in found if one.level == "error" and not one.message.startswith("还没有")] == []


def test_facts_fill_only_the_years_that_are_asked_for(next_year):
    facts.fill(next_year, {"applicant.finances"}, actor=people_of(next_year)[0])
    assert [row["year"] for row in data(next_year, "applicant")["finances"]] == [2022, 2023]


def test_nothing_of_other_years_is_nothing(next_year):
    fact = KnownFact.objects.get(key="applicant.finances")
    facts.mend(
        fact,
        version=1,
        actor=people_of(next_year)[0],
        period="",
        source="旧账",
        value=[{**fact.value[0], "year": 2019}],
    )
    assert "applicant.finances" not in {one.field.anchor for one in facts.offers(next_year, content.payload(next_year))}


@pytest.mark.parametrize("track", ["2025-basic", "2025-advanced", "2025-excellence", "2025-pioneer"])
def test_a_fresh_draft_is_unfilled_and_not_wrong(policy, client_for, track):
    fresh = make_declaration(track=track, filled=False)
    person = people_of(fresh)[0]
    space = Workspace(fresh, person)
    assert all(one.message.startswith("还没有") for one in space.errors)
    assert not any(one.wrong for one in space.progress)
    assert "要改正" not in client_for(person).get(reverse("declaration_detail", args=[fresh.public_id])).text
    page = client_for(person).get(reverse("declaration_check", args=[fresh.public_id])).text
    assert f"还有 {len(space.errors)} 处没有填" in page
    assert "改正以后才能提交" not in page


def test_a_title_left_blank_counts_as_none_once_its_part_is_filled(draft):
    def unmet(values):
        payload = content.payload(draft)
        payload["sections"]["factory"] |= values
        return any("未获评" in one.message for one in checks.run(payload, content.describe(draft.track)))

    assert unmet({"prior_titles": []})
    assert unmet({"prior_titles": None})
    assert not unmet({"prior_titles": [], "summary": ""})


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


def test_the_list_says_what_the_own_page_of_a_fact_says(filed, client_for, preparer):
    client, rows = client_for(preparer), KnownFact.objects.filter(enterprise=filed.enterprise)
    shown = client.get(reverse("known_facts", args=[filed.enterprise.public_id]))
    listed = {one["fact"].key: one["words"] for part in shown.context["groups"].values() for one in part}
    coded = [one for one in rows if one.kind in (Kind.CHOICE, Kind.MULTICHOICE, Kind.DATE)]
    assert {one.kind for one in coded} == {Kind.CHOICE, Kind.MULTICHOICE, Kind.DATE}
    for one in coded:
        own = client.get(reverse("known_fact", args=[one.public_id])).context["words"]
        assert listed[one.key] == own
        assert own != str(one.value)
    assert all(listed[one.key] == f"{len(one.value)} 行" for one in rows if one.kind == Kind.TABLE)


def test_facts_stand_in_the_order_of_the_form_with_the_rows_of_tables(filed, client_for, preparer):
    KnownFact.objects.create(
        enterprise=filed.enterprise, key="applicant.aged", label="旧项", kind="text", value="旧值", source="旧"
    )
    page = client_for(preparer).get(reverse("known_facts", args=[filed.enterprise.public_id]))
    keys = [one["fact"].key for part in page.context["groups"].values() for one in part]
    asked = [key for key, _ in facts.questions()]
    assert keys == [*(key for key in asked if key in keys), "applicant.aged"]
    assert list(page.context["groups"])[-1] == "现在的申报书不再问的"
    finances = KnownFact.objects.get(key="applicant.finances").value
    assert f"{len(finances)} 行" in page.text
    assert "营业收入" in page.text
    own = client_for(preparer).get(
        reverse("known_fact", args=[KnownFact.objects.get(key="applicant.finances").public_id])
    )
    assert own.context["words"] == f"{len(finances)} 行"


def test_the_list_costs_the_same_however_many_facts(filed, client_for, preparer):
    client, address = client_for(preparer), reverse("known_facts", args=[filed.enterprise.public_id])
    client.get(address)
    counts = []
    for kept in (None, 3, 1):
        keys = KnownFact.objects.values_list("pk", flat=True)[: kept or 999]
        KnownFact.objects.exclude(pk__in=list(keys)).delete()
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        counts.append(len(caught))
    assert len(set(counts)) == 1
