"""The index of the data folder in SQLite: one connection per thread, numbered migrations, failures named."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from calotype.domain.errors import (
    CalotypeError,
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseTooNewError,
    DiskFullError,
    FolderNotWritableError,
)

BUSY_TIMEOUT_S = 10.0
_NEEDED_BYTES = 64 * 1024  # what SQLite wants before it opens an index: the shared memory of its log, and a page
_CORRUPT_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNWRITABLE_CODES = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
}
_PRIMARY_CODE = 0xFF  # extended result codes keep the primary one in their low byte


class _ThreadConnection:
    """Closes its connection when the thread that owns it is gone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.close = weakref.finalize(self, connection.close)


class Database:
    """One SQLite file. Threads share the object, and each thread gets its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: weakref.WeakSet[_ThreadConnection] = weakref.WeakSet()
        self._guard = threading.Lock()

    def connection(self) -> sqlite3.Connection:
        """The connection of this thread, opened when first asked for."""
        held: _ThreadConnection | None = getattr(self._local, "held", None)
        if held is None or not held.close.alive:
            with self._translated():
                held = _ThreadConnection(_connect(self.path))
            self._local.held = held
            with self._guard:
                self._open.add(held)
        return held.connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write everything or nothing; inside another transaction it joins that one.

        It is immediate: a second writer waits at the start, and never fails in the middle.
        """
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        with self._translated():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read, with failures in our own words."""
        with self._translated():
            yield self.connection()

    @property
    def is_older(self) -> bool:
        """Whether an older version wrote the file, so that `migrate` would change it; False for a new one."""
        with self.reading() as connection:
            return 0 < _version(connection) < len(_migrations())

    def migrate(self) -> None:
        """Bring the file to the newest schema. Raises DatabaseTooNewError if a newer version wrote it."""
        scripts = _migrations()
        with self.transaction() as connection:
            have = _version(connection)
            if have > len(scripts):
                raise DatabaseTooNewError(self.path.name)
            for number, script in enumerate(scripts[have:], start=have + 1):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for held in list(self._open):
                held.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            translated = _in_our_words(error, self.path)
            if translated is None:
                raise
            raise translated from error


def _connect(path: Path) -> sqlite3.Connection:
    # `close` runs in another thread, so that SQLite's own check has to be off; use stays within one thread.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # some failures, such as a full disk, have ended it already
        connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _migrations() -> list[str]:
    folder = files("calotype_resources") / "migrations"
    numbered = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name
    )
    return [entry.read_text(encoding="utf-8") for entry in numbered]


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit the transaction that makes a migration all or nothing.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _in_our_words(error: sqlite3.DatabaseError, path: Path) -> CalotypeError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & _PRIMARY_CODE
    if primary in _CORRUPT_CODES:
        return DatabaseDamagedError(path.name)
    if primary in _BUSY_CODES:
        return DatabaseBusyError(path.name)
    if primary == sqlite3.SQLITE_FULL:
        return DiskFullError(path.name)
    if primary in _UNWRITABLE_CODES:
        if _is_full(path.parent):  # SQLite calls it an I/O error that it cannot make its files
            return DiskFullError(path.name)
        return FolderNotWritableError(str(path.parent), str(error))
    return None


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _NEEDED_BYTES
    except OSError:
        return False
