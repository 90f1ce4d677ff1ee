"""Every condition beside what answers it; what the enterprise sees live, the reviewer sees as filed."""

import pytest
from django.urls import reverse

from assessment.edition_rules import from_edition
from assessment.models import Condition
from declarations import content, matrix
from declarations.models import ScenarioInstance, SectionContent
from declarations.vocabulary import Kind
from tests.factories.declarations import make_declaration, people_of, submit


@pytest.fixture
def lines(draft, description):
    return {one.result.rule.code: one for one in matrix.lines(content.payload(draft), description)}


def with_fix(lines, anchor):
    return next(one for one in lines.values() if one.result.rule.fix == anchor)


def test_every_condition_of_the_tier_stands_there_once(draft, lines):
    rules = from_edition(draft.track.edition)
    assert list(lines) == [one.code for one in rules.binding(draft.track.tier)]
    assert {one.result.rule.hard for one in lines.values()} == {True, False}


def test_a_condition_names_its_paragraph_and_the_files_beside_it(lines):
    line = with_fix(lines, "applicant.finances")
    assert [row.key for row in line.answers] == ["applicant.finances"]
    assert [one.name for one in line.files] == ["近三年财务报表或审计报告.pdf"]


def test_a_condition_about_an_area_names_the_scenarios_of_that_area(draft, description, lines):
    area = next(
        one for one in lines.values() if one.group != matrix.COMMON and one.answers and "." not in one.result.rule.fix
    )
    own = {
        one.uid for one in ScenarioInstance.objects.filter(declaration=draft)
        if description.segments[one.data["segment"]].area == area.result.rule.area_group
    }  # fmt: skip
    assert {row.instance for row in area.answers} <= own
    assert own


def test_it_follows_what_is_written(draft, description):
    def tone():
        found = {one.result.rule.code: one for one in matrix.lines(content.payload(draft), description)}
        return with_fix(found, "factory.maturity_level").tone

    row = SectionContent.objects.get(declaration=draft, key="factory")
    seen = []
    for level in ("4", "1", ""):
        SectionContent.objects.filter(pk=row.pk).write(data={**row.data, "maturity_level": level})
        seen.append(tone())
    assert seen == ["met", "unmet", "open"]


@pytest.mark.parametrize("code", ["2024-excellence", "2025-basic", "2025-pioneer"])
def test_pages_show_the_same_to_the_enterprise_and_the_reviewer(policy, client_for, code):
    declaration = make_declaration(track=code)
    preparer, _, official = people_of(declaration)
    live = client_for(preparer).get(reverse("declaration_matrix", args=[declaration.public_id]))
    assert live.status_code == 200
    submit(declaration)
    address = reverse("revision_matrix", args=[declaration.public_id, 1])
    own, filed = (client_for(person).get(address) for person in (preparer, official))
    assert filed.context["counts"] == own.context["counts"]
    # Filing adds the commitments, which answer some conditions more.
    assert filed.context["total"] == live.context["total"]
    assert filed.context["counts"]["met"] >= live.context["counts"]["met"]
    bound = Condition.objects.filter(edition=declaration.track.campaign.edition)
    assert 0 < filed.context["total"] <= bound.count()
    for words in ("必须", "条件对照"):
        assert words in filed.content.decode()


def test_fields_that_hold_rows_of_their_own_are_not_mistaken_for_scenarios(lines):
    assert not any(row.field.kind == Kind.INSTANCES for one in lines.values() for row in one.answers)


def test_the_list_of_scenarios_says_what_it_covers(draft, preparer, client_for, address):
    page = client_for(preparer).get(address("scenarios/")).content.decode()
    for words in ("覆盖领域", "应用人工智能", "3 / 5", "占", "60%"):
        assert words in page
    ScenarioInstance.objects.filter(declaration=draft, position=1).write(data={"name": "没有写环节"})
    page = client_for(preparer).get(address("scenarios/")).content.decode()
    assert "还有场景没有注明" in page
    assert "还没有覆盖" in page


def test_a_table_is_named_by_its_rows_and_shows_them(draft, client_for, preparer):
    page = client_for(preparer).get(reverse("declaration_matrix", args=[draft.public_id]))
    shown = [one for lines in page.context["groups"].values() for line in lines for one in line["said"]]
    finances = next(one for one in shown if one["url"].endswith("#div_id_finances"))
    rows = SectionContent.objects.get(declaration=draft, key="applicant").data["finances"]
    assert finances["words"] == f"{len(rows)} 行"
    assert [one.table for one in (content.rows(content.payload(draft))) if one.key == "applicant.finances"] == [
        finances["table"]
    ]
    assert "营业收入" in page.text
