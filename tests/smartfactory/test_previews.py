"""Pictures of strangers' files: drawn by a child that can do little, kept until lost, and never a stumbling block."""

import io

import pytest
from PIL import Image

from smartfactory import files, preview_child, previews
from tests.factories.declarations import PDF

pytestmark = pytest.mark.django_db


def photo(kind, size=(400, 200), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "body"), [("pdf", PDF), ("jpeg", photo("JPEG")), ("png", photo("PNG", mode="RGBA"))])
def test_a_page_is_drawn_and_kept(kind, body):
    stored = files.put(body, files.MIMES[kind])
    drawn = previews.picture(stored, 1, previews.SMALL)
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.format == "JPEG"
        assert image.width <= previews.SMALL
    assert previews.known(stored) == drawn


def test_transparent_ground_is_paper():
    stored = files.put(photo("PNG", mode="RGBA"), files.MIMES["png"])
    with Image.open(io.BytesIO(previews.picture(stored))) as image:
        assert image.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize(("kind", "body"), [("pdf", b"%PDF-1.4 nothing"), ("jpeg", b"\xff\xd8\xff nothing")])
def test_what_cannot_be_drawn_is_remembered_as_such(kind, body):
    stored = files.put(body, files.MIMES[kind])
    assert previews.picture(stored) is None
    assert previews.known(stored, 1, previews.WIDE) == b""


def test_a_page_that_is_not_there_has_no_picture():
    assert previews.picture(files.put(PDF, files.MIMES["pdf"]), 7) is None


def test_other_kinds_are_not_opened_at_all():
    stored = files.put(b"PK nothing", files.MIMES["xlsx"])
    assert previews.picture(stored) is None
    assert previews.known(stored, 1, previews.WIDE) is None


def test_a_child_that_was_stopped_may_be_asked_again(monkeypatch):
    stored = files.put(PDF + b"\n", files.MIMES["pdf"])
    monkeypatch.setattr(previews, "PATIENCE", 0)
    assert previews.picture(stored) is None
    monkeypatch.undo()
    assert previews.picture(stored)


def test_a_child_without_memory_draws_nothing(monkeypatch):
    huge = files.put(photo("PNG", size=(9000, 6000)), files.MIMES["png"])
    seen = []
    monkeypatch.setattr(preview_child, "MEMORY", 1 << 20)
    monkeypatch.setattr(preview_child.resource, "setrlimit", lambda name, limits: seen.append((name, limits)))
    preview_child._give_up_rights()
    assert (preview_child.resource.RLIMIT_AS, (1 << 20, 1 << 20)) in seen
    assert (preview_child.resource.RLIMIT_FSIZE, (0, 0)) in seen
    assert previews.picture(huge, 1, previews.SMALL)
