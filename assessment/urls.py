"""Addresses of policy and self-assessment."""

from __future__ import annotations

from django.urls import path

from assessment import policy_views, views
from assessment.drafting import views as desk

urlpatterns = [
    path("policy/", policy_views.index, name="policy_index"),
    path("policy/desk/", desk.index, name="policy_desk"),
    path("policy/desk/clone/", desk.clone, name="policy_clone"),
    path("policy/desk/amend/<str:code>/", desk.amend, name="policy_amend"),
    path("policy/desk/<str:public_id>/", desk.detail, name="policy_draft"),
    path("policy/desk/<str:public_id>/act/", desk.act, name="policy_draft_act"),
    path("policy/desk/<str:public_id>/<str:chapter>/", desk.row, name="policy_draft_chapter"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/", desk.row, name="policy_draft_row"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/add/", desk.add, name="policy_draft_add"),
    path("policy/desk/<str:public_id>/<str:chapter>/<str:path>/remove/", desk.remove, name="policy_draft_remove"),
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
