"""`manage.py quota --track CODE`: the resolved numbers with basis, clause and standing."""

from __future__ import annotations

import json

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from declarations.models import Track
from recommendations import explaining, policy_page, quotas
from smartfactory.models import Authority, AuthorityKind

RECOMMENDING = (AuthorityKind.PROVINCE, AuthorityKind.PLANNED_CITY, AuthorityKind.XPCC, AuthorityKind.CENTRAL_SOE)


class Command(BaseCommand):
    help = "推荐名额：每个推荐单位的上限、依据、条款和核实程度"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--track", required=True, metavar="CODE")
        parser.add_argument("--authority", metavar="CODE", help="只看一个单位（可以是演示单位或市）")
        parser.add_argument("--explain", action="store_true", help="逐步说明每个数怎么来的")
        parser.add_argument(
            "--suppose",
            action="append",
            default=[],
            metavar="判据=数 | more=数",
            help="假设判据是多少、再多几个；不保存",
        )
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: object, track: str, authority: str | None, **options: object) -> None:
        found = Track.objects.filter(code=track).first()
        if found is None:
            known = "、".join(Track.objects.order_by("code").values_list("code", flat=True)) or "还没有载入版次"
            raise CommandError(f"没有申报类别“{track}”；现有 {known}", returncode=2)
        units = _units(found, authority)
        rows = _rows(found, units, explain=bool(options["explain"]), wish=_wish(options["suppose"]))
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            for row in rows:
                unknown = "不设" if row["unlimited"] else "未知"
                limit = unknown if row["limit"] is None else row["limit"]
                via = f"（经 {row['via']}）" if row["via"] else ""
                self.stdout.write(
                    f"{row['authority']:<16}{limit!s:>6}{via}  {row['basis']}  {row['clause']}  {row['standing']}"
                )
                self._details(row)

    def _details(self, row: dict[str, object]) -> None:
        for step in row.get("steps", ()):
            self.stdout.write(f"    {step['title']}：{step['text']}  {step['clause']}  {step['standing']}")
        if supposed := row.get("supposed"):
            self.stdout.write(f"    假设如此：{supposed['limit']}  {supposed['basis']}")


def _wish(texts: list[str]) -> explaining.Wish:
    """`判据=数` and `more=数`; anything else is refused."""
    pairs = [text.partition("=")[::2] for text in texts]
    wrong = [f"{key}={value}" for key, value in pairs if not value.lstrip("-").isdecimal()]
    if wrong:
        raise CommandError(f"假设要写成 判据=数，现在是 {'、'.join(wrong)}", returncode=2)
    found = {key: int(value) for key, value in pairs}
    return explaining.Wish({key: value for key, value in found.items() if key != "more"}, found.get("more", 0))


def _units(track: Track, code: str | None) -> list[Authority]:
    if code is None:
        return policy_page.units(track.edition, RECOMMENDING)
    units = list(Authority.objects.filter(code=code))
    if not units:
        raise CommandError(f"没有推荐单位“{code}”", returncode=2)
    return units


def _rows(track: Track, units: list[Authority], *, explain: bool, wish: explaining.Wish) -> list[dict[str, object]]:
    rows = _plain_rows(track, units)
    for row, unit in zip(rows, units, strict=True):
        if explain or wish.active:
            one = explaining.Explanation(track, unit)
            row |= {"steps": one.as_json()} if explain else {}
            if wish.active:
                after = explaining.suppose(one, wish, AnonymousUser()).after
                row["supposed"] = {"limit": after.limit, "basis": after.basis, "clause": after.clause}
    return rows


def _plain_rows(track: Track, units: list[Authority]) -> list[dict[str, object]]:
    found = quotas.resolve_many(track, units)
    return [
        {
            "authority": one.code,
            "code": one.code,
            "name": one.name,
            "kind": one.kind,
            "limit": found[one.code].limit,
            "unlimited": found[one.code].unlimited,
            "strength": found[one.code].strength,
            "basis": found[one.code].basis,
            "clause": found[one.code].clause,
            "standing": found[one.code].standing,
            "via": found[one.code].via or None,
            "manual": found[one.code].manual,
        }
        for one in units
    ]
