"""Officials of one desk at the same declaration, the same view, the same visit, at the same moment."""

import pytest
from django.db.models import F

from declarations.models import Track
from recommendations.models import BulkRow, Duty, OnsiteFinding, OnsiteItem, Outcome, SavedView
from recommendations.onsite import service as onsite
from recommendations.queue import bulk, duties, filters, saved
from smartfactory import jobs
from smartfactory.models import AuditEntry
from smartfactory.workflow import StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration
from tests.support.together import together

pytestmark = pytest.mark.race
COUNT = 4


@pytest.fixture
def officials(province):
    return [province.official, *(make.colleague(province) for _ in range(COUNT - 1))]


def taking(declaration, officials):
    return [lambda one=one: duties.give(declaration, one.pk, version=1, actor=one) for one in officials]


def test_one_of_several_who_take_a_declaration_has_it(officials):
    declaration = make_declaration(status="submitted")
    results = together(*taking(declaration, officials))
    assert sum(isinstance(one, StaleState) for one in results) == COUNT - 1
    duty = Duty.objects.get()
    assert duty.version == 2
    assert duty.user_id in [one.pk for one in officials]
    assert AuditEntry.objects.filter(act="duty.give").count() == 1


def test_without_the_version_everybody_would_believe_to_have_it(officials, monkeypatch):
    """The control: what the test above would miss if it could not fail."""

    def anyhow(duty, user_id, version, actor):
        Duty.objects.filter(pk=duty.pk).update(user_id=user_id, version=F("version") + 1)

    monkeypatch.setattr(duties, "_move", anyhow)
    declaration = make_declaration(status="submitted")
    results = together(*taking(declaration, officials))
    assert not any(isinstance(one, Exception) for one in results)
    assert AuditEntry.objects.filter(act="duty.give").count() > 1


def test_one_of_two_defaults_remains(province):
    views = [
        saved.keep(filters.Query(q=str(place)), f"视图 {place}", actor=province.official) for place in range(COUNT)
    ]
    together(*[lambda one=one: saved.make_default(one, True, version=1, actor=province.official) for one in views])
    assert SavedView.objects.filter(is_default=True).count() == 1


def test_two_workers_at_the_same_run_do_each_row_once(province):
    first = make_declaration(status="submitted")
    rows = [first, *make.copies(first, 3)]
    plan = bulk.plan(
        bulk.chosen(province.official, [one.public_id for one in rows]), "take_up", None, actor=province.official
    )
    run = bulk.start(
        plan, {one.declaration.public_id: one.seen for one in plan.lines}, "a" * 32, actor=province.official
    )

    def work():
        for row in BulkRow.objects.filter(run=run).select_related("declaration"):
            bulk._one(row, run)

    together(work, work, lambda: jobs.run(run.job_id))
    assert set(BulkRow.objects.values_list("outcome", flat=True)) == {Outcome.DONE}
    for one in rows:
        taken = AuditEntry.objects.filter(act="declaration.take_up", subject=f"declarations.declaration:{one.pk}")
        assert taken.filter(outcome="ok").count() == 1


def test_two_who_write_about_one_item_do_not_overwrite_each_other(officials):
    make_declaration(status="in_review")
    actor = officials[0]
    draw = onsite.draw(Track.objects.get(code="2024-excellence"), seed="x", reason="", actor=actor)
    visit, item = draw.visits.get(), OnsiteItem.objects.filter(track=draw.track).first()
    onsite.send(visit, [one.pk for one in officials], version=1, actor=actor)
    results = together(
        *[
            lambda one=one: onsite.note(visit, item, verdict="issue", words=one.display, version=1, actor=one)
            for one in officials
        ]
    )
    assert sum(isinstance(one, StaleState) for one in results) == COUNT - 1
    finding = OnsiteFinding.objects.get()
    assert finding.version == 2
    assert finding.words == finding.by.display
