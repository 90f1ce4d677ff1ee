"""Addresses of the officials' desk, the packets and the public verification."""

from django.urls import path

from recommendations.views import dashboard, documents, lists, packets, quotas, reviews, sealing, verify

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("reviews/", reviews.queue, name="review_queue"),
    path("reviews/<str:public_id>/", reviews.detail, name="review_detail"),
    path("reviews/<str:public_id>/return/", reviews.send_back, name="review_return"),
    path("reviews/<str:public_id>/act/", reviews.act, name="review_act"),
    path("quotas/", quotas.index, name="quota_index"),
    path("quotas/by-hand/<str:public_id>/", quotas.decide, name="quota_decide"),
    path("quotas/<str:track>/<str:code>/", quotas.unit, name="quota_unit"),
    path("quotas/<str:track>/<str:code>/propose/", quotas.propose, name="quota_propose"),
    path("quotas/<str:track>/<str:code>/fact/", quotas.record, name="quota_fact"),
    path("lists/", lists.index, name="list_index"),
    path("lists/open/", lists.open_list, name="list_open"),
    path("lists/<str:public_id>/", lists.detail, name="list_detail"),
    path("lists/<str:public_id>/add/", lists.add, name="list_add"),
    path("lists/<str:public_id>/move/", lists.move, name="list_move"),
    path("lists/<str:public_id>/remove/", lists.remove, name="list_remove"),
    path("lists/<str:public_id>/undo/", lists.undo, name="list_undo"),
    path("lists/<str:public_id>/suggest/", lists.suggest, name="list_suggest"),
    path("lists/<str:public_id>/preview/", lists.preview, name="list_preview"),
    path("lists/<str:public_id>/freeze/", sealing.freeze, name="list_freeze"),
    path("lists/<str:public_id>/unfreeze/", sealing.unfreeze, name="list_unfreeze"),
    path("lists/<str:public_id>/seal/", sealing.seal, name="list_seal"),
    path("lists/<str:public_id>/supersede/", sealing.supersede, name="list_supersede"),
    path("lists/<str:public_id>/manifest.json", documents.manifest, name="list_manifest"),
    path("lists/<str:public_id>/jobs/<str:name>/", documents.job, name="list_document_job"),
    path("lists/<str:public_id>/<str:name>", documents.document, name="list_document"),
    path("packets/", packets.index, name="packet_list"),
    path("packets/order/", packets.order, name="packet_order"),
    path("packets/<str:public_id>/", packets.detail, name="packet_detail"),
    path("packets/<str:public_id>/job/", packets.job, name="packet_job"),
    path("packets/<str:public_id>/cancel/", packets.cancel, name="packet_cancel"),
    path("packets/<str:public_id>/retry/", packets.retry, name="packet_retry"),
    path("packets/<str:public_id>/packet.pdf", packets.download, name="packet_download"),
    path("verify/", verify.index, name="verify"),
    path("verify/<str:code>/", verify.code, name="verify_code"),
]
