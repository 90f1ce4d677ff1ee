"""Addresses below /declarations/."""

from __future__ import annotations

from django.urls import path

from declarations.views import (
    claims,
    instances,
    joining,
    listing,
    matrix,
    messages,
    moving,
    reuse,
    revisions,
    secrecy,
    sections,
    submission,
    tasklist,
    team,
    thread,
    uploads,
    work,
    workbook,
)

ID = "<str:public_id>/"
REVISION = ID + "revisions/<int:number>/"
urlpatterns = [
    path("", listing.declaration_list, name="declaration_list"),
    path("start/<str:track>/", listing.declaration_start, name="declaration_start"),
    path("messages/", messages.declaration_messages, name="declaration_messages"),
    path("team/", team.team_index, name="team_index"),
    path("team/join/<str:code>/", joining.team_join, name="team_join"),
    path("team/<str:public_id>/", team.team, name="team"),
    path("team/<str:public_id>/activity/", team.team_activity, name="team_activity"),
    path("team/<str:public_id>/facts/", reuse.known_facts, name="known_facts"),
    path("facts/<str:public_id>/", reuse.known_fact, name="known_fact"),
    path("facts/<str:public_id>/file/", reuse.known_fact_file, name="known_fact_file"),
    path("claims/", claims.claim_list, name="claim_list"),
    path("claims/new/", joining.claim_new, name="claim_new"),
    path("claims/<str:public_id>/", claims.claim_detail, name="claim_detail"),
    path("claims/<str:public_id>/proof/", claims.claim_proof, name="claim_proof"),
    path(ID, tasklist.declaration_detail, name="declaration_detail"),
    path(ID + "assign/", work.declaration_assign, name="declaration_assign"),
    path(ID + "carry/", reuse.declaration_carry, name="declaration_carry"),
    path(ID + "matrix/", matrix.declaration_matrix, name="declaration_matrix"),
    path(ID + "move/", moving.declaration_move, name="declaration_move"),
    path(ID + "check/", submission.declaration_check, name="declaration_check"),
    path(ID + "secrecy/", secrecy.declaration_secrecy, name="declaration_secrecy"),
    path(ID + "workbook/", workbook.declaration_workbook, name="declaration_workbook"),
    path(ID + "workbook.xlsx", workbook.declaration_workbook_file, name="declaration_workbook_file"),
    path(ID + "deadlines.ics", messages.declaration_calendar, name="declaration_calendar"),
    path(ID + "thread/", thread.declaration_thread, name="declaration_thread"),
    path(ID + "submit/", submission.declaration_submit, name="declaration_submit"),
    path(ID + "withdraw/", submission.declaration_withdraw, name="declaration_withdraw"),
    path(ID + "evidence/<str:evidence_id>/", uploads.declaration_evidence, name="declaration_evidence"),
    path(
        ID + "evidence/<str:evidence_id>/remove/",
        uploads.declaration_evidence_remove,
        name="declaration_evidence_remove",
    ),
    path(ID + "scenarios/add/", instances.declaration_instance_add, name="declaration_instance_add"),
    path(ID + "scenarios/<int:place>/", instances.declaration_instance, name="declaration_instance"),
    path(
        ID + "scenarios/<int:place>/autosave/",
        instances.declaration_instance_autosave,
        name="declaration_instance_autosave",
    ),
    path(ID + "scenarios/<int:place>/copy/", instances.declaration_instance_copy, name="declaration_instance_copy"),
    path(ID + "scenarios/<int:place>/move/", instances.declaration_instance_move, name="declaration_instance_move"),
    path(
        ID + "scenarios/<int:place>/remove/", instances.declaration_instance_remove, name="declaration_instance_remove"
    ),
    path(REVISION, revisions.declaration_revision, name="declaration_revision"),
    path(REVISION + "declaration.pdf", revisions.declaration_pdf, name="declaration_pdf"),
    path(REVISION + "declaration.json", revisions.declaration_json, name="declaration_json"),
    path(REVISION + "receipt.pdf", revisions.declaration_receipt, name="declaration_receipt"),
    path(REVISION + "matrix/", matrix.revision_matrix, name="revision_matrix"),
    path(REVISION + "job/", revisions.declaration_job, name="declaration_job"),
    path(REVISION + "redraw/", revisions.declaration_redraw, name="declaration_redraw"),
    path(REVISION + "diff/<int:other>/", revisions.declaration_diff, name="declaration_diff"),
    path(REVISION + "files/<str:digest>/", uploads.declaration_file, name="declaration_file"),
    path(ID + "<slug:key>/", sections.declaration_section, name="declaration_section"),
    path(ID + "<slug:key>/presence/", work.declaration_presence, name="declaration_presence"),
    path(ID + "<slug:key>/autosave/", sections.declaration_autosave, name="declaration_autosave"),
]
