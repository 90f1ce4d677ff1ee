"""The look: contrast of every pair of tokens that meets, sizes of templates, nothing inline, every icon known."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from smartfactory import icons

CSS, TEMPLATES = settings.BASE_DIR / "static" / "css", settings.BASE_DIR / "templates"
SHEETS = sorted(CSS.glob("**/*.css"))
PAGES = sorted(TEMPLATES.glob("**/*.html"))

# Text on the grounds it is used on (at least 4.5:1), and marks on theirs (at least 3:1).
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "sheet", "well", "hover", "below")),
    *((ink, ground) for ink in ("indigo", "indigo-deep") for ground in ("paper", "sheet", "well", "indigo-tint", "below")),
    *((ink, ground) for ink in ("cinnabar", "cinnabar-deep") for ground in ("paper", "sheet", "cinnabar-tint")),
    *((ink, ground) for ink in ("orpiment",) for ground in ("paper", "sheet", "well", "orpiment-tint", "below")),
    *((ink, ground) for ink in ("malachite",) for ground in ("paper", "sheet", "well", "malachite-tint", "below")),
    *(("sheet", ground) for ground in ("ink", "indigo", "indigo-deep", "cinnabar", "cinnabar-deep", "orpiment", "malachite")),
    ("indigo", "orpiment-tint"), ("ink", "orpiment-tint"), ("ink-2", "orpiment-tint"), ("ink", "indigo-tint"),
]  # fmt: skip
MARK_PAIRS = [
    *(("edge", ground) for ground in ("paper", "sheet", "well")),
    *((mark, "sheet") for mark in ("orpiment-mark", "malachite-mark", "focus", "ink", "indigo", "cinnabar")),
    ("focus", "paper"), ("orpiment-mark", "paper"), ("malachite-mark", "paper"),
]  # fmt: skip


def tokens():
    text = (CSS / "tokens.css").read_text(encoding="utf-8").split("@media print")[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", text))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(ink, ground):
    found = tokens()
    assert contrast(found[ink], found[ground]) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_can_be_seen(mark, ground):
    found = tokens()
    assert contrast(found[mark], found[ground]) >= 3


def test_contrast_is_computed_as_defined():
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_style_sheets_stay_small_and_balanced(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400
    assert text.count("{") == text.count("}")
    assert "url(" not in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_stay_small_and_have_nothing_inline(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 120
    if "pdf" not in path.relative_to(TEMPLATES).parts:
        assert not re.search(r'\sstyle="|<style|\son[a-z]+="|<script(?![^>]*\ssrc=)', text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_icon_exists(path):
    names = re.findall(r'{% icon "([a-z]+)"', path.read_text(encoding="utf-8"))
    assert set(names) <= set(icons.PATHS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_words_of_the_interface(path):
    """No scolding and no exclamation marks in what people read."""
    text = path.read_text(encoding="utf-8")
    assert not re.search("非法|无效|请您务必|！", text)


def test_the_fonts_of_paper_are_named():
    assert "Noto Sans CJK SC" in Path(CSS / "pdf" / "base.css").read_text(encoding="utf-8")
