"""Database guards of the append-only tables.

Measured: on SQLite INSERT OR REPLACE walks through plain UPDATE/DELETE triggers, so there is an INSERT guard as well
(and the recursive_triggers pragma); on PostgreSQL row triggers do not see TRUNCATE and are skipped by
session_replication_role unless ENABLE ALWAYS.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = {"smartfactory_auditentry": "seq", "smartfactory_auditcheckpoint": "id"}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the guards (idempotent)."""
    remove(connection)
    _run(connection, _SQLITE_INSTALL if connection.vendor == "sqlite" else _POSTGRES_INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the guards: for reversing the migration and for replacing an installation by an archive, nothing else."""
    _run(connection, _SQLITE_REMOVE if connection.vendor == "sqlite" else _POSTGRES_REMOVE)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of guards that should stand and do not."""
    catalogue = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        catalogue = "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'"
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        standing = {name for (name,) in cursor.fetchall()}
    kinds = ("update", "delete", "replace") if connection.vendor == "sqlite" else ("row", "truncate")
    return [name for table in TABLES for kind in kinds if (name := f"{table}_{kind}") not in standing]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for table, key in TABLES.items():
            for statement in statements:
                cursor.execute(statement.format(table=table, key=key))


_REFUSAL = "the audit trail is append-only"
_SQLITE_INSTALL = [
    f"CREATE TRIGGER {{table}}_update BEFORE UPDATE ON {{table}} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    f"CREATE TRIGGER {{table}}_delete BEFORE DELETE ON {{table}} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} "  # noqa: S608 - the names are ours
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
]
_SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS {{table}}_{kind}" for kind in ("update", "delete", "replace")]
_POSTGRES_INSTALL = [
    "CREATE OR REPLACE FUNCTION smartfactory_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER {table}_row BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION smartfactory_append_only()",
    "CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION smartfactory_append_only()",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_row",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_truncate",
]
_POSTGRES_REMOVE = [f"DROP TRIGGER IF EXISTS {{table}}_{kind} ON {{table}}" for kind in ("row", "truncate")]
