"""How an enterprise of the demonstration fills in its declaration and files it: through the services, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarations import content, instances, services
from declarations.deadlines import server_time
from declarations.models import Declaration, SectionContent
from recommendations.demo import book, papers
from recommendations.demo.writing import Writer
from smartfactory.models import Role

if TYPE_CHECKING:
    from declarations.models import Track
    from recommendations.demo.book import Firm
    from recommendations.demo.staff import Staff
    from smartfactory.models import Enterprise, User


def draft(
    firm: Firm, enterprise: Enterprise, track: Track, staff: Staff, *, open_fields: dict | None = None
) -> Declaration:
    """A declaration with everything answered, except what `open_fields` leaves to be done."""
    actor = staff.at(Role.PREPARER, enterprise)
    writer = Writer(firm, content.describe(track))
    declaration = services.start(enterprise=enterprise, track=track, actor=actor)
    answers = writer.answers()
    for key, left in (open_fields or {}).items():
        _leave_open(answers[key], left)
    for key, values in answers.items():
        services.save_section(declaration, key, values, version=1, actor=actor)
    _write_instances(declaration, writer.instances(), actor)
    papers.attach_required(declaration, actor)
    return Declaration.objects.get(pk=declaration.pk)


def _leave_open(values: dict, left: dict) -> None:
    """Forget some answers; of a table by number, some rows."""
    for name, rows in left.items():
        if rows is True:
            values.pop(name)
        else:
            values[name] = {key: row for key, row in values[name].items() if key not in rows}


def _write_instances(declaration: Declaration, typed: list[dict], actor: User) -> None:
    section = content.describe(declaration.track).instance_section
    version = SectionContent.objects.get(declaration=declaration, key=section.key).version
    for place, values in enumerate(typed):
        row = instances.add(declaration, version=version + place, actor=actor)
        services.save_instance(declaration, row.uid, values, version=row.version, actor=actor)


def submit(declaration: Declaration, staff: Staff) -> Declaration:
    """The signatory confirms every commitment and files it."""
    signatory = staff.at(Role.SIGNATORY, declaration.enterprise)
    promises = [one.key for one in content.describe(declaration.track).promises]
    services.submit(
        declaration,
        actor=signatory,
        version=declaration.version,
        promises=promises,
        key=f"demo-{declaration.public_id}-{declaration.version}",
        received_at=server_time(),
    )
    return Declaration.objects.get(pk=declaration.pk)


def correct(declaration: Declaration, staff: Staff) -> Declaration:
    """Do what was asked for in a return, field by field, and file again."""
    actor = staff.at(Role.PREPARER, declaration.enterprise)
    for key, words in book.world()["corrections"].items():
        row = SectionContent.objects.get(declaration=declaration, key=key)
        values = {name: f"{row.data[name]}\n{addition}" for name, addition in words.items()}
        services.save_section(declaration, key, values, version=row.version, actor=actor)
    return submit(declaration, staff)
