"""The two views to compare with, behind the same middleware: one does nothing, one repeats another page's queries."""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

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
