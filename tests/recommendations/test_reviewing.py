"""Reviewing one declaration: ticks, hints, what may be decided when, and what changed after a return."""

import pytest

from declarations.models import Declaration, ReturnItem, ScenarioInstance, SectionContent
from recommendations import reviewing
from recommendations.models import Review, ReviewCheck
from smartfactory import workflow
from smartfactory.models import AuditEntry, Authority, Enterprise, Role
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import advance, extend_deadline, make_declaration, people_of, submit
from tests.factories.organisations import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def declaration(policy):
    return make_declaration(status="in_review")


@pytest.fixture
def official(declaration):
    return people_of(declaration)[2]


def all_passed(declaration):
    return dict.fromkeys(ReviewCheck.objects.filter(track=declaration.track).values_list("key", flat=True), "pass")


def tick(declaration, official, **ticked):
    review = reviewing.review_of(declaration)
    return reviewing.save(review, ticked=ticked, note="", version=review.version, actor=official)


def test_every_check_must_be_passed_before_it_qualifies(declaration, official):
    wanted = all_passed(declaration)
    assert len(wanted) == 5
    assert {one.field for one in reviewing.unticked(declaration)} == set(wanted)
    tick(declaration, official, **(wanted | {"paper": "doubt"}))
    with pytest.raises(Blocked, match="还没有勾选通过") as refusal:
        workflow.fire(declaration, "qualify", actor=official, version=declaration.version)
    assert [one.field for one in refusal.value.problems] == ["paper"]
    tick(declaration, official, **wanted)
    assert workflow.fire(declaration, "qualify", actor=official, version=declaration.version).status == "qualified"


def test_a_review_begins_once_and_belongs_to_a_revision(declaration):
    assert reviewing.review_of(declaration).pk == reviewing.review_of(declaration).pk
    assert Review.objects.get().revision == declaration.latest_revision


def test_unknown_ticks_are_dropped_and_the_note_is_cleaned(declaration, official):
    review = reviewing.review_of(declaration)
    ticked = {"subject": "pass", "paper": "maybe", "nonsense": "pass"}
    saved = reviewing.save(review, ticked=ticked, note="甲\x00\u202e乙", version=1, actor=official)
    assert (saved.checks, saved.note, saved.by) == ({"subject": "pass"}, "甲乙", official)
    assert AuditEntry.objects.get(act="review.save").actor == official


def test_two_officials_the_second_is_told(declaration, official):
    review = reviewing.review_of(declaration)
    reviewing.save(review, ticked={"subject": "pass"}, note="先", version=1, actor=official)
    other = make_member(Role.OFFICIAL, authority=declaration.receiver)
    with pytest.raises(StaleState):
        reviewing.save(Review.objects.get(), ticked={}, note="后", version=1, actor=other)
    assert Review.objects.get().note == "先"


@pytest.mark.parametrize("who", ["sealer", "elsewhere", "signatory"])
def test_strangers_save_nothing(declaration, who):
    people = {
        "sealer": lambda: make_member(Role.SEALER, authority=declaration.receiver),
        "elsewhere": lambda: make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990102")),
        "signatory": lambda: people_of(declaration)[1],
    }
    with pytest.raises(NotAllowed):
        reviewing.save(reviewing.review_of(declaration), ticked={}, note="x", version=1, actor=people[who]())
    assert Review.objects.get().version == 1


def hint(declaration, key):
    found = reviewing.findings(declaration, {})
    return next(one for one in found if one.check.key == key)


def test_hints_on_a_sound_declaration(declaration):
    found = reviewing.findings(declaration, {})
    assert [one.good for one in found] == [True] * 5
    assert hint(declaration, "subject").words == "统一社会信用代码校验相符"
    assert hint(declaration, "credit").words == "", "a person looks at this one"


def test_hint_on_a_wrong_credit_code(declaration):
    code = declaration.enterprise.credit_code
    Enterprise.objects.filter(pk=declaration.enterprise_id).update(
        credit_code=code[:-1] + ("1" if code[-1] == "0" else "0")
    )
    declaration.enterprise.refresh_from_db()
    found = hint(declaration, "subject")
    assert not found.good
    assert "校验" in found.words


def test_hint_on_a_late_submission(declaration):
    revision = declaration.latest_revision
    revision.deadline_at = revision.received_at.replace(year=2020)
    assert (hint(declaration, "paper").good, hint(declaration, "paper").words) == (False, "提交晚于截止时间")


def test_hints_read_what_was_filed_not_what_is_being_written(declaration):
    """The working text of a returned declaration is nobody's business but the enterprise's."""
    SectionContent.objects.filter(declaration=declaration).write(data={})
    assert hint(declaration, "maturity").good


# After a return


@pytest.fixture
def corrected(declaration, official):
    """Returned for two answers; one was changed, and one that nobody asked for cannot be."""
    items = [
        {"section": "factory", "field": "summary", "message": "请写明成效", "reason_code": "incomplete"},
        {"section": "factory", "field": "project_name", "message": "请与备案一致", "reason_code": "inconsistent"},
    ]
    reviewing.send_back(declaration, items=items, note="", actor=official, version=declaration.version)
    rows = SectionContent.objects.filter(declaration=declaration, key="factory")
    rows.write(data={**rows.get().data, "summary": "建成以后换型时间由 96 分钟缩短到 17 分钟。" * 6})
    extend_deadline(declaration)
    return submit(declaration)


def test_first_revision_has_nothing_to_compare(declaration):
    assert reviewing.compare(declaration) is None


def test_comparison_says_what_was_asked_and_what_was_left(corrected):
    found = reviewing.compare(corrected)
    assert [(one.change.key, one.items[0].message) for one in found.asked] == [("factory.summary", "请写明成效")]
    assert [(one.item.field, one.text) for one in found.untouched] == [("project_name", corrected.title)]
    assert found.unasked == []


def test_what_was_withdrawn_in_between_is_not_what_officials_compare_with(corrected, official):
    preparer = people_of(corrected)[0]
    back = workflow.fire(corrected, "withdraw_correction", actor=preparer, version=corrected.version)
    rows = SectionContent.objects.filter(declaration=back, key="factory")
    rows.write(data={**rows.get().data, "project_name": "与备案一致的名称"})
    found = reviewing.compare(submit(back))
    assert (found.before.number, found.after.number) == (1, 3)
    assert sorted(one.change.key for one in found.asked) == ["factory.project_name", "factory.summary"]
    assert (found.unasked, found.untouched) == ([], [])
    assert ReturnItem.objects.filter(resolved=True).count() == 2


def test_changed_without_being_asked_for_is_told_apart(declaration, official, client_for):
    """A whole list was returned, so that more could be changed than the words name; and the registration moved."""
    items = [{"section": "scenarios", "field": "instances", "message": "场景一的参数请写具体"},
             {"section": "factory", "field": "summary", "message": "请写明成效"}]  # fmt: skip
    reviewing.send_back(declaration, items=items, note="", actor=official, version=declaration.version)
    first, second = declaration.instances.order_by("position")[:2]
    for one, place in ((first, 98), (second, first.position), (first, second.position)):
        ScenarioInstance.objects.filter(pk=one.pk).write(position=place)
    ScenarioInstance.objects.filter(pk=second.pk).write(data={**second.data, "name": "换了名字的场景"})
    Enterprise.objects.filter(pk=declaration.enterprise_id).update(name="改过名的企业")
    extend_deadline(declaration)
    again = submit(Declaration.objects.get(pk=declaration.pk))
    found = reviewing.compare(again)
    assert found.asked == []
    why = {one.change.label: one.why for one in found.unasked}
    renamed = next(one for one in found.unasked if one.change.key == f"scenarios.{second.uid}.name")
    assert "整体退回" in renamed.why
    assert "登记资料" in why["单位名称"]
    assert any(label.endswith("的次序") for label in why)
    assert [one.item.field for one in found.untouched] == ["summary"]
    page = client_for(official).get(f"/reviews/{again.public_id}/").content.decode()
    assert page.index("要求了没有改") < page.index("意见之外的改动 ")
    assert "请写明成效" in page
    assert "换了名字的场景" in page


def test_two_opinions_about_one_answer_both_stand_beside_it(declaration, official):
    items = [{"section": "factory", "field": "summary", "message": words} for words in ("请写明成效", "请删去口号")]
    reviewing.send_back(declaration, items=items, note="", actor=official, version=declaration.version)
    rows = SectionContent.objects.filter(declaration=declaration, key="factory")
    rows.write(data={**rows.get().data, "summary": "建成以后换型时间由 96 分钟缩短到 17 分钟。" * 6})
    extend_deadline(declaration)
    found = reviewing.compare(submit(declaration))
    assert [[item.message for item in one.items] for one in found.asked] == [["请写明成效", "请删去口号"]]


def test_a_new_revision_is_reviewed_anew(corrected):
    assert reviewing.review_of(corrected).checks == {}
    assert Review.objects.filter(declaration=corrected).count() == 1


def test_ticks_do_not_carry_over_to_a_new_revision(declaration, official):
    tick(declaration, official, **all_passed(declaration))
    advance(declaration, "return_")
    extend_deadline(declaration)
    again = advance(submit(declaration), "take_up")
    with pytest.raises(Blocked):
        workflow.fire(again, "qualify", actor=official, version=again.version)
    assert reviewing.review_of(again).checks == {}
    assert Review.objects.filter(declaration=declaration).count() == 2


def test_returning_names_fields_with_reason_and_clause(declaration, official):
    items = [{"section": "factory", "field": "summary", "message": " 请写明 ", "clause": "附件3", "due": None}]
    reviewing.send_back(declaration, items=items, note="", actor=official, version=declaration.version)
    item = ReturnItem.objects.get()
    assert (item.anchor, item.message, item.clause, item.by) == ("factory.summary", "请写明", "附件3", official)
    assert Declaration.objects.get(pk=declaration.pk).unlocked == ["factory.summary"]


def test_desk_of_the_factory_ticks_like_a_person(declaration, official):
    assert make.tick_all(declaration, official).checks == all_passed(declaration)
