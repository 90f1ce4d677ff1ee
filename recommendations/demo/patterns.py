"""Declarations to be copied: filled in once through the services, then repeated under other names."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from declarations import content
from declarations.models import Declaration, ScenarioInstance, SectionContent
from recommendations.demo import book, filing
from smartfactory.canonical import canonical_json

if TYPE_CHECKING:
    from declarations.models import Track
    from recommendations.demo.staff import Staff
    from smartfactory.models import Enterprise


@dataclass(frozen=True)
class Pattern:
    """The rows of a draft and the payload made of them."""

    title: str
    sections: dict[str, dict]
    instances: tuple[ScenarioInstance, ...]
    payload: str

    def contents(self, declaration: Declaration) -> list[SectionContent]:
        return [SectionContent(declaration=declaration, key=key, data=data) for key, data in self.sections.items()]

    def scenes(self, declaration: Declaration) -> list[ScenarioInstance]:
        """The same instances with the same names: what a payload says of them stays true."""
        return [
            ScenarioInstance(declaration=declaration, uid=one.uid, position=one.position, data=one.data)
            for one in self.instances
        ]

    def filed(self, declaration: Declaration, *, signatory: str, received_at: str) -> str:
        """The canonical text of a first revision of `declaration`."""
        payload: dict[str, Any] = json.loads(self.payload)
        enterprise = declaration.enterprise
        names = {"name": enterprise.name, "credit_code": enterprise.credit_code}
        payload["declaration"] = {"number": declaration.number, "id": declaration.public_id}
        payload["enterprise"] = names
        for section in payload["sections"].values():
            section |= {key: value for key, value in names.items() if key in section}
        promises = content.describe(declaration.track).promises
        payload |= {"revision": 1, "received_at": received_at, "submitted_by": signatory}
        payload["commitments"] = [{"key": one.key, "text": one.text, "clause": one.clause} for one in promises]
        return content.canonical(payload)


def take(enterprise: Enterprise, track: Track, factory: str, staff: Staff) -> Pattern:
    """Fill in a draft for `enterprise` with the content of a factory template, and keep it as a pattern."""
    model = next(one for one in book.firms() if one.factory == factory)
    firm = replace(model, slug=f"pattern-{factory}", name=enterprise.name, short=enterprise.name[:6])
    declaration = filing.draft(firm, enterprise, track, staff)
    return Pattern(
        title=declaration.title,
        sections={one.key: one.data for one in declaration.contents.all()},
        instances=tuple(declaration.instances.all()),
        payload=canonical_json(content.payload(declaration)),
    )
