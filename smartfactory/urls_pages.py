"""Pages of the ground floor."""

from __future__ import annotations

from django.urls import path

from smartfactory.views import account, audit, health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", account.sign_in, name="login"),
    path("logout/", account.sign_out, name="logout"),
    path("help/", home.help_page, name="help"),
    path("audit/", audit.trail, name="audit"),
    path("healthz", health.healthz, name="healthz"),
]
