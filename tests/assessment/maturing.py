"""Rounds of pre-assessment for the tests: the worked examples posted page by page."""

import json
from decimal import Decimal
from pathlib import Path

from django.urls import reverse

from assessment.maturing import service
from assessment.models import MaturityAttempt, MaturityStandard, SubdomainAnswers
from smartfactory import workflow

DATA = Path(__file__).parent / "data"


def standard():
    return MaturityStandard.objects.get(active=True)


def example(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)


def address(name, attempt, *more):
    return reverse(f"maturity_{name}", args=[attempt.public_id, *more])


def fields(attempt, code, marks=None, **more):
    """What the page of a sub-domain posts. `marks` maps "level.position" to a mark."""
    row = SubdomainAnswers.objects.get(attempt=attempt, code=code)
    return {"version": row.version} | {f"mark-{key}": mark for key, mark in (marks or {}).items()} | more


def marks_of(levels, *, leave=()):
    """The marks of an example's sub-domain as a page names them."""
    return {
        f"{level}.{place}": str(mark)
        for level, marks in levels.items()
        if level not in leave
        for place, mark in enumerate(marks, 1)
    }


def post_example(client, attempt, name):
    """Answer everything the example answers, one page after the other; cut what it cuts."""
    given = example(name)["scores"]
    for code, levels in given["scores"].items():
        more = {"cut": "1", "cut_reason": "本厂没有这项业务"} if code in given.get("cut", []) else {}
        answer = client.post(address("part", attempt, code), fields(attempt, code, marks_of(levels), **more))
        assert answer.status_code == 302, (code, answer.content.decode()[:500])
    attempt.refresh_from_db()


def all_answered(attempt, person, mark="1", level_marks=None):
    """Answer every requirement the same, quickly; `level_marks` sets single levels apart."""
    book = service.judged(attempt).book
    for row in attempt.answers.all():
        marks = {one.key: (level_marks or {}).get(one.level, mark) for one in book.requirements[row.code]}
        SubdomainAnswers.objects.filter(pk=row.pk).update(marks=marks)
    return MaturityAttempt.objects.get(pk=attempt.pk)


def finished(enterprise, person, *, kind="discrete", mark="1", level_marks=None, factory=""):
    attempt = service.start(enterprise, standard(), kind, person, factory=factory)
    attempt = all_answered(attempt, person, mark, level_marks)
    return workflow.fire(attempt, "finish", actor=person, version=attempt.version)
