"""What pages show of a declaration, gathered once per request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from declarations import asked, checks, content, deadlines, returning
from declarations.content.completeness import DONE, EMPTY, FIX, Progress, required_answers
from declarations.reuse.contradictions import contradictions
from smartfactory.access import scope
from smartfactory.models import Role
from smartfactory.problems import Problem, errors, warnings

if TYPE_CHECKING:
    from declarations.models import Deadline, Declaration, ReturnItem
    from smartfactory.models import User

STEPS = (
    ("填写", ("draft", "returned")),
    ("提交", ("submitted",)),
    ("审核", ("in_review",)),
    ("推荐", ("qualified", "recommended", "rejected", "reserved")),
)


class Workspace:
    """A declaration as the enterprise's pages need it; every part is read when first asked for."""

    def __init__(self, declaration: Declaration, user: User) -> None:
        self.declaration, self.user = declaration, user

    @cached_property
    def description(self) -> content.Description:
        return content.describe(self.declaration.track)

    @cached_property
    def payload(self) -> dict[str, Any]:
        return content.payload(self.declaration, self.stored)

    @cached_property
    def stored(self) -> content.Stored:
        return content.stored(self.declaration)

    @property
    def contents(self) -> dict[str, Any]:
        return {one.key: one for one in self.stored.contents}

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything wrong, each with the address of the field that mends it."""
        return [self.linked(one) for one in checks.run(self.payload, self.description)]

    @property
    def errors(self) -> list[Problem]:
        return errors(self.problems)

    @cached_property
    def warnings(self) -> list[Problem]:
        """What to look at before filing, last year's declaration included."""
        return [*warnings(self.problems), *map(self.linked, contradictions(self.declaration, self.payload))]

    @cached_property
    def by_key(self) -> dict[str, list[Problem]]:
        """Errors by the key of the answer they stand at."""
        found: dict[str, list[Problem]] = {}
        for one in self.errors:
            found.setdefault(f"{one.section}.{one.field}", []).append(one)
        return found

    def linked(self, problem: Problem) -> Problem:
        return replace(problem, fix_url=self.url(problem.section, problem.field, problem.cell))

    def url(self, section: str, field: str = "", cell: str = "") -> str:
        """The page of a field (its part's, or its instance's), at the field or at one of its cells."""
        uid, _, key = field.rpartition(".")
        if uid and uid in self.places:
            address = reverse("declaration_instance", args=[self.declaration.public_id, self.places[uid]])
        elif section in self.description.by_key:
            address = reverse("declaration_section", args=[self.declaration.public_id, section])
        else:
            return reverse("declaration_detail", args=[self.declaration.public_id])
        place = f"id_{cell}" if cell else f"div_id_{key}"
        return f"{address}?checked=1#{place}" if key else address

    @cached_property
    def instances(self) -> list[dict[str, Any]]:
        section = self.description.instance_section
        holders = [one.key for one in section.fields if one.kind == "instances"] if section else []
        return self.payload["sections"][section.key][holders[0]] if holders else []

    @cached_property
    def places(self) -> dict[str, int]:
        return {one["uid"]: place for place, one in enumerate(self.instances, 1)}

    @cached_property
    def progress(self) -> list[Progress]:
        return content.completeness(
            self.payload, self.description, checks.by_section(self.problems), checks.missing(self.problems)
        )

    @property
    def complete(self) -> bool:
        return not self.errors

    @cached_property
    def instance_marks(self) -> list[dict[str, Any]]:
        """The instances for the rail and the list: place, name, and how each stands."""
        section = self.description.instance_section
        blank: dict[str, int] = {}
        for key, missing in required_answers(self.payload, section) if section else ():
            uid = key.partition(".")[0]
            blank[uid] = blank.get(uid, 0) + missing
        wrong = self._wrong_by_instance()
        return [
            {
                "uid": one["uid"],
                "place": place,
                "name": one.get("name") or "（未命名）",
                "where": "—".join(filter(None, (one.get("segment_name"), one.get("scenario")))),
                "wrong": wrong.get(one["uid"], 0),
                "missing": blank.get(one["uid"], 0),
                "uses_ai": one.get("uses_ai"),
            }
            for place, one in enumerate(self.instances, 1)
        ]

    @property
    def spread(self) -> dict[str, Any]:
        """How the scenarios lie over the areas, and how many use AI: what the conditions will be held against."""
        areas = {one.area: one.area_name for one in self.description.segments.values() if one.area}
        count = {code: sum(one.get("area") == code for one in self.instances) for code in areas}
        smart = sum(one.get("uses_ai") is True for one in self.instances)
        return {
            "areas": [{"name": areas[code], "count": count[code]} for code in areas],
            "covered": sum(map(bool, count.values())),
            "smart": smart,
            "share": content.ai_share(self.instances),
        }

    def _wrong_by_instance(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for problem in self.errors:
            uid = problem.field.partition(".")[0]
            if uid in self.places and not problem.message.startswith(checks.fields.MISSING):
                found[uid] = found.get(uid, 0) + 1
        return found

    @cached_property
    def deadline(self) -> Deadline | None:
        return deadlines.for_declaration(self.declaration)

    @property
    def deadline_title(self) -> str:
        return deadlines.title(self.declaration)

    @cached_property
    def later(self) -> Deadline | None:
        """What comes after the enterprise's own deadline."""
        return deadlines.resolve(self.declaration.track, "recommender", self.declaration.receiver)

    @cached_property
    def returns(self) -> list[ReturnItem]:
        return list(returning.open_items(self.declaration))

    def returns_for(self, section: str, uid: str = "") -> dict[str, list[ReturnItem]]:
        """The items of the latest return about one part or one instance, by field."""
        found: dict[str, list[ReturnItem]] = {}
        for item in self.returns:
            owner, _, key = item.field.rpartition(".")
            if item.section == section and owner == uid:
                found.setdefault(key, []).append(item)
        return found

    @property
    def return_links(self) -> list[dict[str, Any]]:
        """Each item of the return with the address of the answer it asks to have corrected."""
        return [{"item": one, "url": self.url(one.section, one.field)} for one in self.returns]

    @cached_property
    def unanswered(self) -> list[ReturnItem]:
        """The items of the return whose answer still reads as it was filed."""
        if not self.declaration.unlocked or not self.returns:
            return []
        # A correction that was handed in and taken back again is an answer already: what was judged is held against.
        filed = self.returns[0].revision.content
        return asked.unanswered(self.returns, filed, self.payload, self.description)

    @property
    def unanswered_links(self) -> list[dict[str, Any]]:
        return [one for one in self.return_links if one["item"] in self.unanswered]

    @cached_property
    def asked(self) -> dict[str, int]:
        """By part, how many answers a return asks for that still read as they were filed."""
        return dict(Counter(one.section for one in self.unanswered))

    @property
    def roles(self) -> frozenset[str]:
        return scope(self.user).enterprises.get(self.declaration.enterprise_id, frozenset())

    @property
    def may_edit(self) -> bool:
        return self.declaration.editable and bool(self.roles & {Role.PREPARER, Role.SIGNATORY})

    @property
    def may_sign(self) -> bool:
        return Role.SIGNATORY in self.roles

    @cached_property
    def signatories(self) -> str:
        """Who may submit, by name: whom a preparer has to ask."""
        rows = self.declaration.enterprise.memberships.filter(role=Role.SIGNATORY, is_active=True).select_related(
            "user"
        )
        return "、".join(one.user.display for one in rows)

    @cached_property
    def people(self) -> list[dict[str, Any]]:
        """Who wrote last in which part."""
        rows = [one for one in self.contents.values() if one.updated_by]
        titles = self.description.by_key
        return [
            {"by": one.updated_by.display, "at": one.updated_at, "part": f"第{titles[one.key].number}部分"}
            for one in sorted(rows, key=lambda one: one.updated_at, reverse=True)
        ]

    @property
    def next_step(self) -> dict[str, str]:
        return next_step(self)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The four stages; the present one is marked, earlier ones are done."""
        at = next(place for place, (_, states) in enumerate(STEPS) if self.declaration.status in states)
        return [{"label": label, "done": place < at, "now": place == at} for place, (label, _) in enumerate(STEPS)]


def next_step(space: Workspace) -> dict[str, str]:
    """The single next thing to do, why, and where."""
    if not space.declaration.editable:
        return {}
    if same := space.unanswered:
        first = same[0]
        url = space.url(first.section, first.field)
        return _step(f"按退回意见改正 {len(same)} 处", first.message, "去改正", url)
    wrong = [one for one in space.errors if not one.message.startswith(checks.fields.MISSING)]
    if wrong:
        return _step(f"改正 {len(wrong)} 处问题", f"{wrong[0].message}。", "去改正", wrong[0].fix_url)
    for one in space.progress:
        if one.state != DONE:
            words = "还没有开始" if one.state == EMPTY else f"必填还差 {one.total - one.done} 项"
            return _step(
                f"填写{one.section.title}",
                f"第{one.section.number}部分{words}。",
                "继续填写",
                space.url(one.section.key),
            )
    if space.errors:
        return _step("改正最后几处", space.errors[0].message, "去改正", space.errors[0].fix_url)
    check = reverse("declaration_check", args=[space.declaration.public_id])
    if space.may_sign:
        return _step("核对全部内容并提交", "四部分都已填完，没有要改正的地方。", "核对内容", check)
    return _step(
        "请企业负责人核对并提交",
        f"四部分都已填完。只有企业负责人可以提交：{space.signatories or '还没有设置'}。",
        "核对内容",
        check,
    )


def _step(title: str, text: str, act: str, url: str) -> dict[str, str]:
    return {"title": title, "text": text, "act": act, "url": url}


def grouped(rows: Iterable[content.Row]) -> list[dict[str, Any]]:
    """Rows by part and by group within it, for pages and for the printed document alike."""
    parts: list[dict[str, Any]] = []
    for row in rows:
        if not parts or parts[-1]["key"] != row.section:
            parts.append({"key": row.section, "groups": []})
        groups = parts[-1]["groups"]
        if not groups or groups[-1]["title"] != row.group:
            groups.append({"title": row.group, "rows": [], "instance": row.instance})
        groups[-1]["rows"].append(row)
    return parts


__all__ = ["DONE", "FIX", "Workspace", "grouped", "next_step"]
