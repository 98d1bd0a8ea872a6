"""The index: migrated, shared by threads, and its failures named."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from calotype.domain.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseTooNewError,
    DiskFullError,
    FolderNotWritableError,
)
from calotype.storage import database as database_module
from calotype.storage.database import Database

PROJECT = "INSERT INTO projects VALUES ('{0}', '{0}', 'style', 'x', '{0}', 0)"


def _migrated(path: Path) -> Database:
    database = Database(path)
    database.migrate()
    return database


def _count(database: Database) -> int:
    count: int = database.connection().execute("SELECT count(*) FROM projects").fetchone()[0]
    return count


def test_that_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")
    database.connection().execute(PROJECT.format("p"))

    database.migrate()

    assert _count(database) == 1
    database.close()


def test_that_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")
    database.connection().execute("PRAGMA user_version = 999")

    with pytest.raises(DatabaseTooNewError):
        database.migrate()

    assert database.connection().execute("PRAGMA user_version").fetchone()[0] == 999
    database.close()


def test_that_a_file_that_is_no_database_is_reported_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"not a database at all" * 500)

    with pytest.raises(DatabaseDamagedError):
        Database(path).migrate()


def test_that_a_folder_that_is_none_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FolderNotWritableError):
        Database(tmp_path / "file" / "a.sqlite").migrate()


def test_that_a_full_disk_is_not_called_a_folder_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.sqlite").mkdir()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=0))

    with pytest.raises(DiskFullError, match=r"index\.sqlite"):
        Database(tmp_path / "index.sqlite").migrate()


def test_that_a_failed_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")

    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute(PROJECT.format("p"))
        raise RuntimeError

    assert _count(database) == 0
    database.close()


def test_that_an_inner_transaction_ends_with_the_outer_one(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")

    with pytest.raises(RuntimeError), database.transaction():
        with database.transaction() as connection:
            connection.execute(PROJECT.format("p"))
        raise RuntimeError

    assert _count(database) == 0
    database.close()


def test_that_another_program_holding_the_database_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.05)
    database = _migrated(tmp_path / "a.sqlite")
    other = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseBusyError), database.transaction():
        pass

    other.close()
    database.close()


def test_that_each_thread_has_a_connection_that_ends_with_it(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")
    seen: list[sqlite3.Connection] = []

    thread = threading.Thread(target=lambda: seen.append(database.connection()))
    thread.start()
    thread.join()
    gc.collect()

    assert seen[0] is not database.connection()
    with pytest.raises(sqlite3.ProgrammingError):
        seen[0].execute("SELECT 1")
    database.close()


def test_that_threads_writing_at_once_lose_nothing(tmp_path: Path) -> None:
    database = _migrated(tmp_path / "a.sqlite")

    def write(number: int) -> None:
        for index in range(20):
            with database.transaction() as connection:
                connection.execute(PROJECT.format(f"{number}-{index}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _count(database) == 80
    database.close()
