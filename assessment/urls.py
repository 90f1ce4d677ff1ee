"""Addresses of policy and self-assessment."""

from __future__ import annotations

from django.urls import path

from assessment import policy_views, views

urlpatterns = [
    path("policy/", policy_views.index, name="policy_index"),
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
