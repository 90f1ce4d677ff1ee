"""Canonical JSON: one text per value, and no value that could be written in two ways."""

import hashlib
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartfactory.canonical import canonical_json, grouped, sha256, sm3

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_was_written_is_read_back(value):
    assert json.loads(canonical_json(value)) == value


@given(VALUES)
def test_writing_again_gives_the_same_text(value):
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(TEXT, st.integers(), min_size=2, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value, chance):
    shuffled = list(value.items())
    chance.shuffle(shuffled)
    assert canonical_json(dict(shuffled)) == canonical_json(value)


@given(VALUES)
def test_the_text_can_be_kept_hashed_and_printed(value):
    text = canonical_json(value)
    assert text == unicodedata.normalize("NFC", text)
    assert len(sha256(text)) == len(sm3(text)) == 64
    assert "\n" not in text


def test_composed_and_decomposed_letters_are_the_same_text():
    assert canonical_json({"e\u0301": ["e\u0301"]}) == canonical_json({"é": ["é"]}) == '{"é":["é"]}'


def test_tuples_are_lists():
    assert canonical_json((1, (2,))) == "[1,[2]]"


@pytest.mark.parametrize("value", [0.5, 1.0, float("nan"), float("inf"), [1, 2.0], {"a": {"b": 0.1}}])
def test_floats_are_refused_wherever_they_stand(value):
    with pytest.raises(TypeError, match="float"):
        canonical_json(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), {"a": b""}])
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_json(value)


@pytest.mark.parametrize("key", [1, None, True, ("a",)])
def test_keys_must_be_text(key):
    with pytest.raises(TypeError, match="keys must be text"):
        canonical_json({key: 1})


def test_two_keys_that_become_one_are_refused():
    """Otherwise one of the two answers would be lost without a word."""
    with pytest.raises(TypeError, match="same key"):
        canonical_json({"é": 1, "e\u0301": 2})


def test_digests_are_the_published_ones():
    """SM3: GB/T 32905-2016, appendix A.1."""
    assert sm3("abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sha256("abc") == hashlib.sha256(b"abc").hexdigest()
    assert sha256("中文") == sha256("中文".encode())


def test_digits_are_grouped_for_people():
    assert grouped("7f3a92c1d05e88ab00") == "7F3A 92C1 D05E 88AB"
    assert grouped("7f3a92c1", groups=2) == "7F3A 92C1"
