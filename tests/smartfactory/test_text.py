"""What people paste: nothing that cannot be stored, hashed or printed truthfully gets through."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartfactory.text import clean, count_chars

NASTY = st.text(
    st.characters() | st.sampled_from("\x00\x08\x1f\x7f\x85\u200e\u202e\u2066\ufeff\ufffe\ud800\udfff\r\n\té한각"),
    max_size=60,
)


@given(NASTY)
def test_what_is_left_can_be_stored_hashed_and_printed(text):
    left = clean(text)
    left.encode("utf-8")
    assert json.loads(json.dumps(left)) == left
    assert left == unicodedata.normalize("NFC", left)
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in left)
    assert not set(left) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@given(NASTY)
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@given(st.text("智能工厂 abc，。0123\n\t（）“”—𠮷", max_size=40))
def test_ordinary_text_stays_as_it_was(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\x00b", "ab"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("付款\u202e100\u202c元", "付款100元"),
        ("\ud83d\ude00", ""),
        ("😀𠮷", "😀𠮷"),
        ("e\u0301", "é"),
        ("\ufeff标题", "标题"),
        ("a\u2028b", "a\u2028b"),
    ],
)
def test_examples(text, left):
    assert clean(text) == left


@pytest.mark.parametrize(("text", "count"), [("", 0), (" 一 二\n三\u3000", 3), ("abc 1,5", 6), ("𠮷野家", 3)])
def test_characters_are_counted_as_paper_forms_count_them(text, count):
    assert count_chars(text) == count
