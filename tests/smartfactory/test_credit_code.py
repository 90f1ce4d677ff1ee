"""统一社会信用代码: the standard's own example, real codes, and every way to mistype one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartfactory.credit_code import ALPHABET, check, check_digit

BODIES = st.builds(
    "{}{}{}".format,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.integers(100000, 999999),
    st.text(ALPHABET, min_size=9, max_size=9),
)
CODES = BODIES.map(lambda body: body + check_digit(body))


def found(code):
    return [(one.level, one.message) for one in check(code)]


# The first is the worked example of GB 32100-2015; the others are codes published by their owners.
@pytest.mark.parametrize(
    "code",
    ["91350100M000100Y43", "91512081MA62K0260E", "91110000802100433B", "91110000600037341L", "91440300708461136T"],
)
def test_sound_codes(code):
    assert check(code) == []


@pytest.mark.parametrize("code", ["91350211M0000XUF46", "91350100M0001TGQXM"])
def test_a_registered_code_with_a_wrong_check_digit_is_only_a_warning(code):
    """Such codes exist; an official compares them with the licence."""
    assert [level for level, _ in found(code)] == ["warning"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "应为 18 位，现在是 0 位"),
        ("91350100M000100Y4", "现在是 17 位"),
        ("91350100M000100Y430", "现在是 19 位"),
        ("91350100M000100YI3", "不会出现“I”"),
        ("91350100S000100YZ3", "不会出现“S、Z”"),
        ("91350100m000100y43", "不会出现“m、y”"),
        ("91350100M000100Y4 ", "不会出现“ ”"),
        ("９1350100M000100Y43", "不会出现“９”"),
        ("9135010AM000100Y43", "登记地区码"),
        ("91035010M000100Y43", "登记地区码"),
    ],
)
def test_what_no_code_can_be_is_an_error_that_says_what_to_do(code, words):
    ((level, message),) = found(code)
    assert level == "error"
    assert words in message
    assert "营业执照" in message


@given(CODES)
def test_every_made_code_is_sound(code):
    assert check(code) == []


@given(CODES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(code, place, char):
    wrong = code[:place] + char + code[place + 1 :]
    assert (check(wrong) == []) == (wrong == code)


@given(CODES, st.integers(0, 16))
def test_every_exchange_of_neighbours_is_found(code, place):
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (check(wrong) == []) == (wrong == code)


@given(st.text(max_size=30))
def test_anything_typed_is_answered_in_words(text):
    assert all(one.message for one in check(text))
