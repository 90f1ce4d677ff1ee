"""Changing stored things behind the system's back, by one character each."""

from contextlib import contextmanager

from django.db import connection

from smartfactory import audit_guards


def bent(text):
    """The text with one character in its middle changed, still the same length."""
    place = len(text) // 2
    while not text[place].isalnum():
        place += 1
    return text[:place] + ("1" if text[place] != "1" else "2") + text[place + 1 :]


def bend(row, field):
    """Change one character of a stored column past the model."""
    value = bent(getattr(row, field))
    type(row)._base_manager.filter(pk=row.pk).update(**{field: value})


@contextmanager
def without_guards():
    """What somebody who owns the database can do: drop the triggers that refuse."""
    audit_guards.remove(connection)
    try:
        yield
    finally:
        audit_guards.install(connection)


def bend_file(stored):
    """Change one byte of a kept file on the disk; twice puts it right again."""
    content = bytearray(stored.path.read_bytes())
    content[len(content) // 2] ^= 1
    mode = stored.path.stat().st_mode
    stored.path.chmod(0o600)
    stored.path.write_bytes(bytes(content))
    stored.path.chmod(mode)
