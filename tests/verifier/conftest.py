"""Packages of a list sealed for real, made by the first test that asks and then altered without the application."""

from dataclasses import dataclass

import pytest

from recommendations import exports, seal_package, sealing
from smartfactory import signing, verification
from tests.recommendations.conftest import listed, province, sealed  # noqa: F401
from tests.verifier import packing

_made = []


@dataclass(frozen=True)
class Issued:
    """The three packages of one list, a package of another, the public keys and the private key."""

    code: str
    full: bytes
    usual: bytes
    bare: bytes
    other: bytes
    pem: str
    key: object


def drawn(seal):
    """The seal with its documents drawn."""
    for name in sealing.documents_of(seal):
        draw, mime = exports.DRAWERS[name]
        verification.attach(seal.issued, name, draw(seal), mime)
    return seal


@pytest.fixture
def seal(sealed):  # noqa: F811
    return drawn(sealed.seal)


@pytest.fixture
def issued(request):
    if not _made:
        _made.append(_issue(request))
    return _made[0]


def _issue(request):
    from recommendations.models import RecommendationList
    from smartfactory import workflow
    from tests.factories import recommendations as make

    one, desk = request.getfixturevalue("sealed"), request.getfixturevalue("province")
    seal = drawn(one.seal)
    kinds = (seal_package.ALL, seal_package.SHEETS, seal_package.NOTHING)
    full, usual, bare = (seal_package.build(seal, kind) for kind in kinds)
    workflow.fire(one, "supersede", actor=desk.sealer, version=one.version, note="理由")
    again = make.sealed(RecommendationList.objects.get(replaces=one), desk)
    other = seal_package.build(drawn(again.seal), seal_package.ALL)
    return Issued(seal.code, full, usual, bare, other, signing.public_pems(), signing.private_key())


@pytest.fixture
def files(issued):
    """The files of the fullest package."""
    return packing.unzipped(issued.full)


@pytest.fixture
def check(issued, tmp_path):
    """Return a function that runs the program on a package: (exit code, {check: status}, rows)."""

    def judge(package, key=None):
        package = package if isinstance(package, bytes) else packing.zipped(package)
        code, answer = packing.run(package, key or issued.pem, tmp_path)
        rows = {row["check"]: row for row in answer["checks"]}
        assert answer["exit"] == code
        return code, {name: row["status"] for name, row in rows.items()}, rows

    return judge
