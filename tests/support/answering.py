"""What people might answer, drawn by hypothesis; and which tracks are alike in what they ask."""

import os
from functools import partial
from itertools import chain

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from declarations.vocabulary import Kind

# How many examples each form gets.
EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "60"))
AWKWARD = [
    "<script>alert(1)</script>", "&amp;&lt;", "\"'`", "=1+1", "+1", "-1", "@SUM(A1)", "{{ x }}{% y %}", "\ue000answer\ue001",
    "a\x00b", "\u202eabc", "\r\n", "0\r1", "\n\n甲\n", " 　", "e\u0301", "😀𠮷", "2024-02-30", "2024-13", "２０２４-０１-０１", "٢٠٢٤-01-01",
    "2024/6/3", "2024年6月", "1,200.50", "1e5", "007", "１２３", "-0", "0.1000000", "9" * 16, "null", "None", "True", "是", "%41%00",
    "　　甲\n　　乙", "\t甲\t乙", "_x000D_甲", "_x0041_", "'甲", "甲\u2028乙", "甲\x0b乙", "#甲",
]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text("0123456789.,-年月日", max_size=12),
    st.just(""),
)
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 1000, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


def around(description):
    """What of a form the answers of every part are read, drawn and checked with."""
    return (
        description.indicators,
        sorted(description.segments.items()),
        sorted(description.scenarios.items()),
        description.custom_scenarios,
    )


def shared(identities):
    """The tracks of each identity, in the order of the editions; `identities` are (track, name, identity)."""
    found = {}
    for track, name, identity in identities:
        found.setdefault((name, repr(identity)), []).append(track)
    return sorted((name, sorted(tracks)) for (name, _), tracks in found.items())


def told(table):
    return sorted((part, sorted(tracks.split())) for parts, tracks in table for part in parts.split())


def answers(fields, description):
    """What a person might send: (name, text) pairs for one to three of the fields."""
    each = {one.key: typed(one, description) for one in fields}
    ticked = {one.key for one in fields if one.kind == Kind.MULTICHOICE}

    def sending(keys):
        multiple = ("multiple", ",".join(one for one in keys if one in ticked))
        return st.tuples(*(each[one] for one in keys)).map(lambda found: [*chain(*found), multiple])

    return st.lists(st.sampled_from(sorted(each)), min_size=1, max_size=3, unique=True).flatmap(sending)


def typed(field, description):
    """(name, text) pairs as a person might send them for one field."""
    if field.kind == Kind.TABLE:
        return st.lists(st.tuples(*map(_cell, field.columns)), max_size=3).map(partial(_rows, field))
    if field.kind == Kind.INDICATORS:
        asked = [_indicator(field.key, one) for one in description.indicators if not one.computed]
        return st.lists(st.one_of(asked), min_size=1, max_size=2).map(
            lambda found: [(f"{field.key}-shown", "1"), *chain(*found)]
        )
    if field.kind == Kind.MULTICHOICE:
        values = [one.value for one in field.options]
        return st.lists(st.sampled_from(values), unique=True).map(lambda found: [(field.key, one) for one in found])
    return _choices(field, description).map(lambda text: [(field.key, text)])


def _rows(field, rows):
    cells = [
        (f"{field.key}-{place}-{column.key}", text)
        for place, row in enumerate(rows)
        for column, text in zip(field.columns, row, strict=True)
    ]
    return [(f"{field.key}-rows", str(len(rows))), *cells]


def _cell(column):
    return st.sampled_from(["", *(one.value for one in column.options)]) if column.options else TEXT


def _indicator(key, one):
    asked = ["before", "after"] if one.kind == "change" else ["value"]
    written = st.dictionaries(st.sampled_from([*asked, "note"]), TEXT)
    return st.tuples(written, st.sampled_from([{}, {"na": "1"}])).map(
        lambda found: [(f"{key}-{one.number}-{name}", text) for name, text in (found[0] | found[1]).items()]
    )


def _choices(field, description):
    known = {
        Kind.BOOL: ["yes", "no", ""],
        Kind.CHOICE: ["", *(one.value for one in field.options)],
        Kind.SEGMENT: ["", *description.segments],
    }.get(field.kind)
    if field.kind == Kind.SCENARIO and not description.custom_scenarios:
        known = ["", *(name for names in description.scenarios.values() for name in names)]
    return st.sampled_from(known) if known else TEXT
