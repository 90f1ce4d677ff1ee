"""Django's SQLite backend with first-come-first-served write transactions.

SQLite lets waiting writers sleep and try again, so a busy writer can starve the others until they report
"database is locked". Here every BEGIN IMMEDIATE first takes an exclusive lock on a file beside the
database: the kernel wakes the next waiter the moment the lock is free, and by the time SQLite is asked, so
is its own.

What it does not do: writes in autocommit mode do not queue (SQLite's busy timeout covers them), the file
must be on a local disk, one thread must not open two write transactions on the same file, and the wait has
no limit: keep PDF making, network and hand-over to other threads out of transactions.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable

from django.db.backends.sqlite3 import base


class WriterQueue:
    """The lock file of one database, as seen by one connection."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held = False

    def enter(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        self._held = True

    def leave(self) -> None:
        if self._held:
            self._held = False
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        self.leave()
        os.close(self._fd)


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite, where a transaction waits its turn instead of trying its luck."""

    _queue: WriterQueue | None = None

    def _writer_queue(self) -> WriterQueue | None:
        """Return the queue of a file database in IMMEDIATE mode; readers and memory databases have none."""
        name = str(self.settings_dict["NAME"])
        if self.transaction_mode != "IMMEDIATE" or self.is_in_memory_db() or name.startswith("file:"):
            return None
        if self._queue is None:
            self._queue = WriterQueue(f"{name}.queue")
        return self._queue

    def _leave_queue(self) -> None:
        if self._queue is not None:
            self._queue.leave()

    def _then_leave(self, step: Callable[[], object]) -> object:
        try:
            return step()
        finally:
            self._leave_queue()

    def _start_transaction_under_autocommit(self) -> None:
        if queue := self._writer_queue():
            queue.enter()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> object:
        return self._then_leave(super()._commit)

    def _rollback(self) -> object:
        return self._then_leave(super()._rollback)

    def _close(self) -> object:
        try:
            return super()._close()
        finally:
            if self._queue is not None:
                self._queue.close()
                self._queue = None
