"""联合审核: the departments a notice names speak for themselves, of the list as it is; what binds is data."""

import json

import pytest

from recommendations import ranking, sealing
from recommendations.models import JointDepartment, JointOpinion, RecommendationList, SealCondition
from recommendations.opinions import service, standing
from smartfactory import workflow
from smartfactory.models import AuditEntry, Authority, Membership, Role
from smartfactory.models.append_only import AlteredError
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db
FIVE = ["reform", "finance", "sasac", "market", "data"]
WHY = "第 2 名的节能审查意见还没有批复，建议暂缓。"


def person(department, code="990000"):
    user = make_user()
    place = Authority.objects.get(code=code)
    Membership.objects.create(user=user, authority=place, role=Role.DEPARTMENT, department=department)
    return user


@pytest.fixture
def one(province, listed):
    return listed(2)


@pytest.fixture
def speakers(one):
    return {key: person(key) for key in FIVE}


@pytest.fixture
def law(one):
    """The conditions as a notice would have to write them to bind."""
    from django.db import models

    rows = SealCondition.objects.filter(track=one.track)
    models.QuerySet.update(models.QuerySet(SealCondition).filter(pk__in=rows), strength="hard", standing="official")


def sign(one, actor, stance="agree", text="", *, department="reform", about="", seen=0, basis=None):
    return service.sign(
        one, department=department, stance=stance, text=text, about=about,
        basis=standing.basis(one) if basis is None else basis, seen=seen, actor=actor,
    )  # fmt: skip


def words(one):
    return [(found.level, found.message) for found in standing.problems(one)]


def test_the_notices_name_the_departments_and_nothing_they_do_not_say_binds(policy):
    named = {
        track: list(JointDepartment.objects.filter(track__code=track).values_list("key", flat=True))
        for track in (
            "2022-factory",
            "2024-excellence",
            "2025-excellence",
            "2025-pioneer",
            "2025-advanced",
            "2025-basic",
        )
    }
    assert named["2022-factory"] == ["reform", "finance", "market"]
    assert named["2024-excellence"] == named["2025-excellence"] == named["2025-pioneer"] == FIVE
    assert named["2025-advanced"] == named["2025-basic"] == []
    assert set(JointDepartment.objects.values_list("standing", flat=True)) <= {"official", "secondary"}
    assert not SealCondition.objects.filter(standing="official").exists()
    hebei = JointDepartment.objects.get(track__code="2024-hebei-excellence", key="data")
    assert hebei.kinds == ["province", "city"]
    assert hebei.source == "hebei-533"


def test_groups_and_cities_have_no_departments_by_the_national_notice(one, city, policy):
    assert [row.key for row in standing.departments(one)] == FIVE
    group = Authority.objects.get(code="soe-yunze")
    assert standing.named(one, group) == []
    assert standing.named(one, city.authority) == []


def test_silence_and_objection_are_pointed_out_and_do_not_block(one, speakers, province):
    assert words(one) == [
        (
            "warning",
            "发展改革部门、财政部门、国资部门、市场监管部门、数据部门还没有对现在的名单表态（会同的部门都对名单表态）",
        )
    ]
    sign(one, speakers["reform"], "object", WHY)
    assert ("warning", "发展改革部门不同意（会同的部门没有不同意的）") in words(one)
    assert workflow.fire(one, "freeze", actor=province.official, version=one.version).status == "frozen"


def test_where_a_notice_demands_it_the_list_waits_for_every_department(one, speakers, province, law):
    with pytest.raises(Blocked, match="还没有对现在的名单表态"):
        workflow.fire(one, "freeze", actor=province.official, version=one.version)
    for key in FIVE:
        sign(one, speakers[key], "reserve" if key == "data" else "agree", WHY if key == "data" else "", department=key)
    assert words(one) == []
    frozen = workflow.fire(one, "freeze", actor=province.official, version=one.version)
    sign(frozen, speakers["data"], "object", WHY, department="data", seen=1)
    with pytest.raises(Blocked, match="数据部门不同意"):
        workflow.fire(frozen, "seal", actor=province.sealer, version=frozen.version)
    sign(frozen, speakers["data"], "agree", "已批复。", department="data", seen=2)
    assert workflow.fire(frozen, "seal", actor=province.sealer, version=frozen.version).status == "sealed"


def test_an_objection_between_the_check_and_the_seal_stops_the_seal(one, speakers, province, law, monkeypatch):
    """The blockers have been asked; the department objects; only asking again inside the act sees it."""
    from recommendations import workflow as lists

    for key in FIVE:
        sign(one, speakers[key], department=key)
    frozen = workflow.fire(one, "freeze", actor=province.official, version=one.version)
    step = workflow.transitions(frozen)["seal"]

    def late(obj):
        found = step.blockers(obj)
        if JointOpinion.objects.filter(list=obj, stance="object").count() == 0:
            sign(obj, speakers["reform"], "object", WHY, seen=1)
        return found

    monkeypatch.setitem(workflow._transitions[RecommendationList._meta.label], "seal", replaced(step, blockers=late))
    with pytest.raises(Blocked, match="发展改革部门不同意"):
        workflow.fire(frozen, "seal", actor=province.sealer, version=frozen.version)
    assert RecommendationList.objects.get(pk=one.pk).status == "frozen"
    monkeypatch.setattr(lists, "_heard", lambda one: None)
    monkeypatch.setitem(
        workflow._transitions[RecommendationList._meta.label], "seal", replaced(step, blockers=lambda one: [])
    )
    sealed = workflow.fire(frozen, "seal", actor=province.sealer, version=frozen.version)
    assert sealed.status == "sealed", "the control: without asking again the objection would have been passed over"


def replaced(step, **values):
    from dataclasses import replace

    return replace(step, **values)


def test_nobody_signs_for_another(one, speakers, province):
    strangers = [
        speakers["finance"], province.official, province.sealer, person("reform", "990101"), person("reform", "130000"),
    ]  # fmt: skip
    for actor in strangers:
        with pytest.raises(NotAllowed):
            sign(one, actor)
    assert not JointOpinion.objects.exists()
    assert AuditEntry.objects.filter(act="opinion.sign", outcome="refused").count() == len(strangers)


def test_who_agreed_to_another_list_has_not_agreed_to_this_one(one, speakers, province):
    before = standing.basis(one)
    sign(one, speakers["reform"])
    assert standing.voices(one)[0].whole.stance == "agree"
    first = one.entries.order_by("rank").first()
    ranking.remove_entry(one, first, actor=province.official, version=one.version)
    one.refresh_from_db()
    voice = standing.voices(one)[0]
    assert (voice.whole, voice.outdated) == (None, True)
    with pytest.raises(StaleState):
        sign(one, speakers["finance"], department="finance", basis=before)


def test_an_opinion_of_one_project(one, speakers, law):
    entry = one.entries.select_related("declaration__enterprise").order_by("rank").last()
    opinion = sign(one, speakers["reform"], "object", WHY, about=entry.declaration.public_id)
    assert opinion.declaration == entry.declaration
    name = entry.declaration.enterprise.name
    assert any(f"发展改革部门对 {name} 的项目不同意" in message for _, message in words(one))
    sign(one, speakers["reform"], "agree", "已核实。", about=entry.declaration.public_id, seen=1)
    assert not any("不同意（" in message for _, message in words(one))
    with pytest.raises(Blocked, match="选的项目不在名单里"):
        sign(one, speakers["reform"], about="f" * 32, seen=2)


@pytest.mark.parametrize(
    ("stance", "text", "said"),
    [
        ("", "", "还没有选"),
        ("maybe", "", "还没有选"),
        ("object", "不", "要写明理由"),
        ("agree", "长" * 1001, "超出 1 字"),
    ],
)
def test_what_cannot_be_signed_is_named_and_stays(one, speakers, client_for, stance, text, said):
    with pytest.raises(Blocked, match=said):
        sign(one, speakers["reform"], stance, text)
    sent = {"department": "reform", "stance": stance, "opinion-text": text, "seen": "0", "basis": standing.basis(one)}
    answer = client_for(speakers["reform"]).post(f"/opinions/{one.public_id}/", sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f">{text}</textarea>" in answer.content.decode()


def test_opinions_stay_and_the_trail_knows_of_them_without_the_words(one, speakers):
    opinion = sign(one, speakers["reform"], "object", WHY)
    again = sign(one, speakers["reform"], "object", WHY)
    assert again.pk == opinion.pk, "a double click"
    for act in (opinion.save, opinion.delete, JointOpinion.objects.all().delete):
        with pytest.raises(AlteredError):
            act()
    body = json.loads(AuditEntry.objects.get(act="opinion.sign", outcome="ok").body)
    assert (body["department"], body["stance"], body["sha256"]) == ("发展改革部门", "不同意", opinion.digest)
    assert not AuditEntry.objects.filter(body__contains="节能审查").exists()


def test_pages_of_the_department_and_of_the_desk(one, speakers, province, client_for):
    reform = client_for(speakers["reform"])
    home = reform.get("/").content.decode()
    assert "推荐名单表态" in home
    assert one.track.title in reform.get("/opinions/").content.decode()
    page = reform.get(f"/opinions/{one.public_id}/").content.decode()
    assert "代表发展改革部门签署" in page
    sent = {"department": "reform", "stance": "object", "opinion-text": WHY, "seen": "0", "basis": standing.basis(one)}
    assert reform.post(f"/opinions/{one.public_id}/", sent).status_code == 302
    desk = client_for(province.official).get(f"/lists/{one.public_id}/").content.decode()
    assert WHY in desk
    assert speakers["reform"].display in desk
    assert "发展改革部门不同意" in desk
    assert client_for(province.official).get(f"/opinions/{one.public_id}/").status_code == 404
    assert client_for(person("reform", "130000")).get(f"/opinions/{one.public_id}/").status_code == 404
    assert reform.get(f"/lists/{one.public_id}/").status_code == 404


def test_the_manifest_says_who_stood_how_and_only_where_somebody_spoke(one, speakers, province):
    assert "joint" not in sealing.preview(one, province.sealer).content
    sign(one, speakers["reform"], "reserve", WHY)
    frozen = workflow.fire(one, "freeze", actor=province.official, version=one.version)
    sealed = workflow.fire(frozen, "seal", actor=province.sealer, version=frozen.version)
    (said,) = sealed.seal.content["joint"]
    assert (said["department"], said["stance"]) == ("发展改革部门", "reserve")
    assert WHY not in sealed.seal.manifest
    with pytest.raises(StaleState):
        sign(sealed, speakers["finance"], department="finance")
