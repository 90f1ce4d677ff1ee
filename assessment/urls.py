"""Addresses of policy and self-assessment."""

from __future__ import annotations

from django.urls import path

from assessment import policy_views, views
from assessment.drafting import exchange_views as exchange
from assessment.drafting import views as desk
from assessment.knowledge import views as guide

urlpatterns = [
    path("guide/", guide.index, name="guide"),
    path("guide/search/", guide.find, name="guide_search"),
    path("guide/questions/", guide.questions, name="guide_questions"),
    path("guide/terms/", guide.terms, name="guide_terms"),
    path("guide/places/", guide.places, name="guide_awards"),
    path("guide/places.xlsx", guide.places_file, name="guide_awards_file"),
    path("guide/<str:code>/", guide.tiers, name="guide_tiers"),
    path("guide/<str:code>/who/", guide.subjects, name="guide_who"),
    path("guide/<str:code>/steps/", guide.steps, name="guide_steps"),
    path("guide/<str:code>/<str:tier>/", guide.tier, name="guide_tier"),
    path("policy/", policy_views.index, name="policy_index"),
    path("policy/compare/", policy_views.compare, name="policy_compare"),
    path("policy/desk/", desk.index, name="policy_desk"),
    path("policy/desk/import/", exchange.bring_in, name="policy_import"),
    path("policy/desk/clone/", desk.clone, name="policy_clone"),
    path("policy/desk/amend/<str:code>/", desk.amend, name="policy_amend"),
    path("policy/desk/<str:public_id>/", desk.detail, name="policy_draft"),
    path("policy/desk/<str:public_id>/act/", desk.act, name="policy_draft_act"),
    path("policy/desk/<str:public_id>/changes/", desk.report, name="policy_draft_changes"),
    path("policy/desk/<str:public_id>/edition.<str:kind>", exchange.draft_file, name="policy_draft_file"),
    path("policy/desk/<str:public_id>/unverified/", desk.doubts, name="policy_draft_doubts"),
    path("policy/desk/<str:public_id>/<str:chapter>/", desk.row, name="policy_draft_chapter"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/", desk.row, name="policy_draft_row"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/add/", desk.add, name="policy_draft_add"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/remove/", desk.remove, name="policy_draft_remove"),
    path("policy/<str:code>/edition.<str:kind>", exchange.edition_file, name="policy_edition_file"),
    path("policy/<str:code>/amendments/<str:public_id>/", policy_views.amendment, name="policy_amendment"),
    path("policy/<str:code>/unverified/", policy_views.doubts, name="policy_doubts"),
    path("policy/<str:code>/", policy_views.edition, name="policy_edition"),
    path("assessments/", views.index, name="assessment_list"),
    path("assessments/start/", views.start, name="assessment_start"),
    path("assessments/<str:public_id>/", views.detail, name="assessment_detail"),
    path("assessments/<str:public_id>/result/", views.result, name="assessment_result"),
    path("assessments/<str:public_id>/finish/", views.finish, name="assessment_finish"),
    path("assessments/<str:public_id>/again/", views.again, name="assessment_again"),
    path("assessments/<str:public_id>/report.pdf", views.report, name="assessment_report"),
    path("assessments/<str:public_id>/<str:key>/", views.part, name="assessment_part"),
]
