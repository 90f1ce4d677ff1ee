"""The views to compare with, behind the same middleware.

One does nothing, one repeats another page's statements word for word, one asks and writes what autosave does with the
same means and leaves out everything else.
"""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from declarations.models import SectionContent
from declarations.views.common import DESK, WRITERS, own_declaration

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@csrf_exempt
def replay(request: HttpRequest, name: str) -> HttpResponse:
    """Send the recorded statements as they were; those that write run in one transaction, as they did."""
    statements, length = recorded(name)
    if request.method == "POST":
        with transaction.atomic():
            send(statements)
    else:
        send(statements)
    return HttpResponse("x" * length)


@csrf_exempt
def by_hand(request: HttpRequest, public_id: str, key: str) -> JsonResponse:
    """Autosave's reads, prepared as its own are, and its write: no checks, no merging, no log of who changed what."""
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    with transaction.atomic():
        contents = SectionContent.objects.select_for_update().select_related("declaration")
        row = contents.get(declaration=declaration, key=key)
        data = {**row.data, "summary": request.POST["summary"]}
        SectionContent.objects.filter(pk=row.pk, version=row.version).write(
            data=data, changed=row.changed, version=row.version, updated_by=request.user, updated_at=timezone.now()
        )
    return JsonResponse({"version": row.version})


def send(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()


def record(name: str, queries: list[dict], length: int) -> None:
    """Keep a page's statements for `replay`, in a file that all server processes read."""
    statements = [query["sql"] for query in queries if not query["sql"].startswith(CONTROL)]
    (settings.VAR / f"replay-{name}.json").write_text(json.dumps([statements, length]), encoding="utf-8")


@cache
def recorded(name: str) -> tuple[list[str], int]:
    statements, length = json.loads((settings.VAR / f"replay-{name}.json").read_text(encoding="utf-8"))
    return statements, length
