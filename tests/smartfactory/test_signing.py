"""Signatures: only our own keys count, and only for the very text."""

import base64
import os
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from smartfactory import signing
from smartfactory.signing import Signature

TEXT = "smartfactory-audit/1\n7\nabc\n"


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.KEYS_ROOT = tmp_path / "keys"
    return settings.KEYS_ROOT


def test_a_signature_holds_for_its_text_alone():
    made = signing.sign(TEXT)
    assert signing.verify(TEXT, made)
    assert not signing.verify(TEXT + " ", made)
    assert not signing.verify("", made)


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "RSA"},
        {"algorithm": ""},
        {"key_id": "0" * 16},
        {"key_id": ""},
        {"value": ""},
        {"value": "not base64!"},
        {"value": base64.b64encode(b"\0" * 64).decode()},
        {"value": base64.b64encode(b"short").decode()},
    ],
)
def test_a_changed_signature_does_not_hold(change):
    made = signing.sign(TEXT)
    assert not signing.verify(TEXT, Signature(**made.as_json() | change))


def test_somebody_elses_key_does_not_count():
    signing.sign(TEXT)
    thief = Ed25519PrivateKey.generate()
    value = base64.b64encode(thief.sign(TEXT.encode())).decode()
    for key in (signing.key_id(thief.public_key()), *signing.public_keys()):
        assert not signing.verify(TEXT, Signature("Ed25519", key, value))


def test_the_key_is_made_once_and_is_its_owners_alone(keys):
    first, second = signing.sign(TEXT), signing.sign(TEXT)
    assert first == second
    assert (keys / "seal.pem").stat().st_mode & 0o777 == 0o400
    assert sorted(path.suffix for path in keys.iterdir()) == [".pem", ".pub"]
    assert keys.stat().st_mode & 0o077 == 0


def test_an_old_seal_outlives_a_change_of_key(keys):
    old = signing.sign(TEXT)
    (keys / "seal.pem").unlink()
    new = signing.sign(TEXT)
    assert new.key_id != old.key_id
    assert signing.verify(TEXT, old)
    assert signing.verify(TEXT, new)
    (keys / f"{old.key_id}.pub").unlink()
    assert not signing.verify(TEXT, old)


def test_a_public_key_lost_in_a_crash_comes_back_with_the_next_signature(keys):
    made = signing.sign(TEXT)
    (keys / f"{made.key_id}.pub").unlink()
    assert not signing.verify(TEXT, made)
    assert signing.sign(TEXT) == made
    assert signing.verify(TEXT, made)


def test_of_two_first_starts_one_wins_and_both_agree():
    made, start = [], threading.Barrier(8)

    def first_start():
        start.wait()
        made.append(signing.sign(TEXT))

    threads = [threading.Thread(target=first_start) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 8
    assert len({one.key_id for one in made}) == 1
    assert all(signing.verify(TEXT, one) for one in made)


def test_a_private_key_that_others_can_read_is_an_error_of_the_installation(keys):
    signing.sign(TEXT)
    os.chmod(keys / "seal.pem", 0o444)
    found = [one.id for one in run_checks(tags=["security"], include_deployment_checks=True)]
    assert "smartfactory.E001" in found
    os.chmod(keys / "seal.pem", 0o400)
    found = [one.id for one in run_checks(tags=["security"], include_deployment_checks=True)]
    assert "smartfactory.E001" not in found


def test_the_public_key_can_be_handed_out():
    made = signing.sign(TEXT)
    assert signing.public_pem(made.key_id).startswith("-----BEGIN PUBLIC KEY-----")
    with pytest.raises(KeyError):
        signing.public_pem("0" * 16)


class Elsewhere:
    """A signing service of a different kind."""

    def sign(self, text):
        return Signature("SM2", "hsm-1", text[::-1])

    def verify(self, text, signature):
        return signature == self.sign(text)


def test_another_service_can_sign(settings):
    settings.SIGNER = f"{__name__}.Elsewhere"
    made = signing.sign(TEXT)
    assert made.algorithm == "SM2"
    assert signing.verify(TEXT, made)
    assert not signing.verify("other", made)


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=90))
def test_whatever_is_claimed_the_answer_is_no(text, key, value):
    assert not signing.Ed25519Signer().verify(text, Signature("Ed25519", key, value))
