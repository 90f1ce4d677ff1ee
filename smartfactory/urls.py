"""Addresses of the whole site; docs/architecture.md lists which floor owns which."""

from django.urls import include, path

handler404 = "smartfactory.views.errors.not_found"
handler403 = "smartfactory.views.errors.forbidden"
handler400 = "smartfactory.views.errors.bad_request"
handler500 = "smartfactory.views.errors.server_error"

urlpatterns = [
    path("", include("smartfactory.urls_pages")),
    path("", include("assessment.urls")),
    path("", include("assessment.maturing.urls")),
    path("declarations/", include("declarations.urls")),
    path("", include("recommendations.urls")),
]
