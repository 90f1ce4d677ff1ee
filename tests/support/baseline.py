"""Brings a test database back to the state every test begins with: migrated, editions loaded.

Django would empty every table between transactional tests. That loses the editions, and the audit tables refuse it
on purpose. A copy is taken once and put back instead, which is also quicker.
"""

import sqlite3
from contextlib import closing

from django.db import connection, connections

_copies = {}


def remember():
    """Copy the database as it stands; once per test process."""
    name = connection.settings_dict["NAME"]
    _copies[name] = f"{name}_base"
    connections.close_all()
    _copy(name, _copies[name])


def restore():
    """Put the copy back in place of whatever a test has left."""
    name = connection.settings_dict["NAME"]
    connections.close_all()
    _copy(_copies[name], name)


def _copy(source, target):
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, timeout=20)) as write:
            read.backup(write)
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        # A template must have no other sessions, and a server thread of a test may just be closing its own.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
