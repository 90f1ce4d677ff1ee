"""Two cities side by side, built once: what belongs to the first must not exist for the second.

`build()` returns the people by name and the addresses of their things. Names of people say role and place; "other"
is always the neighbour.
"""

import datetime
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessment import self_assessment_service as assessing
from assessment.drafting import service as drafting
from assessment.maturing import service as maturing
from assessment.models import Edition, EditionDraft, MaturityReport, MaturityStandard
from declarations.models import Claim, Declaration, Evidence, Extension, KnownFact, RemovedInstance, Track, Upload
from declarations.team import invitations
from recommendations import packets, ranking, releases
from recommendations.models import BulkRow, BulkRun, OnsiteDraw, OnsitePhoto, OnsiteVisit, QuotaOverride
from recommendations.queue import filters, saved
from recommendations.scans import checking
from smartfactory import files, jobs
from smartfactory.models import Job, JobState, Role
from tests.factories import recommendations as make
from tests.factories.declarations import PDF, make_declaration
from tests.factories.organisations import make_authority, make_enterprise, make_member, make_user

MISSING = "0" * 32
AUTHORITY_CODES = {"city": "990101", "province": "990000", "ministry": "ministry", "other_city": "990102"}
DESK = (Role.OFFICIAL, Role.SEALER)
EVERY_ROLE = (*DESK, Role.REVIEWER, Role.AUDITOR, Role.POLICY)
# The city, the province above it, the ministry, and the city next door.
DESKS = {
    "city": EVERY_ROLE,
    "province": (*DESK, Role.REVIEWER, Role.DEPARTMENT),
    "ministry": DESK,
    "other_city": EVERY_ROLE,
}
NAME, OTHER_NAME = "澜州金丝雀制造有限公司", "平岭画眉制造有限公司"


@dataclass
class World:
    people: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)
    canaries: dict = field(default_factory=dict)


def build():
    """The whole chain for the first city; the neighbour has the same people and an enterprise of its own."""
    world = World()
    province, city = make.make_desk(), make.make_desk("990101")
    make.make_desk("990102")
    make.cap_cities()
    ours, theirs = _enterprise("990101", NAME), _enterprise("990102", OTHER_NAME)
    world.people = {**_members("", ours), **_members("other_", theirs), **_desks(), "nobody": make_user("nobody")}
    _enterprise_things(world, ours)
    _lists(world, city, province, ours)
    _policy(world)
    world.canaries = {"ours": NAME, "theirs": OTHER_NAME}
    make_declaration(status="submitted", enterprise=theirs)
    return world


def _enterprise(code, name):
    return make_enterprise(authority=make_authority(code), name=name)


def _members(prefix, enterprise):
    roles = (Role.PREPARER, Role.SIGNATORY, Role.READER)
    return {f"{prefix}{role}": make_member(role, enterprise=enterprise) for role in roles}


def _desks():
    return {
        f"{place}_{role}": make_member(role, authority=make_authority(AUTHORITY_CODES[place]))
        for place, roles in DESKS.items()
        for role in roles
    }


def _enterprise_things(world, enterprise):
    draft = make_declaration(enterprise=enterprise, track="2025-excellence", filled=True)
    edition = Edition.objects.get(code="2025")
    assessment = assessing.start(enterprise, edition, world.people["preparer"])
    standard = MaturityStandard.objects.get(active=True)
    attempt = maturing.start(enterprise, standard, "discrete", world.people["preparer"])
    _, code = invitations.invite(enterprise, role="reader", name="新人", actor=world.people["signatory"])
    proof = Evidence.objects.filter(declaration=draft).first().file
    claim = Claim.objects.create(
        credit_code=enterprise.credit_code, enterprise=enterprise, claimant=world.people["nobody"], reason="测试", proof=proof, proof_name="证明.pdf",
        status="open",
    )  # fmt: skip
    fact = KnownFact.objects.create(
        enterprise=enterprise, key="applicant.other", label="别的", kind="textarea", value="测试", source="测试",
        evidence=proof, evidence_name="证明.pdf",
    )  # fmt: skip
    report = MaturityReport.objects.create(
        enterprise=enterprise, body="测试平台", level=2, assessed_on=datetime.date(2025, 7, 1), number="测试", file=proof,
        file_name="证明.pdf", status="recorded", created_by=world.people["preparer"],
    )  # fmt: skip
    upload = Upload.objects.create(
        owner=world.people["preparer"], declaration=draft, section="applicant", field="licence", name="证明.pdf", size=9,
        touched_at=timezone.now(),
    )  # fmt: skip
    extension = Extension.objects.create(
        enterprise=enterprise, track=draft.track, until=timezone.now(), reason="测试", clause="测试",
        proposed_by=world.people["city_official"], status="proposed",
    )  # fmt: skip
    removed = RemovedInstance.objects.create(
        declaration=draft, uid="removed0", position=1, removed_by=world.people["preparer"]
    )
    world.ids |= {
        "removed": removed.uid,
        "extension": extension.public_id,
        "upload": upload.public_id,
        "attempt": attempt.public_id,
        "maturity_report": report.public_id,
        "fact": fact.public_id,
        "invitation": code,
        "claim": claim.public_id,
        "draft": draft.public_id,
        "evidence": Evidence.objects.filter(declaration=draft).first().public_id,
        "assessment": assessment.public_id,
        "enterprise": enterprise.public_id,
        "enterprise_pk": str(enterprise.pk),
        "edition_pk": str(edition.pk),
    }


def _lists(world, city, province, enterprise):
    """The city's list is sealed and packed; the province's, with the same declaration on it, is open."""
    declaration = make.qualified(enterprise=enterprise)
    low = make.open_list(city)
    ranking.add_entry(low, declaration, actor=city.official)
    low = make.sealed(low, city)
    high = make.open_list(province)
    chosen = ranking.candidates(high)[0]
    ranking.add_entry(high, chosen.declaration, actor=province.official, source=chosen.source)
    release = releases.ask(low, "移交档案室", actor=world.people["city_official"])
    packet = packets.order_packet(low, [], actor=city.official)
    _desk_work(world, declaration)
    _do_jobs()
    declaration = Declaration.objects.get(pk=declaration.pk)
    scan = _scan(low, city)
    revision = declaration.latest_revision
    file = next(one for one in Evidence.objects.filter(declaration=declaration)).file
    world.ids |= {
        "filed": declaration.public_id,
        "file": file.digest,
        "low_list": low.public_id,
        "high_list": high.public_id,
        "packet": packet.public_id,
        "scan": scan.public_id,
        "scan_file": scan.files.get().pk,
        "release": release.public_id,
        "code": revision.issued.code,
    }


def _desk_work(world, declaration):
    """A view an official keeps, and a bulk act that is over."""
    official = world.people["city_official"]
    view = saved.keep(filters.Query(status="all"), "测试", actor=official)
    run = BulkRun.objects.create(authority=make_authority("990101"), by=official, act="take_up")
    BulkRow.objects.create(run=run, declaration=declaration, seen=1, outcome="done")
    world.ids |= {"saved_view": view.public_id, "bulk": run.public_id}
    _onsite(world, declaration, official)


def _onsite(world, declaration, official):
    """A visit to the city's enterprise, with somebody to go and one picture."""
    draw = OnsiteDraw.objects.create(
        authority=make_authority("990101"), track=declaration.track, seed="测试", drawn_by=official,
        rule={"percent": 20, "number": None, "least": 1, "strata": "unit"}, population=[[declaration.number, "990101"]],
    )  # fmt: skip
    visit = OnsiteVisit.objects.create(draw=draw, declaration=declaration, status="open")
    visit.goers.add(official)
    picture = files.put(b"\xff\xd8\xff\xd9", "image/jpeg")
    photo = OnsitePhoto.objects.create(visit=visit, key="subject", file=picture, by=official)
    world.ids |= {"onsite_draw": draw.public_id, "onsite_visit": visit.public_id, "onsite_photo": photo.public_id}


def _scan(one, desk):
    """A page of nothing, uploaded for the sealed list and not yet read."""
    sent = SimpleUploadedFile("scan.pdf", PDF, "application/pdf")
    return checking.upload(one, [sent], actor=desk.official)


def _policy(world):
    """The city corrects an edition of its own desk's making: nobody else keeps its policy."""
    actor, unit = world.people["city_policy"], make_authority("990101")
    edition = Edition.objects.get(code="2025")
    draft = drafting.amendment(edition, unit, actor, dated=datetime.date(2025, 7, 1), reason="测试", paper="测试")
    older = Edition.objects.get(code="2022")
    done = drafting.amendment(older, unit, actor, dated=datetime.date(2022, 7, 1), reason="测试", paper="测试")
    EditionDraft.objects.filter(pk=done.pk).update(
        status="published", proposed_by=actor, status_by=actor, status_at=done.created_at, before=older.source
    )
    override = QuotaOverride.objects.create(
        track=Track.objects.get(code="2025-pioneer"), authority=unit, limit=3, reason="测试", source="测试",
        proposed_by=world.people["ministry_official"], status="proposed",
    )  # fmt: skip
    world.ids["by_hand"] = override.public_id
    world.ids |= {"edition_draft": draft.public_id, "amendment": done.public_id}


def _do_jobs():
    for pk in Job.objects.filter(state=JobState.PENDING).order_by("pk").values_list("pk", flat=True):
        jobs.run(pk)
