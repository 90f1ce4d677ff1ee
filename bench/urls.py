from django.urls import include, path

from bench import views

handler404 = "smartfactory.views.errors.not_found"
handler500 = "smartfactory.views.errors.server_error"

urlpatterns = [
    path("bench/bare/", views.bare),
    path("bench/by-hand/<str:public_id>/<slug:key>/", views.by_hand),
    path("bench/replay/<slug:name>/", views.replay),
    path("", include("smartfactory.urls")),
]
