"""Below, at and above every number the editions hold: made from the data, so that a new edition is tested by itself."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest

from assessment import edition_rules, loader
from assessment.facts import Facts, Instance
from assessment.rules import evaluate
from assessment.vocabulary import Scope, Status
from declarations import content
from declarations.checks import fields, tables
from declarations.checks.case import Case
from declarations.models import Deadline, Track
from declarations.vocabulary import NUMBERS, Kind
from recommendations import quotas, ranking
from recommendations.models import LocalQuota, QuotaRule, RecommendationList
from smartfactory.models import Authority
from smartfactory.workflow import Blocked

EDITIONS = [folder.name for folder in loader.folders()]
RULES = {code: edition_rules.from_files(loader.EDITIONS / code) for code in EDITIONS}


def parts(operator, params):
    """Every operator in a condition with its parameters, nested ones too."""
    yield operator, params
    inner = [*params.get("parts", []), *([params] if "operator" in params else [])]
    for one in inner:
        yield from parts(one["operator"], one.get("params") or {})


def computed(name):
    """Every condition with this operator, once: an edition of a place repeats those of the edition it extends."""
    found = {
        (rule.code, str(params)): pytest.param(code, rule, params, id=f"{code} {rule.code}")
        for code, rules in reversed(RULES.items())
        for rule in rules.conditions
        for operator, params in parts(rule.operator, rule.params)
        if operator == name
    }
    return list(found.values())


def judged(code, rule, **stated):
    """The verdict on one condition when all that it asks besides speaks for it, or nothing does where one suffices."""
    facts = Facts(flags={rule.code: rule.operator == "all_of"}, **stated)
    tier = rule.tier if rule.tier in RULES[code].tiers else next(iter(RULES[code].tiers))
    found = evaluate(RULES[code], facts, tier).tiers[tier].results
    return next(one.status for one in found if one.rule.code == rule.code)


@pytest.mark.parametrize(("code", "rule", "params"), computed("maturity_at_least"))
def test_maturity(code, rule, params):
    level = params["level"]
    found = [judged(code, rule, maturity_level=stated) for stated in (level - 1, level, level + 1)]
    assert found == [Status.UNMET, Status.MET, Status.MET]


@pytest.mark.parametrize(("code", "rule", "params"), computed("ai_share_at_least"))
def test_share_of_instances_with_ai(code, rule, params):
    segment, least = next(iter(RULES[code].segments)), int(params["percent"])
    for with_ai, wanted in ((least - 1, Status.UNMET), (least, Status.MET), (least + 1, Status.MET)):
        instances = tuple(Instance(segment, "", f"实例{n}", n < with_ai) for n in range(100))
        assert judged(code, rule, scenario_instances=instances) == wanted


@pytest.mark.parametrize(("code", "rule", "params"), computed("number_at_least"))
def test_number_of_each_case(code, rule, params):
    """Every case below, at and above its number; one for some places does not hold elsewhere, nor the other way round."""
    for case in params["cases"]:
        group = RULES[code].places.get(case.get("places"))
        places = ("ministry", *sorted(group.codes)[:1]) if group else ("ministry", "elsewhere")
        least = Decimal(str(case["least"]))
        for stated, wanted in ((least - 1, Status.UNMET), (least, Status.MET), (least + 1, Status.MET)):
            answers = {**case.get("when", {}), params["of"]: str(stated)}
            assert judged(code, rule, answers=answers, places=places) == wanted, case
        answers = {**case.get("when", {}), params["of"]: str(least)}
        if group:
            assert judged(code, rule, answers=answers, places=("ministry", "elsewhere")) == Status.UNMET
        # Where the number, the case or the place is unknown, the person's own answer stands in: here a no.
        unknown = [judged(code, rule, places=places), judged(code, rule, answers={params["of"]: str(least)})]
        assert set(unknown) == {Status.UNMET}


@pytest.mark.parametrize(("code", "rule", "params"), computed("built_by"))
def test_month_of_completion(code, rule, params):
    year, month = map(int, params["month"].split("-"))
    before = f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
    after = f"{year + 1}-01" if month == 12 else f"{year}-{month + 1:02d}"
    found = [judged(code, rule, built_until=stated) for stated in (before, params["month"], after)]
    assert found == [Status.MET, Status.MET, Status.UNMET]


@pytest.mark.parametrize("code", EDITIONS)
def test_every_rule_a_person_answers_is_met_unmet_or_unprovable(code):
    everything = frozenset(RULES[code].areas)
    for rule in RULES[code].conditions:
        if rule.operator != "flag":
            continue
        areas = {"areas": everything} if rule.scope == Scope.WHEN_AREA_DECLARED else {}
        for answer, status in ((True, Status.MET), (False, Status.UNMET), (None, Status.UNPROVABLE)):
            verdict = evaluate(RULES[code], Facts(flags={rule.code: answer}, **areas))
            found = [one for tier in verdict.tiers.values() for one in tier.results if one.rule.code == rule.code]
            assert {one.status for one in found} == {status}, rule.code
            assert {one.blocks for one in found} == {rule.hard and status != Status.MET}
            assert {one.needs_explanation for one in found} == {not rule.hard and status != Status.MET}


# Quotas and caps


@pytest.mark.django_db
def test_bands(policy):
    banded = QuotaRule.objects.exclude(criterion="").order_by("track", "kind", "low")
    for (_, kind), rows in itertools.groupby(banded, lambda row: (row.track_id, row.kind)):
        rules = [quotas.rule_of(row) for row in rows]
        for rule in rules:
            edges = [rule.low, rule.low + 1] + ([] if rule.high is None else [rule.high - 1, rule.high])
            assert {limit_at(rules, kind, edge) for edge in edges} == {rule.limit}
            beyond = [rule.low - 1] + ([] if rule.high is None else [rule.high + 1])
            assert rule.limit not in {limit_at(rules, kind, edge) for edge in beyond}


def limit_at(rules, kind, value):
    fact = quotas.Fact(value, value, "official")
    return quotas.resolve_rules(rules, quotas.Unit("x", kind, facts={rules[0].criterion: fact})).limit


def numbers():
    """(track, limit, strength) of every rule and cap that sets a number."""
    rows = [*QuotaRule.objects.filter(limit__isnull=False), *LocalQuota.objects.all()]
    return sorted({(row.track.code, row.limit, row.strength) for row in rows})


@pytest.mark.django_db
def test_every_number_admits_up_to_itself_and_no_more(policy):
    unit = Authority.objects.get(code="990000")
    assert len(numbers()) >= 10
    for code, limit, strength in numbers():
        track = Track.objects.get(code=code)
        one = RecommendationList.objects.create(
            track=track, authority=unit, status="draft", quota_limit=limit, quota_strength=strength, size=limit - 1
        )
        ranking._take_place(one, free=False)
        one.refresh_from_db()
        assert one.size == limit
        with pytest.raises(Blocked, match="原则上限" if strength == "soft" else "名额已满"):
            ranking._take_place(one, free=False)
        ranking._take_place(one, free=True)
        one.delete()


@pytest.mark.django_db
def test_the_second_a_deadline_names_is_the_last(policy):
    national = Deadline.objects.filter(authority=None)
    assert national.count() >= 14
    for one in national:
        second = timedelta(seconds=1)
        found = [
            one.admits(moment)
            for moment in (one.at - second, one.at, one.at + timedelta(milliseconds=999), one.at + second)
        ]
        assert found == [True, True, True, False], one


# Fields


def every_field():
    for track in Track.objects.order_by("code"):
        description = content.describe(track)
        for section in description.sections:
            for field in (*section.fields, *section.instance_fields):
                yield description, section, field


def complaints(rule, description, section, field, value):
    """What one rule says about one answer alone."""
    values = {field.key: value}
    if field.per_instance:
        holder = next(one.key for one in section.fields if one.kind == Kind.INSTANCES)
        values = {holder: [{"uid": "a", field.key: value}]}
    case = Case({"sections": {section.key: values}}, description)
    return [one for one in rule(case) if one.field.split(".")[-1] == field.key]


@pytest.mark.django_db
def test_length_of_every_text(policy):
    seen = 0
    for description, section, field in every_field():
        if field.max_chars:
            seen += 1
            for length, wrong in ((field.max_chars - 1, 0), (field.max_chars, 0), (field.max_chars + 1, 1)):
                found = complaints(fields.within_length, description, section, field, "字" * length)
                assert len(found) == wrong, (description.track, field.anchor, length)
    assert seen > 100


@pytest.mark.django_db
def test_three_thousand_characters_are_the_notice_s_own_only_in_2022(policy):
    found = {
        description.track: (field.max_chars, field.limit_standing, field.limit_clause)
        for description, _, field in every_field()
        if field.key == "description"
    }
    assert {found[code] for code in found if code.startswith("2022-")} == {(3000, "official", "二（五）")}
    assert {standing for code, (_, standing, _) in found.items() if not code.startswith("2022-")} == {"unverified"}


@pytest.mark.django_db
def test_bounds_of_every_number(policy):
    for description, section, field in every_field():
        if field.kind not in NUMBERS:
            continue
        for key, outside in (("min", -1), ("max", 1)):
            if key in field.params:
                edge = Decimal(field.params[key])
                for value, wrong in ((edge - outside, 0), (edge, 0), (edge + outside, 1)):
                    found = complaints(fields.plausible, description, section, field, str(value))
                    assert len(found) == wrong, (description.track, field.anchor, value)


@pytest.mark.django_db
def test_every_year_of_the_accounts_is_one_the_notice_asks_for(policy):
    seen = set()
    for description, _, field in every_field():
        for column in field.columns:
            if field.key == "finances" and column.key == "year":
                years = column.params["years"]
                assert (len(years), column.params["unique"]) == (3, True), description.track
                assert years == list(range(years[0], years[0] + 3))
                seen.add((description.edition[:4], years[-1]))
    assert seen == {("2022", 2021), ("2024", 2023), ("2025", 2024)}


@pytest.mark.django_db
def test_every_code_and_picture_is_held_to_something(policy):
    for description, _, field in every_field():
        place = (description.track, field.anchor)
        assert all(one.kind == Kind.CREDIT_CODE for one in field.columns if "信用代码" in one.label), place
        if field.kind == Kind.FILES and {"jpeg", "png"} & set(field.params.get("accept", ["png"])):
            assert field.params["min_side"] > 100, place
            assert str(field.params["min_side"]) in field.help, place


@pytest.mark.django_db
def test_rows_of_every_table(policy):
    for description, section, field in every_field():
        most = field.params.get("max_rows")
        if field.kind == Kind.TABLE and most:
            for count, wrong in ((most - 1, 0), (most, 0), (most + 1, 1)):
                found = complaints(tables.rows_within_limit, description, section, field, [{}] * count)
                assert len(found) == wrong, (description.track, field.anchor, count)
