"""Addresses of the maturity pre-assessment."""

from __future__ import annotations

from django.urls import path

from assessment.maturing import report_views as reports
from assessment.maturing import views

urlpatterns = [
    path("maturity/", views.index, name="maturity_list"),
    path("maturity/start/", views.start, name="maturity_start"),
    path("maturity/reports/add/", reports.add, name="maturity_report_add"),
    path("maturity/reports/<str:public_id>/", reports.detail, name="maturity_report"),
    path("maturity/reports/<str:public_id>/file", reports.file, name="maturity_report_file"),
    path("maturity/reports/<str:public_id>/withdraw/", reports.withdraw, name="maturity_report_withdraw"),
    path("maturity/taken-over/<str:public_id>/", reports.take_over, name="assessment_maturity"),
    path("maturity/<str:public_id>/", views.detail, name="maturity_detail"),
    path("maturity/<str:public_id>/result/", views.result, name="maturity_result"),
    path("maturity/<str:public_id>/compare/", views.comparison, name="maturity_compare"),
    path("maturity/<str:public_id>/report.pdf", views.report, name="maturity_paper"),
    path("maturity/<str:public_id>/finish/", views.finish, name="maturity_finish"),
    path("maturity/<str:public_id>/drop/", views.drop, name="maturity_drop"),
    path("maturity/<str:public_id>/again/", views.again, name="maturity_again"),
    path("maturity/<str:public_id>/<str:code>/", views.part, name="maturity_part"),
]
