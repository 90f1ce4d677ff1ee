"""A printed code leads to a fresh check, whatever it is the code of."""

import pytest

from smartfactory import verification
from smartfactory.canonical import grouped, sha256
from smartfactory.verification import Finding

pytestmark = pytest.mark.django_db
CONTENT = "封存的内容"


@pytest.fixture
def found(monkeypatch):
    """What the verifier of this kind answers; tests change it."""
    answer = {"finding": Finding("intact", [("单位", "澜州演示企业")])}
    monkeypatch.setitem(verification._verifiers, "test", lambda issued: answer["finding"])
    return answer


@pytest.fixture
def issued(found):
    return verification.issue("test", title="推荐汇总表", subject="test:1", digest=sha256(CONTENT), issuer="云泽省")


def test_a_code_is_the_beginning_of_the_digest_and_issued_once(issued):
    again = verification.issue("test", title="另一个", subject="test:2", digest=sha256(CONTENT), issuer="别人")
    assert issued.code == sha256(CONTENT)[:16].upper()
    assert (again.pk, again.title) == (issued.pk, "推荐汇总表")


def test_a_code_may_be_typed_as_it_is_printed(issued):
    printed = grouped(issued.digest)
    for typed in (printed, printed.lower(), printed.replace(" ", "-"), f" {issued.code}\n"):
        assert verification.check(typed).issued == issued


@pytest.mark.parametrize(
    "code", ["", " ", "0" * 16, "ZZZZ", "x" * 10_000, "\x00", "7f3a'; DROP TABLE", "核验码", "\u202e7F3A"]
)
def test_what_was_never_issued_is_unknown(code):
    assert verification.check(code).status == "unknown"


def test_every_check_is_made_afresh(issued, found):
    assert verification.check(issued.code).status == "intact"
    found["finding"] = Finding("altered", details=["第 3 行与封存时不同"])
    result = verification.check(issued.code)
    assert (result.status, result.finding.details) == ("altered", ["第 3 行与封存时不同"])


def test_a_kind_nobody_can_check_is_not_called_intact(issued, monkeypatch):
    monkeypatch.setattr(verification, "_verifiers", {})
    assert verification.check(issued.code).status == "unchecked"


def test_a_replaced_document_says_so_unless_it_was_altered(issued, found):
    issued.superseded_by = verification.issue(
        "test", title="新", subject="test:2", digest=sha256("新"), issuer="云泽省"
    )
    issued.save()
    assert verification.check(issued.code).status == "superseded"
    found["finding"] = Finding("altered")
    assert verification.check(issued.code).status == "altered"


def test_the_first_rendering_stays(issued):
    first = verification.attach(issued, "sheet.pdf", b"first", "application/pdf")
    second = verification.attach(issued, "sheet.pdf", b"second", "application/pdf")
    assert first.pk == second.pk
    assert verification.rendered(issued, "sheet.pdf").read() == b"first"
    assert verification.rendered(issued, "other.pdf") is None
    assert "weasyprint=" in first.toolchain


@pytest.mark.parametrize("damage", ["changed", "lost"])
def test_a_kept_file_that_was_changed_or_lost_is_told(issued, damage):
    stored = verification.attach(issued, "sheet.pdf", damage.encode(), "application/pdf").file
    assert verification.check(issued.code).status == "intact"
    stored.path.chmod(0o600)
    if damage == "changed":
        stored.path.write_bytes(b"altered")
    else:
        stored.path.unlink()
    result = verification.check(issued.code)
    assert (result.status, result.finding.details) == ("altered", ["保存的文件（sheet.pdf）已被改动或丢失"])
    assert result.finding.facts == [("单位", "澜州演示企业")]
    stored.path.unlink(missing_ok=True)
