"""What an enterprise would type into its declaration: a factory template put into its own figures and names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from declarations.content import Description
from recommendations.demo import book, indicators
from recommendations.demo.book import Firm
from recommendations.demo.figures import Dice, change, like

Answers = dict[str, dict[str, Any]]
PARTS = ("痛点", "方案", "路径", "成效")


class Writer:
    """The answers of one enterprise on one track; the same enterprise writes the same text on every run."""

    def __init__(self, firm: Firm, description: Description) -> None:
        self.firm = firm
        self.description = description
        self.template = firm.template
        self.common = book.read("common")
        self.years = self.common["years"].get(description.edition) or self.common["years"]["2024"]
        self.dice = Dice(f"{firm.slug} {description.track}", still=firm == book.flagship())
        self.staff = [int(self.dice.number(one, 0.2)) for one in self.template["staff"]]
        self.revenues = self._revenues()
        self.all_scenes = [self._scene(one) for one in self.template["scenarios"]]
        self.scenes = self._chosen()
        self.words = self._words()

    def _revenues(self) -> list[Decimal]:
        last = self.dice.number(self.template["revenue"], 0.25)
        first, second = (Decimal(str(one)) for one in self.template["growth"])
        middle = like(1, last / (1 + second))
        return [like(1, middle / (1 + first)), middle, last]

    def _words(self) -> dict[str, Any]:
        firm = self.firm
        place = {"city": self.common["cities"][firm.city], "name": firm.name, "short": firm.short, "title": firm.title}
        amount = {"revenue": f"{self.revenues[-1]:,}", "people": self.staff[0], "smart": self.staff[2]}
        figures = {one["id"]: one["figures"] for one in self.all_scenes}
        return {**self.common["words"], **place, **amount, **figures}

    def _chosen(self) -> list[dict[str, Any]]:
        """A pioneer shows what uses AI and whatever else covers the areas; the others leave one scenario out."""
        rows = self.all_scenes
        if self.firm == book.flagship():
            return rows
        if self.description.tier == "PIONEER":
            return self._mostly_ai(rows)
        spare = [one for one in rows if one.get("spare")]
        left_out = self.dice.pick(spare) if spare else None
        return [one for one in rows if one is not left_out]

    def _mostly_ai(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        chosen = [one for one in rows if one.get("ai")]
        areas = {self._area(one) for one in chosen}
        for one in rows:
            if self._area(one) not in areas:
                areas.add(self._area(one))
                chosen.append(one)
        return [one for one in rows if one in chosen]

    def _segment(self, scene: dict[str, Any]) -> str:
        """The segment in the catalogue of this edition; later editions have fewer and wider ones."""
        segments = self.description.segments
        wanted = self.common["segments"].get(self.description.edition, {}).get(scene["segment"], scene["segment"])
        return wanted if wanted in segments else next(iter(segments))

    def _area(self, scene: dict[str, Any]) -> str:
        return self.description.segments[self._segment(scene)].area

    def _scene(self, scene: dict[str, Any]) -> dict[str, Any]:
        """A scenario with this enterprise's own before and after."""
        rows, figures = [], {}
        for place, (name, unit, before, after) in enumerate(scene["results"], 1):
            first, last = self.dice.pair(before, after, percent=unit == "%")
            rows.append({"name": name, "unit": unit, "before": str(first), "after": str(last)})
            figures |= {f"b{place}": first, f"a{place}": last, f"d{place}": change(first, last)}
        return {**scene, "rows": rows, "figures": figures}

    def instances(self) -> list[dict[str, Any]]:
        return [self._instance(one) for one in self.scenes]

    def _instance(self, scene: dict[str, Any]) -> dict[str, Any]:
        words = {**self.words, **scene["figures"]}
        parts = (
            f"{title}：{scene[key].strip()}"
            for title, key in zip(PARTS, ("pain", "way", "path", "effect"), strict=True)
        )
        return {
            "segment": self._segment(scene),
            "scenario": scene["scenario"],
            "name": scene["name"].format_map(words),
            "description": "\n".join(parts).format_map(words),
            "results": scene["rows"],
            "uses_ai": "yes" if scene.get("ai") else "no",
            "ai_kinds": scene.get("ai", []),
            "models": str(scene.get("models", 0)),
            "replicable": scene.get("replicable", "").format_map(words),
            "secret": "none",
        }

    def answers(self) -> Answers:
        """Section → field → what is typed; only fields this track's form has."""
        typed = self.common["answers"] | self._texts() | self._tables() | self._registration() | self._money()
        typed |= self._history() | {"indicators": indicators.of(self)}
        return {
            section.key: {one.key: typed[one.key] for one in section.fields if one.stored and one.key in typed}
            for section in self.description.sections
        }

    def _texts(self) -> dict[str, str]:
        return {key: words.strip().format_map(self.words) for key, words in self.template["texts"].items()}

    def _tables(self) -> dict[str, list]:
        found = {}
        for key in ("equipment", "software", "interfaces", "integrators", "honours", "replicated", "solutions"):
            columns = self.common["columns"][key]
            found[key] = [
                {name: str(cell).format_map(self.words) for name, cell in zip(columns, row, strict=True)}
                for row in self.template.get(key, [])
            ]
        found["milestones"] = [{"year": str(year), "goal": goal} for year, goal in self.template["milestones"]]
        return found

    def _registration(self) -> dict[str, str]:
        firm, people = self.firm, self.common["surnames"]
        first, second = people[firm.number % len(people)], people[(firm.number * 7 + 3) % len(people)]
        year = 2001 + firm.number * 7 % 15
        return {
            "founded": f"{year}-{firm.number * 5 % 12 + 1:02d}-{firm.number * 11 % 27 + 1:02d}",
            "factory_address": f"云泽省演示产业园 {firm.number} 号",
            "project_name": firm.title,
            "factory_name": f"{firm.short}{self.template.get('works', '智能工厂')}",
            "nature": "central" if firm.soe else self.template.get("nature", "private"),
            "soe_group": self.common["groups"].get(firm.soe, ""),
            "legal_person": f"{first}{self.common['given']['signatory']}",
            "contact_name": f"{second}{self.common['given']['contact']}",
            "contact_phone": f"1000000{firm.number:04d}",
            "contact_email": f"{firm.slug}@example.com",
            **{key: self.template[key] for key in ("industry", "industry_name", "size", "production_type")},
            **dict(zip(("staff_total", "staff_rnd", "staff_smart"), map(str, self.staff), strict=True)),
        }

    def _money(self) -> dict[str, Any]:
        """Investment with its parts, and the last three years."""
        parts = {key: self.dice.number(value, 0.2) for key, value in self.template["investment"].items()}
        found = {f"investment_{key}": str(value) for key, value in parts.items()}
        found["investment_total"] = str(sum(parts.values()))
        found["registered_capital"] = str(like(1, self.revenues[-1] / 6 / 100) * 100)
        rows = zip(self.years["finances"], self.revenues, ("46.2", "45.1", "43.8"), strict=True)
        found["finances"] = [self._year(*row) for row in rows]
        return found

    def _year(self, year: int, revenue: Decimal, debt: str) -> dict[str, str]:
        shares = {"profit": "0.078", "assets": "1.32", "tax": "0.037", "rnd": "0.046"}
        amounts = {key: str(like(1, revenue * Decimal(share))) for key, share in shares.items()}
        return {"year": str(year), "revenue": str(revenue), "debt_ratio": debt, "audited": "audited", **amounts}

    def _history(self) -> dict[str, Any]:
        levels = self.common["maturity"].get(self.description.tier, [{}])
        level = levels[self.firm.number % len(levels)]
        titles = self.common["titles"].get(self.description.tier, [])
        dates = {key: value for key, value in self.years.items() if key != "finances"}
        return {**dates, **level, "prior_titles": [dict(row) for row in titles]}
