"""The officials' queue at 1,000 and at 40,000 declarations, page by page, in one process.

Side by side with each page: how many questions it asks the database, which must not grow, and the first page of the
same rows without filters, counts, whose turn and what is late, fetched by hand.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING

from bench.rows import Row, compared

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import User

SIZES = (1_000, 40_000)
ROUNDS = 5
BATCH = 2_000
PROVINCE, CITIES = "990000", 12
PAGES = {
    "要办的": "/reviews/?status=",
    "全部，按名称": "/reviews/?status=all&sort=name",
    "超过期限的": "/reviews/?wait=late",
    "一个行业": "/reviews/?status=all&industry=3670",
    "查找名称": "/reviews/?status=all&q=00017",
    "首页": "/",
}
STATUSES = ("submitted", "in_review", "returned", "qualified", "submitted", "rejected")
INDUSTRIES = ("3670", "1310", "2641", "3061", "3922", "2720", "1751", "3482")


def run() -> list[Row]:
    from tests.factories import recommendations as make

    official = make.make_desk(PROVINCE).official
    first = seed()
    found: dict[int, dict[str, tuple[float, int]]] = {}
    present = 1
    for size in SIZES:
        grow(first, size - present)
        present = size
        settle()
        found[size] = measure(official)
    return table(found)


def seed() -> Declaration:
    """One declaration that was filed in earnest; the others carry its revision under other names."""
    from tests.factories.declarations import make_declaration

    return make_declaration(status="submitted")


def grow(first: Declaration, count: int) -> None:
    """Insert so many declarations of so many enterprises in twelve cities."""
    from smartfactory.models import Authority
    from tests.factories.organisations import make_authority

    province = Authority.objects.get(code=PROVINCE)
    cities = [make_authority(f"9911{number:02d}", parent=province) for number in range(CITIES)]
    for start in range(0, count, BATCH):
        _insert(first, cities, min(BATCH, count - start))


def _insert(first: Declaration, cities: list, count: int) -> None:
    from datetime import timedelta

    from declarations.models import Declaration
    from smartfactory.models import Enterprise
    from tests.factories.organisations import make_credit_code

    base, wheel = Enterprise.objects.count(), cycle(zip(cycle(STATUSES), cycle(INDUSTRIES)))
    firms = Enterprise.objects.bulk_create(
        Enterprise(name=f"测量企业 {base + n:05d} 有限公司", credit_code=make_credit_code(10**6 + base + n),
                   authority=cities[n % len(cities)], is_demo=True)
        for n in range(count)
    )  # fmt: skip
    Declaration.objects.bulk_create(
        Declaration(
            enterprise=firm, track_id=first.track_id, number=f"{first.number}-{base + n}", title=f"第 {base + n} 号工厂",
            status=status, status_at=first.submitted_at + timedelta(seconds=n), created_by_id=first.created_by_id,
            submitted_at=first.submitted_at + timedelta(seconds=base + n), latest_revision_id=first.latest_revision_id,
            industry=industry, findings=n % 3,
        )
        for n, (firm, (status, industry)) in enumerate(zip(firms, wheel, strict=False))
    )  # fmt: skip


def settle() -> None:
    """What a database does by itself some time after so many rows came in."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(official: User) -> dict[str, tuple[float, int]]:
    """Page → (milliseconds, questions); and the bare first page."""
    from django.test import Client

    client = Client()
    client.force_login(official)
    fetch = {name: (lambda address=address: client.get(address, secure=True)) for name, address in PAGES.items()}
    return {name: timed(do) for name, do in {**fetch, "bare": lambda: bare(official)}.items()}


def timed(do: Callable[[], object]) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    do()
    with CaptureQueriesContext(connection) as asked:
        answer = do()
    count = len(asked)
    assert getattr(answer, "status_code", 200) == 200, answer
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        do()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), count


def bare(official: User) -> list[Declaration]:
    from recommendations.queue.page import visible

    rows = visible(official).select_related("enterprise__authority", "enterprise__soe", "track")
    return list(rows.order_by("submitted_at", "pk")[:30])


def table(found: dict[int, dict[str, tuple[float, int]]]) -> list[Row]:
    small, large = (found[size] for size in SIZES)
    rows = []
    for name in PAGES:
        (few, asked), (many, asked_then) = small[name], large[name]
        rows.append(Row(f"{name}，{SIZES[0]} 份", few, "ms"))
        rows.append(compared(f"{name}，{SIZES[1]} 份", many, "ms", few, f"{SIZES[0]} 份"))
        rows.append(compared(f"{name}，问数据库的次数", asked_then, "次", asked, f"{SIZES[0]} 份"))
    rows.append(compared("要办的，对着只取第一页", large["要办的"][0], "ms", large["bare"][0], "只取第一页"))
    return rows
