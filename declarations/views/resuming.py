"""Sending a file in parts, for pages with scripts: begin, parts, finish; each answers in JSON."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.urls import reverse
from django.views.decorators.http import require_POST

from declarations import content, uploading
from declarations.content import Field
from declarations.models import Declaration, LateChangeError, ScenarioInstance, Upload
from declarations.views.common import DESK, WRITERS, own_declaration
from declarations.views.uploads import told
from declarations.vocabulary import Kind
from smartfactory.access import roles
from smartfactory.files import BadFile


@require_POST
@roles(*WRITERS)
def declaration_uploads(request: HttpRequest, public_id: str) -> JsonResponse:
    """Begin, or find what was begun: where the next part has to start, and where parts go."""
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    sent = request.POST
    field, instance = _place(declaration, sent.get("section", ""), sent.get("field", ""), sent.get("uid", ""))
    try:
        name, size = sent.get("name", ""), _integer(sent.get("size"))
        found = uploading.begin(declaration, field, instance, name, size, actor=request.user)
    except (BadFile, LateChangeError) as error:
        return _refused(error)
    args = [public_id, found.public_id]
    return JsonResponse(
        {
            "offset": found.received,
            "part": reverse("declaration_upload_part", args=args),
            "finish": reverse("declaration_upload_finish", args=args),
        }
    )


@require_POST
@roles(*WRITERS)
def declaration_upload_part(request: HttpRequest, public_id: str, upload_id: str) -> JsonResponse:
    upload = _upload(request, public_id, upload_id)
    try:
        return JsonResponse({"offset": uploading.append(upload, _integer(request.GET.get("offset")), _bytes(request))})
    except uploading.WrongOffset as error:
        return JsonResponse({"offset": error.received}, status=409)
    except BadFile as error:
        return _refused(error)


def _bytes(request: HttpRequest) -> bytes:
    """The part as it came; nothing where a form was sent instead, or the line was cut within it."""
    try:
        return request.body
    except (RawPostDataException, UnreadablePostError):
        return b""


@require_POST
@roles(*WRITERS)
def declaration_upload_finish(request: HttpRequest, public_id: str, upload_id: str) -> JsonResponse:
    upload = _upload(request, public_id, upload_id)
    uid = upload.instance.uid if upload.instance else ""
    field, _ = _place(upload.declaration, upload.section, upload.field, uid)
    try:
        made = uploading.finish(upload, field, request.POST.get("sha256", ""), actor=request.user)
    except uploading.WrongOffset as error:
        return JsonResponse({"offset": error.received}, status=409)
    except (BadFile, LateChangeError) as error:
        return _refused(error, f"{field.label}：“{upload.name}”没有上传。")
    return JsonResponse({"message": told(made)})


def _upload(request: HttpRequest, public_id: str, upload_id: str) -> Upload:
    """The person's own upload to this declaration, or 404."""
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    found = Upload.objects.select_related("instance").filter(
        owner=request.user, declaration=declaration, public_id=upload_id
    )
    upload = found.first()
    if upload is None:
        raise Http404
    upload.declaration = declaration
    return upload


def _place(declaration: Declaration, part: str, key: str, uid: str) -> tuple[Field, ScenarioInstance | None]:
    """The question a file is meant for, or 404."""
    section = content.describe(declaration.track).by_key.get(part)
    instance = ScenarioInstance.objects.filter(declaration=declaration, uid=uid).first() if uid else None
    if section is None or (uid and instance is None):
        raise Http404
    field = (section.instance_by_key if uid else section.by_key).get(key)
    if field is None or field.kind != Kind.FILES:
        raise Http404
    return field, instance


def _refused(error: Exception, before: str = "") -> JsonResponse:
    words = f"申报书现在是“{error}”，没有上传" if isinstance(error, LateChangeError) else str(error)
    return JsonResponse({"message": f"{before}{words}"}, status=422)


def _integer(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else 0
