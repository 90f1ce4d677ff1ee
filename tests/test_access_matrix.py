"""Who gets in where: every address × every person × GET and POST, held against one table.

The table says who may read (`get`), who may act (`post`) and who sees the thing but may not do this to it (`refused`).
Everybody else gets the answer that a thing which does not exist gets, to the letter; nobody gets an error of the server.
A route without a row fails by name.
"""

import re
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from smartfactory import documents
from smartfactory.models import Role
from tests.factories.declarations import PDF
from tests.support import world as worlds

OWN = {"preparer", "signatory", "reader"}
NEIGHBOURS = {f"other_{name}" for name in OWN}
WRITERS = {"preparer", "signatory"}
OTHER_WRITERS = {"other_preparer", "other_signatory"}
PLACES = tuple(worlds.DESKS)


def at(places, *roles):
    """The people of these places in these roles, as far as the world has them."""
    return {f"{place}_{role}" for place in places for role in roles if role in worlds.DESKS[place]}


DESK_ROLES = (Role.OFFICIAL, Role.SEALER)
LINE = at(PLACES[:3], *DESK_ROLES)
LINE_OFFICIALS = at(PLACES[:3], Role.OFFICIAL)
LINE_SEALERS = at(PLACES[:3], Role.SEALER)
LINE_EXPERTS = at(PLACES[:3], Role.REVIEWER)
DESKS = at(PLACES, Role.OFFICIAL, Role.SEALER)
OFFICIALS = at(PLACES, Role.OFFICIAL)
EXPERTS = at(PLACES, Role.REVIEWER)
AUDITORS = at(PLACES, Role.AUDITOR)
UP = at(["province"], Role.OFFICIAL, Role.SEALER)
EVERYBODY = OWN | NEIGHBOURS | at(PLACES, *Role) | {"nobody"}
ANYBODY = EVERYBODY | {"anonymous"}
NONE = frozenset()
OFFICERS = at(["city", "other_city", "province", "ministry"], Role.POLICY)
DRAFTERS = at(["city"], Role.POLICY)


@dataclass(frozen=True)
class Row:
    """One address (`args` are keys of the world's ids, or values) and whom it answers."""

    name: str
    args: tuple = ()
    get: frozenset | set = NONE
    post: frozenset | set = NONE
    refused: frozenset | set = NONE
    data: dict = field(default_factory=dict)
    # Says in its own words, also with status 404, that nothing is known under a code; lives without a login.
    own_404: bool = False

    def address(self, world, *, missing=""):
        return reverse(
            self.name, args=[_missing(one) if one == missing else world.ids.get(one, one) for one in self.args]
        )

    def body(self, world, *, missing=""):
        return {
            key: _missing(value) if value == missing else world.ids.get(value, value)
            for key, value in self.data.items()
        }

    def things(self, world):
        """What the address or the body names: each of them may be missing."""
        return [one for one in (*self.args, *self.data.values()) if one in world.ids or isinstance(one, int)]


def _missing(value):
    return 99 if isinstance(value, int) else worlds.MISSING


ROWS = [
    # Pages without an owner
    Row("home", get=EVERYBODY),
    Row("login", get=ANYBODY, post=ANYBODY),
    Row("logout", post=ANYBODY),
    Row("help", get=ANYBODY),
    Row("healthz", get=ANYBODY),
    Row("audit", get=AUDITORS),
    Row("policy_index", get=ANYBODY),
    # The guide: everybody's
    Row("guide", get=ANYBODY),
    Row("guide_search", get=ANYBODY),
    Row("guide_questions", get=ANYBODY),
    Row("guide_terms", get=ANYBODY),
    Row("guide_awards", get=ANYBODY),
    Row("guide_awards_file", get=ANYBODY),
    Row("guide_tiers", ("2025",), get=ANYBODY),
    Row("guide_who", ("2025",), get=ANYBODY),
    Row("guide_steps", ("2025",), get=ANYBODY),
    Row("guide_tier", ("2025", "PIONEER"), get=ANYBODY),
    # The policy desk: those who keep the policy of the unit
    Row("policy_desk", get=OFFICERS),
    Row("policy_clone", get=OFFICERS, refused=OFFICERS, data={"code": "2025"}),
    Row("policy_amend", ("2025",)),
    Row("policy_draft", ("edition_draft",), get=DRAFTERS),
    Row("policy_draft_changes", ("edition_draft",), get=DRAFTERS),
    Row("policy_draft_doubts", ("edition_draft",), get=DRAFTERS, refused=DRAFTERS),
    Row("policy_import", get=OFFICERS, refused=OFFICERS),
    Row("policy_draft_file", ("edition_draft", "zip"), get=DRAFTERS),
    Row("policy_draft_file", ("edition_draft", "xlsx"), get=DRAFTERS),
    Row("policy_draft_act", ("edition_draft",), refused=DRAFTERS, data={"act": "propose", "version": "1"}),
    Row("policy_draft_chapter", ("edition_draft", "edition"), get=DRAFTERS, refused=DRAFTERS),
    Row("policy_draft_row", ("edition_draft", "quotas", "quotas.0"), get=DRAFTERS, refused=DRAFTERS),
    Row("policy_draft_add", ("edition_draft", "quotas", "quotas"), get=DRAFTERS, refused=DRAFTERS),
    Row("policy_draft_remove", ("edition_draft", "quotas", "quotas.0"), get=DRAFTERS, refused=DRAFTERS),
    Row("policy_compare", get=ANYBODY),
    Row("policy_edition_file", ("2025", "zip"), get=ANYBODY),
    Row("policy_amendment", ("2022", "amendment"), get=ANYBODY),
    Row("policy_doubts", ("2025",), get=ANYBODY),
    Row("policy_edition", ("2025",), get=ANYBODY),
    Row("verify", get=ANYBODY, post=ANYBODY),
    Row("verify_keys", get=ANYBODY),
    Row("verify_program", get=ANYBODY),
    Row("verify_code", ("code",), get=ANYBODY, own_404=True),
    # Self-assessment: the enterprise's alone
    Row("assessment_list", get=OWN | NEIGHBOURS),
    Row(
        "assessment_start",
        post=WRITERS | OTHER_WRITERS,
        data={"enterprise": "enterprise_pk", "edition": "edition_pk", "target": "BASIC"},
    ),
    Row("assessment_detail", ("assessment",), get=OWN),
    Row("assessment_result", ("assessment",), get=OWN),
    Row("assessment_report", ("assessment",), get=OWN),
    Row("assessment_part", ("assessment", "facts"), get=OWN, post=WRITERS, refused={"reader"}, data={"version": "1"}),
    Row("assessment_finish", ("assessment",), post=WRITERS, data={"version": "1"}),
    Row("assessment_again", ("assessment",), post=WRITERS),
    # Maturity pre-assessment and the results of assessors: the enterprise's alone
    Row("maturity_list", get=OWN | NEIGHBOURS),
    Row("maturity_start", get=WRITERS | OTHER_WRITERS, refused=WRITERS | OTHER_WRITERS),
    Row("maturity_detail", ("attempt",), get=OWN),
    Row("maturity_result", ("attempt",), get=OWN),
    Row("maturity_compare", ("attempt",), get=OWN),
    Row("maturity_paper", ("attempt",), get=OWN),
    Row("maturity_part", ("attempt", "P1"), get=OWN, post=WRITERS, data={"version": "1"}),
    Row("maturity_finish", ("attempt",), refused=WRITERS, data={"version": "1"}),
    Row("maturity_drop", ("attempt",), post=WRITERS, data={"version": "1"}),
    Row("maturity_again", ("attempt",), post=WRITERS),
    Row("maturity_report_add", get=WRITERS | OTHER_WRITERS, refused=WRITERS | OTHER_WRITERS),
    Row("maturity_report", ("maturity_report",), get=OWN),
    Row("maturity_report_file", ("maturity_report",), get=OWN),
    Row("maturity_report_withdraw", ("maturity_report",), refused=WRITERS, data={"version": "1"}),
    Row("assessment_maturity", ("assessment",), post=WRITERS, data={"version": "1", "kind": "external"}),
    # The declaration while it is being written: the enterprise's alone, not the officials'
    Row("declaration_list", get=OWN | NEIGHBOURS),
    Row("declaration_messages", get=OWN | NEIGHBOURS | DESKS, post=OWN | NEIGHBOURS | DESKS),
    Row("declaration_thread", ("draft",), refused=WRITERS, data={"seen": "0", "thread-text": "请问"}),
    Row("declaration_thread", ("filed",), post=WRITERS, data={"seen": "0", "thread-text": "请问"}),
    Row("declaration_start", ("2025-pioneer",), post=WRITERS, data={"enterprise": "enterprise"}),
    Row("declaration_detail", ("draft",), get=OWN),
    Row("declaration_section", ("draft", "applicant"), get=OWN, post=WRITERS, data={"version": "1"}),
    Row("declaration_autosave", ("draft", "applicant"), post=WRITERS, data={"version": "1"}),
    Row(
        "declaration_move", ("draft",), get=WRITERS, refused=WRITERS, data={"version": "1", "track": "2025-excellence"}
    ),
    Row("declaration_check", ("draft",), get=OWN),
    Row("declaration_secrecy", ("draft",), get=OWN, post=WRITERS),
    Row("declaration_workbook", ("draft",), get=OWN, post=WRITERS),
    Row("declaration_workbook_file", ("draft",), get=OWN),
    Row("declaration_calendar", ("draft",), get=OWN),
    Row("declaration_submit", ("draft",), get=OWN, post={"signatory"}, refused={"preparer", "reader"}),
    Row("declaration_withdraw", ("draft",), post=WRITERS, data={"version": "1"}),
    Row("declaration_evidence", ("draft", "evidence"), get=OWN),
    Row(
        "declaration_uploads",
        ("draft",),
        post=WRITERS,
        data={"section": "applicant", "field": "licence", "name": "a.pdf", "size": "9"},
    ),
    Row("declaration_upload_part", ("draft", "upload"), refused={"preparer"}),
    Row("declaration_upload_finish", ("draft", "upload"), refused={"preparer"}),
    Row("declaration_instance_restore", ("draft",), post=WRITERS, data={"version": "1", "uid": "removed"}),
    Row("declaration_evidence_view", ("draft", "evidence"), get=OWN, post=WRITERS, data={"remove": "0:none"}),
    Row("declaration_evidence_small", ("draft", "evidence"), get=OWN),
    Row("declaration_evidence_remove", ("draft", "evidence"), get=WRITERS, post=WRITERS),
    Row("declaration_instance_add", ("draft",), post=WRITERS, data={"version": "1"}),
    Row("declaration_instance", ("draft", 1), get=OWN, post=WRITERS, data={"version": "1"}),
    Row("declaration_instance_autosave", ("draft", 1), post=WRITERS, data={"version": "1"}),
    Row("declaration_instance_move", ("draft", 1), post=WRITERS, data={"version": "1", "direction": "down"}),
    Row("declaration_instance_copy", ("draft", 1), post=WRITERS, data={"version": "1"}),
    Row("declaration_instance_remove", ("draft", 1), get=WRITERS),
    Row("declaration_assign", ("draft",), post=WRITERS, data={"part": "applicant", "version": "1"}),
    Row("declaration_presence", ("draft", "applicant"), post=WRITERS),
    Row("declaration_carry", ("draft",), get=WRITERS, post=WRITERS),
    Row("declaration_matrix", ("draft",), get=OWN),
    Row("revision_matrix", ("filed", 1), get=OWN | LINE),
    Row("known_facts", ("enterprise",), get=OWN),
    Row(
        "known_fact_new",
        ("enterprise",),
        get=WRITERS,
        post=WRITERS,
        data={"ask": "applicant.founded", "source": "测试"},
    ),
    Row("known_fact", ("fact",), get=OWN, post=WRITERS, data={"version": "1", "source": "测试"}),
    Row("known_fact_file", ("fact",), get=OWN),
    # The people of an enterprise, and who may become one
    Row("team_index", get=OWN | NEIGHBOURS),
    Row("team", ("enterprise",), get=OWN, refused=OWN),
    Row("team_activity", ("enterprise",), get=OWN),
    Row("team_join", ("invitation",), get=ANYBODY, post=ANYBODY, own_404=True),
    Row("claim_new", get=EVERYBODY, post=EVERYBODY),
    Row("extension_list", get=DESKS, refused=OFFICIALS),
    Row("extension_decide", ("extension",), refused=LINE, data={"act": "withdraw", "version": "1"}),
    Row("claim_list", get=OFFICIALS),
    Row("claim_detail", ("claim",), get=LINE_OFFICIALS, refused=LINE_OFFICIALS),
    Row("claim_proof", ("claim",), get=LINE_OFFICIALS),
    # What was filed: the enterprise, and the officials of the line that receives it
    Row("declaration_detail", ("filed",), get=OWN),
    Row("declaration_section", ("filed", "applicant"), get=OWN, post=WRITERS, data={"version": "1"}),
    Row("declaration_revision", ("filed", 1), get=OWN | LINE),
    Row("declaration_pdf", ("filed", 1), get=OWN | LINE),
    Row("declaration_json", ("filed", 1), get=OWN),
    Row("declaration_receipt", ("filed", 1), get=OWN | LINE),
    Row("declaration_job", ("filed", 1), get=OWN | LINE),
    Row("declaration_redraw", ("filed", 1), post=OWN | LINE),
    Row("declaration_diff", ("filed", 1, 1), get=OWN | LINE),
    Row("declaration_file", ("filed", 1, "file"), get=OWN | LINE),
    Row("declaration_file_view", ("filed", 1, "file"), get=OWN | LINE),
    # The officials' desk
    Row("dashboard", get=DESKS),
    Row("dashboard_workbook"),
    Row("review_queue", get=DESKS),
    Row("review_views", get=DESKS, refused=DESKS),
    Row("review_view", ("saved_view",), post={"city_official"}, data={"act": "share", "version": "1"}),
    Row(
        "review_duty",
        ("filed",),
        post=LINE_OFFICIALS,
        refused=LINE_OFFICIALS,
        data={"member": "me", "duty_version": "1"},
    ),
    Row("review_presence", ("filed",), post=LINE),
    Row("review_presence", ("draft",)),
    Row("review_bulk", post=OFFICIALS, data={"act": "take_up", "pick": "filed"}),
    Row("review_bulk_start", post=OFFICIALS, data={"act": "take_up", "row": "filed"}),
    Row("review_bulk_result", ("bulk",), get={"city_official"}),
    Row("onsite", get=DESKS, refused=DESKS),
    Row("onsite_draw", ("onsite_draw",), get=LINE),
    Row("onsite_visit", ("onsite_visit",), get=LINE),
    Row(
        "onsite_send",
        ("onsite_visit",),
        post={"city_official"},
        refused=LINE_OFFICIALS - {"city_official"},
        data={"version": "1"},
    ),
    Row("onsite_note", ("onsite_visit", "subject"), post={"city_official"}, refused=LINE_OFFICIALS - {"city_official"}),
    Row("onsite_act", ("onsite_visit",), refused=LINE_OFFICIALS, data={"act": "conclude", "version": "1"}),
    Row("onsite_photo", ("onsite_visit", "onsite_photo"), get=LINE),
    Row("onsite_sheet", ("onsite_visit",), get=LINE),
    Row("review_returned", get=DESKS),
    Row("review_returned_sheet", get=DESKS),
    Row("review_detail", ("filed",), get=LINE, refused=LINE),
    Row("review_detail", ("draft",)),
    Row("review_contact", ("filed",), post=LINE_OFFICIALS, data={"why": "电话核实"}),
    Row("review_contact", ("draft",)),
    Row("review_release", ("draft",)),
    Row("review_release", ("filed",), post=LINE, data={"for": "寄送纸质申报书"}),
    Row("review_note", ("draft",)),
    Row("review_note", ("filed",), post=LINE, data={"note-seen": "0", "note-text": "已电话核实"}),
    Row("review_thread", ("draft",)),
    Row(
        "review_thread",
        ("filed",),
        post=LINE_OFFICIALS - {"ministry_official"},
        refused={"ministry_official"},
        data={"seen": "0", "thread-text": "请问"},
    ),
    Row(
        "review_act",
        ("filed",),
        post=LINE_OFFICIALS - {"ministry_official"},
        refused={"ministry_official"},
        data={"act": "reopen", "version": "4", "reason": "测试"},
    ),
    Row("review_return", ("filed",), refused=LINE_OFFICIALS),
    Row("list_index", get=DESKS),
    # Quotas: read at the desks, set by whoever keeps the policy above the unit
    Row("quota_index", get=DESKS | OFFICERS),
    Row("quota_unit", ("2025-excellence", "990101"), get=DESKS | OFFICERS),
    Row("quota_propose", ("2025-excellence", "990101")),
    Row("quota_fact", ("2025-excellence", "990000")),
    Row("quota_decide", ("by_hand",), refused=at(["city"], Role.POLICY), data={"act": "confirm", "version": "1"}),
    Row("list_open", post={"city_official"}, data={"track": "2025-excellence", "authority": "990101"}),
    # A city's sealed list: its own desk, and the desks above
    Row("list_detail", ("low_list",), get=LINE),
    Row("list_manifest", ("low_list",), get=LINE),
    Row("list_document", ("low_list", "summary-sheet.pdf"), get=LINE),
    Row("list_package", ("low_list",), get=LINE),
    Row("scan_index", ("low_list",), get=LINE, refused=LINE),
    Row("list_eseal_ask", ("low_list", "summary-sheet.pdf"), post=LINE),
    Row("list_eseal", ("low_list", "summary-sheet.pdf"), get=LINE),
    Row("scan_detail", ("scan",), get=LINE),
    Row("scan_job", ("scan",), get=LINE),
    Row("scan_retry", ("scan",), post=LINE),
    Row("scan_file", ("scan", "scan_file"), get=LINE),
    Row("scan_report", ("scan",), get=LINE),
    Row("list_document_job", ("low_list", "summary-sheet.pdf"), get=LINE),
    Row("list_release", ("low_list",), post=at(["city"], *DESK_ROLES), data={"for": "移交档案室"}),
    Row("list_release", ("high_list",)),
    # A colleague asks to take papers away: the desk's own matter
    Row("release_detail", ("release",), get=at(["city"], *DESK_ROLES)),
    Row(
        "release_act",
        ("release",),
        refused=at(["city"], *DESK_ROLES),
        data={"act": "give", "version": "0"},
    ),
    Row("list_add", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_move", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_remove", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_undo", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_suggest", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_explain", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_ranking", ("low_list",), get=LINE_OFFICIALS, refused=LINE_OFFICIALS),
    Row("list_ranking_sheet", ("low_list",), get=LINE_OFFICIALS),
    Row("list_presence", ("low_list",), post=LINE_OFFICIALS),
    Row("list_freeze", ("low_list",), refused=LINE_OFFICIALS),
    Row("list_unfreeze", ("low_list",), refused=LINE),
    Row("list_seal", ("low_list",), get=LINE_SEALERS, refused=LINE_SEALERS),
    Row("list_supersede", ("low_list",), get=LINE_SEALERS, refused=LINE_SEALERS, data={"version": "1"}),
    # The province's open list: nobody else's before it is sealed, not even the ministry's
    Row("list_detail", ("high_list",), get=UP),
    Row("list_preview", ("high_list",), get=UP),
    Row("list_manifest", ("high_list",)),
    Row("list_document", ("high_list", "summary-sheet.pdf")),
    Row("list_package", ("high_list",)),
    Row("list_add", ("high_list",), refused={"province_official"}),
    Row("list_move", ("high_list",), refused={"province_official"}),
    Row("list_explain", ("high_list",), refused={"province_official"}),
    Row("list_ranking", ("high_list",), get={"province_official"}, refused={"province_official"}),
    Row("list_ranking_sheet", ("high_list",), get={"province_official"}),
    Row("list_presence", ("high_list",), post={"province_official"}),
    Row("list_freeze", ("high_list",), post={"province_official"}, data={"version": "2"}),
    Row("list_seal", ("high_list",), get={"province_sealer"}, refused={"province_sealer"}),
    # Opinions: the department beside the unit alone, on lists whose notice names it
    Row("opinion_index", get={"province_department"}),
    Row(
        "opinion_detail",
        ("high_list",),
        get={"province_department"},
        post={"province_department"},
        data={"department": "reform", "stance": "agree", "seen": "0"},
    ),
    Row("opinion_detail", ("low_list",)),
    # Packets: also the experts who judge
    Row("packet_list", get=DESKS | EXPERTS),
    Row("packet_choose", get=DESKS, post=DESKS),
    Row("packet_give", ("packet",), post=LINE),
    Row("packet_part", ("packet", 1), get=LINE | LINE_EXPERTS),
    Row("packet_manifest", ("packet",), get=LINE | LINE_EXPERTS),
    Row("packet_order", post=LINE, data={"list": "low_list"}),
    Row("packet_detail", ("packet",), get=LINE | LINE_EXPERTS),
    Row("packet_job", ("packet",), get=LINE | LINE_EXPERTS),
    Row("packet_download", ("packet",), get=LINE | LINE_EXPERTS),
    Row("packet_cancel", ("packet",), post=LINE),
    Row("packet_retry", ("packet",), post=LINE),
]


# The walk


class Visitor:
    """One person, or nobody; every visit begins with the session alone, and leaves nothing behind."""

    def __init__(self, name, user=None):
        self.name, self.cookie = name, ""
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
            self.cookie = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        self.nowhere = self.visit("get", "/nowhere/")

    def visit(self, method, address, data=None, **headers):
        self.client.cookies.clear()
        if self.cookie:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        mark = transaction.savepoint()
        response = getattr(self.client, method)(address, data, headers=headers)
        response.text_now = "" if response.streaming else _plain(response)
        transaction.savepoint_rollback(mark)
        return response

    def outcome(self, response, row):
        """in, refused, login, method, lost (as an address that does not exist), or the status that fits nothing."""
        status = response.status_code
        if status == 404 and not row.own_404:
            return "lost" if response.text_now == self.nowhere.text_now else "a 404 that tells"
        if status == 302 and response.url.startswith(f"{reverse('login')}?next="):
            return "login"
        # What was written waits behind a sign-in of its own.
        if status == 401 and 'name="again-password"' in response.text_now:
            return "login"
        return {200: "in", 202: "in", 302: "in", 403: "refused", 405: "method", 409: "refused", 422: "refused"}.get(
            status, f"status {status}"
        )


def _plain(response):
    """The page without what differs between any two requests, and without the mark of the present place."""
    text = response.content.decode("utf-8", "replace")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"| aria-current="page"', "", text)


def expected(row, method, name):
    """The outcomes that the table allows this person."""
    if method == "get":
        if name in row.get:
            return {"in"}
        # What only acts is not asked for by GET; who has no business there may not learn even that.
        only_acts = {"method"} if not row.get else set()
    else:
        if name in row.post:
            return {"in", "refused"}
        if name in row.refused:
            return {"refused"} if row.name not in LENIENT else {"refused", "in"}
        # A page that only shows answers POST as it answers GET, or not at all.
        only_acts = {"method"} if name not in row.get else {"method", "in"}
    return only_acts | ({"login"} if name == "anonymous" else {"lost"})


# Answer "nothing to undo", or lead back to the page, instead of refusing.
LENIENT = {"list_undo", "assessment_part"}


def walk(rows, visitors, world):
    """Every deviation from the table, one line each."""
    for row in rows:
        for method in ("get", "post"):
            for visitor in visitors:
                data = row.body(world) if method == "post" else None
                response = visitor.visit(method, row.address(world), data)
                got, allowed = visitor.outcome(response, row), expected(row, method, visitor.name)
                if got not in allowed:
                    yield f"{method} {row.address(world)} {visitor.name}: {got}, not {' or '.join(sorted(allowed))}"
                yield from _canaries(visitor, row, response, world)


def _canaries(visitor, row, response, world):
    """No page shows a tenant's name to somebody it is foreign to."""
    if row.own_404 or response.status_code != 200:
        return
    for key, friends in {"ours": OWN | LINE | LINE_EXPERTS | {"province_department"}, "theirs": THEIR_FRIENDS}.items():
        if visitor.name not in friends and world.canaries[key] in response.text_now:
            yield f"{row.address(world)} shows {visitor.name} what belongs to {key}"


THEIR_FRIENDS = NEIGHBOURS | at(["province", "ministry"], *Role) | at(["other_city"], *Role)


def walk_missing(rows, visitors, world):
    """What does not exist answers as an address that does not exist, also to those who may come in."""
    by_name = {one.name: one for one in visitors}
    for row in rows:
        for method, names in (("get", row.get), ("post", row.post | row.refused)):
            visitor = by_name[min(names)] if names and not row.own_404 else None
            for thing in row.things(world) if visitor else ():
                data = row.body(world, missing=thing) if method == "post" else None
                response = visitor.visit(method, row.address(world, missing=thing), data)
                if (got := visitor.outcome(response, row)) not in MISSING_OUTCOMES.get(row.name, {"lost"}):
                    yield f"{method} {row.address(world, missing=thing)} {visitor.name}: {got}"


# The form says that the choice is not one of its choices.
MISSING_OUTCOMES = {
    "assessment_start": {"refused"},
    # What is not there is left out of the choice, and the queue says that nothing is chosen.
    "review_bulk": {"in"},
    "review_bulk_start": {"in"},
}


def routes(resolver=None):
    """Every pattern below the site's root, with its view."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from routes(one)


def test_every_route_declares_its_access_and_stands_in_the_table():
    undeclared = [str(one.pattern) for one in routes() if not hasattr(one.callback, "access")]
    assert undeclared == [], "views without @public, @signed_in or @roles"
    rows = {row.name for row in ROWS}
    assert [one.name for one in routes() if one.name not in rows] == [], "routes without a row in the table"


def test_rows_agree_with_the_declared_access():
    """`public` in the code is open to anybody in the table; nothing else is."""
    marks = {one.name: one.callback.access for one in routes()}
    for row in ROWS:
        assert (marks[row.name] == "public") == ("anonymous" in row.get | row.post), row.name


# Each group is walked in a world of its own, so that no single test takes long.
GROUPS = (
    "declaration|team|claim|extension|known|revision",
    "list|quota|scan|onsite|opinion",
    "assessment|maturity|review|release|packet|dashboard",
    "home|log|help|guide|healthz|audit|policy|verify",
)


def rows_of(group):
    return [row for row in ROWS if re.match(group, row.name)]


def test_every_row_is_walked():
    assert sum(len(rows_of(group)) for group in GROUPS) == len(ROWS)


@pytest.mark.django_db
@pytest.mark.parametrize("group", GROUPS)
def test_everybody_gets_in_where_the_table_says_and_nowhere_else(policy, monkeypatch, group):
    # Who may have a document is asked here, not what it looks like.
    monkeypatch.setattr(documents, "render_pdf", lambda *anything, **more: documents.Rendered("", PDF))
    rows = rows_of(group)
    with transaction.atomic():
        world = worlds.build()
        visitors = [Visitor("anonymous"), *(Visitor(name, user) for name, user in world.people.items())]
        assert {one.name for one in visitors} == ANYBODY
        found = [
            *walk(rows, visitors, world),
            *walk_missing(rows, visitors, world),
            *_scripts(rows, visitors[0], world),
        ]
        transaction.set_rollback(True)
    assert not found, "\n".join(found)


def _scripts(rows, anonymous, world):
    """A script without a session gets 401 with the address of the login, not a page it cannot read."""
    for row in rows:
        if "anonymous" in row.get | row.post:
            continue
        for method in ["get"] * bool(row.get) + ["post"] * bool(row.post):
            response = anonymous.visit(method, row.address(world), **{"X-Requested-With": "fetch"})
            if response.status_code != 401 or response.json() != {"login": reverse("login")}:
                yield f"{method} {row.address(world)}: {response.status_code}"
