"""Saving: versions, open fields, who changed what; starting; the list of instances; the last-resort refusal."""

import datetime

import pytest

from declarations import instances, services
from declarations.models import Deadline, Declaration, LateChangeError, ScenarioInstance, SectionContent, Track
from tests.factories import declarations as made
from tests.factories.organisations import make_enterprise, make_member


def row(declaration, key="factory"):
    return SectionContent.objects.get(declaration=declaration, key=key)


def test_save_stores_only_what_was_typed(draft, preparer):
    before = row(draft).data
    result = services.save_section(draft, "factory", {"summary": "新的简介"}, version=1, actor=preparer)
    assert (result.saved, result.version, result.by) == (True, 2, preparer.display)
    assert row(draft).data == before | {"summary": "新的简介"}
    assert row(draft).changed["summary"][:2] == [2, preparer.display]


def test_saving_the_same_again_changes_nothing(draft, preparer):
    said = row(draft).data["summary"]
    assert services.save_section(draft, "factory", {"summary": said}, version=1, actor=preparer).version == 1


def test_stale_save_writes_nothing_and_tells_what_changed(draft, preparer, signatory):
    services.save_section(draft, "factory", {"summary": "负责人写的"}, version=1, actor=signatory)
    result = services.save_section(draft, "factory", {"effect": "填报人写的"}, version=1, actor=preparer)
    assert (result.saved, result.version) == (False, 2)
    assert {name: (one["theirs"], one["by"]) for name, one in result.conflicts.items()} == {
        "summary": ("负责人写的", signatory.display)
    }
    assert row(draft).data["effect"] == made.FACTORY["effect"]


def test_text_that_breaks_a_rule_is_saved_all_the_same(draft, preparer):
    result = services.save_section(draft, "factory", {"built_until": "明年春天"}, version=1, actor=preparer)
    assert result.saved
    assert [one.field for one in result.problems] == ["built_until"]
    assert row(draft).data["built_until"] == "明年春天"


def test_fixed_and_unknown_fields_are_not_written(draft, preparer):
    values = {"name": "冒名公司", "credit_code": "1" * 18, "nonsense": "x", "licence": ["x"]}
    assert services.save_section(draft, "applicant", values, version=1, actor=preparer).version == 1
    assert "nonsense" not in row(draft, "applicant").data


def test_title_follows_the_project_name(draft, preparer):
    services.save_section(draft, "factory", {"project_name": "另一个智能工厂"}, version=1, actor=preparer)
    draft.refresh_from_db()
    assert draft.title == "另一个智能工厂"


def test_returned_declaration_opens_only_its_fields(policy):
    declaration = made.make_declaration(status="returned")
    preparer = made.people_of(declaration)[0]
    values = {"summary": "按意见改的简介", "effect": "顺手改的成效"}
    result = services.save_section(declaration, "factory", values, version=1, actor=preparer)
    assert row(declaration).data["summary"] == "按意见改的简介"
    assert row(declaration).data["effect"] == made.FACTORY["effect"]
    assert [one.message for one in result.problems] == ["建设成效：这一项没有退回，不能改。要改请联系推荐单位"]


@pytest.mark.parametrize("status", ["submitted", "in_review", "qualified", "rejected", "reserved"])
def test_nothing_is_written_once_submitted(policy, status):
    declaration = made.make_declaration(status=status)
    preparer, content = made.people_of(declaration)[0], row(declaration)
    uid = ScenarioInstance.objects.filter(declaration=declaration).first().uid
    with pytest.raises(LateChangeError):
        services.save_section(declaration, "factory", {"summary": "x"}, version=content.version, actor=preparer)
    with pytest.raises(LateChangeError):
        services.save_instance(declaration, uid, {"name": "x"}, version=1, actor=preparer)
    with pytest.raises(LateChangeError):
        instances.add(declaration, version=row(declaration, "scenarios").version, actor=preparer)


def test_no_code_path_changes_submitted_content(policy):
    declaration = made.make_declaration(status="submitted")
    content = row(declaration)
    contents = SectionContent.objects.filter(declaration=declaration)
    for act in (content.save, content.delete, contents.delete, lambda: contents.update(version=9)):
        with pytest.raises(LateChangeError):
            act()
    assert contents.write(version=9) == 0


def test_starting_makes_one_declaration(policy):
    enterprise = make_enterprise()
    preparer, track = make_member("preparer", enterprise=enterprise), Track.objects.get(code="2024-excellence")
    Deadline.objects.create(
        track=track,
        authority=enterprise.authority,
        stage="enterprise",
        at=datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC),
        clause="x",
    )
    first = services.start(enterprise=enterprise, track=track, actor=preparer)
    assert services.start(enterprise=enterprise, track=track, actor=preparer) == first
    assert first.number == f"ZY-2024-{first.pk:04d}"
    assert sorted(first.contents.values_list("key", flat=True)) == ["applicant", "factory", "outcomes", "scenarios"]


def test_starting_after_the_deadline_is_refused(policy):
    enterprise = make_enterprise()
    preparer = make_member("preparer", enterprise=enterprise)
    with pytest.raises(services.NotOpen):
        services.start(enterprise=enterprise, track=Track.objects.get(code="2024-excellence"), actor=preparer)
    assert not Declaration.objects.exists()


def positions(declaration):
    return list(ScenarioInstance.objects.filter(declaration=declaration).values_list("position", "uid"))


def test_instances_move_and_stay_without_gaps(draft, preparer):
    uids = [uid for _, uid in positions(draft)]
    assert instances.move(draft, uids[0], 3, version=1, actor=preparer) == 1
    assert positions(draft) == list(enumerate([uids[1], uids[2], uids[0], *uids[3:]], 1))
    assert instances.move(draft, uids[0], 5, version=2, actor=preparer) == 3
    instances.remove(draft, uids[2], version=3, actor=preparer)
    assert positions(draft) == list(enumerate([uids[1], uids[3], uids[4], uids[0]], 1))


def test_list_of_instances_has_a_version(draft, preparer):
    instances.add(draft, version=1, actor=preparer)
    with pytest.raises(services.StaleContent):
        instances.add(draft, version=1, actor=preparer)
    assert len(positions(draft)) == 6


def test_instance_saves_by_its_own_version(draft, preparer):
    uid = positions(draft)[0][1]
    assert services.save_instance(draft, uid, {"models": "２"}, version=1, actor=preparer).version == 2
    assert ScenarioInstance.objects.get(uid=uid).data["models"] == 2
    assert not services.save_instance(draft, uid, {"models": "3"}, version=1, actor=preparer).saved
