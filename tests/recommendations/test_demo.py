"""The demonstration: told once for the whole file, inside a transaction that is thrown away at the end."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from assessment import self_assessment_service
from assessment.models import SelfAssessment
from declarations import checks, content, services
from declarations.models import Deadline, Declaration, Notice, Revision
from declarations.workflow import is_official
from recommendations import invariants, ranking, reviewing, sealing, waiting
from recommendations.demo import book
from recommendations.models import Packet, RecommendationList
from smartfactory import audit, verification
from smartfactory.models import AuditEntry, Enterprise, Job, User
from smartfactory.workflow import NotAllowed, available, fire


def run():
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def printed(django_db_setup, django_db_blocker):
    from django.conf import settings

    with django_db_blocker.unblock(), transaction.atomic():
        before, settings.DEMO = settings.DEMO, True
        try:
            call_command("load_authorities", verbosity=0)
            yield run()
        finally:
            settings.DEMO = before
            transaction.set_rollback(True)


def login(username):
    return User.objects.get(username=username)


def flagship():
    return Declaration.objects.get(enterprise__name=book.flagship().name)


def test_every_status_is_there():
    rows = Declaration.objects.filter(track__code="2024-excellence")
    wanted = {"draft", "submitted", "in_review", "returned", "qualified", "rejected", "reserved", "recommended"}
    assert set(rows.values_list("status", flat=True)) == wanted
    returned = rows.filter(status="returned").first()
    assert [bool(item.message and item.clause) for item in returned.return_items.all()] == [True, True]


def test_messages_tell_at_once_what_the_counter_shows():
    told = set(Notice.objects.filter(user=login("enterprise"), declaration=flagship()).values_list("title", flat=True))
    assert f"还有 {book.world()['deadlines']['days']['enterprise']} 天截止" in told


def test_only_two_small_things_are_missing_on_the_flagship():
    one = flagship()
    found = checks.run(content.payload(one), content.describe(one.track))
    assert [(item.section, item.field) for item in found] == [
        ("applicant", "contact_title"),
        ("outcomes", "indicators"),
    ]


def test_two_answers_later_the_signatory_files_the_flagship():
    one, preparer, signatory = flagship(), login("enterprise"), login("signatory")
    assert one.instances.count() == 12
    row = one.contents.get(key="applicant")
    services.save_section(one, "applicant", {"contact_title": "部长"}, version=row.version, actor=preparer)
    row = one.contents.get(key="outcomes")
    indicators = row.data["indicators"] | {"19": {"value": "93.6"}}
    services.save_section(one, "outcomes", {"indicators": indicators}, version=row.version, actor=preparer)
    promises = [each.key for each in content.describe(one.track).promises]
    filed = services.submit(
        one, actor=signatory, version=one.version, promises=promises, key="k", received_at=timezone.now()
    )
    assert filed.number == 1
    assert "{" not in filed.content["sections"]["factory"]["summary"]


def test_the_assessment_has_gaps_towards_the_tier():
    one = SelfAssessment.objects.get(enterprise__name=book.flagship().name)
    found = self_assessment_service.verdict(one)
    assert (one.finished_at is not None, found.met, found.tier) == (True, False, "ADVANCED")


def test_every_desk_has_work():
    city, province = login("city"), login("province")
    assert waiting.to_do(city) >= 2
    rows = {(one.track.code, one.authority.code): one for one in RecommendationList.objects.all()}
    own = rows["2024-excellence", "990101"]
    assert (own.status, own.size, len(ranking.candidates(own))) == ("draft", 1, 1)
    high = rows["2024-excellence", "990000"]
    assert (high.status, high.size, high.quota_limit, len(ranking.candidates(high))) == ("draft", 19, 20, 3)
    lower = [one for (track, code), one in rows.items() if track == "2024-excellence" and code.startswith("9901")]
    assert (len(lower), sum(one.size for one in lower if one.status == "sealed")) == (13, 22)
    group = Declaration.objects.filter(enterprise__soe__code="soe-yunze").order_by("pk")
    assert list(group.values_list("status", flat=True)) == ["recommended", "recommended", "submitted"]
    corrected = Declaration.objects.filter(latest_revision__number=2).get()
    assert (corrected.status, len(reviewing.compare(corrected).changes)) == ("in_review", 2)
    assert [one.title for one in waiting.waiting(login("citysealer"))] == ["2024年度卓越级智能工厂推荐名单还在排序"]
    assert [one.act for one in waiting.waiting(login("sealer"))] == ["核对并封存", "看名单"]
    frozen = rows["2025-excellence", "990000"]
    assert (frozen.status, frozen.size, frozen.frozen_by) == ("frozen", 8, province)


def test_the_sealer_seals_the_frozen_list(settings):
    frozen = RecommendationList.objects.get(status="frozen")
    sealed = sealing.confirm_and_seal(
        frozen, actor=login("sealer"), version=frozen.version, password=settings.DEMO_PASSWORD, count="8",
        ticks={"content", "final"},
    )  # fmt: skip
    assert Declaration.objects.filter(status="recommended", track=sealed.track).count() == 8


def test_the_expert_finds_a_packet():
    assert Packet.objects.visible_to(login("expert")).count() == 1


def test_bulk_data_stand_beside_it():
    call_command("seed_load", enterprises=24, seed=5, verbosity=0, stdout=io.StringIO())
    assert invariants.check() == []


def test_a_second_run_changes_nothing(django_assert_max_num_queries):
    before = (AuditEntry.objects.count(), Enterprise.objects.count(), User.objects.count(), Job.objects.count())
    with django_assert_max_num_queries(8):
        run()
    assert before == (
        AuditEntry.objects.count(), Enterprise.objects.count(), User.objects.count(), Job.objects.count(),
    )  # fmt: skip


def test_passed_deadlines_move_ahead():
    rows = Deadline.objects.filter(reason=book.world()["deadlines"]["reason"])
    rows.update(at=timezone.now())
    assert "后移" in run()
    assert all(one.at > timezone.now() for one in rows.all())


def test_another_password_is_taken_over(settings):
    settings.DEMO_PASSWORD = "Another-demo-2025"
    assert "口令已更换" in run()
    assert login("auditor").check_password("Another-demo-2025")


def test_refused_without_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        run()


def test_documents_are_only_ordered():
    assert set(Job.objects.values_list("state", flat=True)) == {"pending"}
    assert Job.objects.filter(kind="declaration_pdf").count() == Revision.objects.count()


def test_the_trail_and_the_rows_agree():
    assert audit.verify() == []
    assert invariants.check() == []


def test_sealed_lists_verify():
    sealed = RecommendationList.objects.filter(status="sealed")
    assert sealed
    for one in sealed:
        assert verification.check(one.seal.code).status == "intact"


def test_the_ministry_decides_nothing():
    ministry = login("ministry")
    for one in Declaration.objects.visible_to(ministry):
        assert not is_official(ministry, one)
        assert available(one, ministry) == []
    fresh = Declaration.objects.filter(status="submitted").first()
    with pytest.raises(NotAllowed):
        fire(fresh, "take_up", actor=ministry, version=fresh.version)
    for one in RecommendationList.objects.all():
        assert available(one, ministry) == []
    assert waiting.to_do(ministry) == 0
    assert [one.title for one in waiting.waiting(ministry)] == []


def test_every_login_is_printed_and_signs_in(printed, settings):
    for row in book.world()["logins"]:
        assert row["username"] in printed
        assert login(row["username"]).check_password(settings.DEMO_PASSWORD)
    rest = User.objects.exclude(username__in=[row["username"] for row in book.world()["logins"]])
    assert rest
    assert not any(one.has_usable_password() for one in rest)
