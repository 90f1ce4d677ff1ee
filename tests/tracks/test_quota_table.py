"""`manage.py quota` for every track and every unit, against the table of the notices copied out by hand."""

import io
import json

import pytest
from django.core.management import call_command

from declarations.models import Track
from smartfactory.models import Authority

pytestmark = pytest.mark.django_db

# Code → (limit 2025 卓越级, standing). The rank of every province is inferred, that of four is open at the edge.
EXCELLENCE_2025 = {
    "110000": 20, "120000": 20, "130000": 40, "140000": 30, "150000": 30, "210000": 30, "220000": 20, "230000": 20,
    "310000": 30, "320000": 40, "330000": 40, "340000": 30, "350000": 40, "360000": 30, "370000": 40, "410000": 40,
    "420000": 40, "430000": 40, "440000": 40, "450000": 30, "460000": 20, "500000": 30, "510000": 40, "520000": 20,
    "530000": 30, "540000": 20, "610000": 30, "620000": 20, "630000": 20, "640000": 20, "650000": 20,
}  # fmt: skip
PROVINCES = tuple(EXCELLENCE_2025)
PLANNED = {"210200": "210000", "330200": "330000", "350200": "350000", "370200": "370000", "440300": "440000"}
CORPS = "660000"
HEBEI = "130100 130200 130300 130400 130500 130600 130700 130800 130900 131000 131100 130682 130181 133100".split()
LIAONING = "210100 210300 210400 210500 210600 210700 210800 210900 211000 211100 211200 211300 211400".split()
GUANGDONG = (
    "440100 440200 440400 440500 440600 440700 440800 440900 441200 441300 "
    "441400 441500 441600 441700 441800 441900 442000 445100 445200 445300"
).split()
ZHEJIANG = "330100 330200 330300 330400 330500 330600 330700 330800 330900 331000 331100".split()
NO_NUMBER = (
    "2025-advanced", "2025-basic", "2025-jiangsu-advanced", "2025-wuhu-", "2025-zhejiang-", "2025-heilongjiang-",
    "2025-changsha-",
)  # fmt: skip
OFFICIAL, GUESSED = "official", "unverified"


def groups():
    rows = Authority.objects.filter(kind="central_soe", is_demo=False)
    return list(rows.values_list("code", flat=True))


def everywhere(provinces, planned, corps, soe):
    """The same (limit, strength, standing, via) for all of a kind; `planned` may name the province to go through."""
    found = dict.fromkeys(PROVINCES, provinces)
    found |= {code: (*planned[:3], parent if planned[3] else None) for code, parent in PLANNED.items()}
    return found | {CORPS: corps} | dict.fromkeys(groups(), soe)


def hard(limit, standing=OFFICIAL, via=None):
    return (limit, "hard", standing, via)


def wanted(track):
    """Every unit a track speaks to, with what it may recommend."""
    through = hard(None, via="parent")
    if track in ("2022-scenario", "2022-factory"):
        many, few = {"2022-scenario": (30, 15), "2022-factory": (10, 5)}[track]
        return everywhere(hard(many), hard(few), hard(few), hard(None, via="province"))
    if track == "2024-excellence":
        return everywhere(hard(20), hard(5), hard(5), hard(5))
    if track == "2025-excellence":
        found = everywhere(None, through, hard(5), hard(5))
        return found | {code: hard(limit, GUESSED) for code, limit in EXCELLENCE_2025.items()}
    if track == "2025-pioneer":
        found = everywhere(hard(None, GUESSED), through, hard(None, GUESSED), hard(None, via="province"))
        return found | {"370000": hard(3, "secondary")}
    if track in ("2025-advanced", "2025-basic"):
        return everywhere(hard(None), hard(None, GUESSED), hard(None, GUESSED), hard(None))
    if track == "2024-hebei-excellence":
        found = {"130000": hard(20)} | dict.fromkeys(HEBEI, (5, "soft", OFFICIAL, None))
        return found | {"133100": (5, "soft", GUESSED, None)}
    if track.startswith("2022-guangdong-"):
        many, few = {"scenario": (30, 5), "factory": (10, 3)}[track.split("-")[2]]
        return {"440000": hard(many)} | dict.fromkeys(GUANGDONG, hard(few, "secondary"))
    if track == "2025-jiangsu-advanced":
        return {"320000": hard(None)}
    if track == "2025-heilongjiang-advanced":
        return {"230000": hard(None)}
    if track == "2025-zhejiang-future":
        return dict.fromkeys(("330000", *ZHEJIANG), hard(None, GUESSED))
    if track == "2025-changsha-advanced":
        return {"430100": hard(None, GUESSED)}
    if track.startswith("2025-wuhu-"):
        return {"340200": hard(None, "secondary")}
    assert track == "2024-liaoning-excellence"
    cities = dict.fromkeys(LIAONING, hard(2, "secondary"))
    return {"210000": hard(20)} | cities | {"210100": hard(15, "secondary")}


def asked(track, *more):
    out = io.StringIO()
    call_command("quota", "--track", track, *more, "--json", stdout=out)
    return json.loads(out.getvalue())


TRACKS = [
    "2022-scenario", "2022-factory", "2024-excellence", "2024-hebei-excellence", "2024-liaoning-excellence",
    "2025-basic", "2025-advanced", "2025-excellence", "2025-pioneer", "2022-guangdong-scenario", "2022-guangdong-factory",
    "2025-jiangsu-advanced", "2025-wuhu-basic", "2025-wuhu-titled", "2025-wuhu-review", "2025-zhejiang-future",
    "2025-heilongjiang-advanced", "2025-changsha-advanced",
]  # fmt: skip


@pytest.mark.parametrize("track", TRACKS)
def test_the_command_says_what_the_notices_say(policy, track):
    rows = asked(track)
    found = {row["authority"]: (row["limit"], row["strength"], row["standing"], row["via"]) for row in rows}
    assert found == wanted(track)
    assert all(row["basis"] and (row["clause"] or row["authority"] in ZHEJIANG) for row in rows), track


@pytest.mark.parametrize("track", TRACKS)
def test_no_number_means_unknown_unless_the_notice_sets_none(policy, track):
    for row in asked(track):
        # Zhejiang recognises by itself; what it leaves to its cities nobody has seen.
        own = row["kind"] in ("province", "central_soe", "city") and row["authority"] not in ZHEJIANG
        open_ended = track.startswith(NO_NUMBER) and own
        assert row["unlimited"] == open_ended, row["authority"]


def test_the_table_knows_every_track_of_the_notices(policy):
    assert set(TRACKS) == set(Track.objects.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("code", "basis"), [("310000", "不小于 10"), ("320000", "不小于 10"), ("110000", "还没有录入判据")]
)
def test_an_unknown_number_says_what_is_missing(policy, code, basis):
    (row,) = asked("2025-pioneer", "--authority", code)
    assert row["limit"] is None
    assert basis in row["basis"]


def test_in_plain_words(policy):
    out = io.StringIO()
    call_command("quota", "--track", "2025-advanced", "--authority", "370000", stdout=out)
    assert "不设" in out.getvalue()
    out = io.StringIO()
    call_command("quota", "--track", "2025-pioneer", "--authority", "660000", stdout=out)
    assert "未知" in out.getvalue()
