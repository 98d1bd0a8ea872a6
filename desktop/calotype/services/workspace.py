"""The data folder: where it is, opening it whatever state it is in, its settings, and who may use it."""

from __future__ import annotations

import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from filelock import FileLock, Timeout

from calotype.domain.errors import (
    AlreadyOpenError,
    CalotypeError,
    DatabaseCorruptError,
    DatabaseDamagedError,
    FolderNotWritableError,
    OlderVersionOpenError,
    StorageError,
)
from calotype.domain.errors.folders import FolderNameTooLongError, PortableFolderError
from calotype.domain.folders import DataFolder
from calotype.domain.imageset import Project
from calotype.domain.settings import Settings
from calotype.imagesets.project_folder import PROJECT_FILE, project_text, read_images, read_project
from calotype.services.run_files import read_runs
from calotype.startup.data_root import default_root, pointer_file, portable_root
from calotype.startup.program import PORTABLE_FILE
from calotype.startup.typed_paths import is_there, typed_path
from calotype.storage import image_sets, models_file, settings_file
from calotype.storage import runs as run_rows
from calotype.storage.database import Database
from calotype.storage.files import failures_named, make_folder, write_text_atomically

_MIGRATION_WAIT_S = 2.0  # another process may be bringing the index up to date just now, which takes milliseconds
LONGEST_ROOT_BYTES = 480  # SQLite opens no path of more than 512 bytes, and its journals have longer names

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open data folder. `notices` are things to tell the user that did not stop it from opening."""

    folder: DataFolder
    database: Database
    notices: tuple[CalotypeError, ...] = ()


class WindowLock:
    """Holds the data folder for one window until it is released."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        """Let another window use the data folder."""
        self._lock.release()


def remember_root(root: Path) -> None:
    """Use this data folder from the next start on."""
    write_text_atomically(pointer_file(), f"{typed_path(root)}\n")


def is_first_start(root: Path | None = None) -> bool:
    """True until a window has been opened with this data folder, which writes the settings."""
    folder = DataFolder(typed_path(root if root is not None else default_root()))
    return not is_there(folder.settings)


def open_workspace(root: Path | None = None) -> Workspace:
    """Open a data folder, made if it is new; a damaged index is put aside and rebuilt from the projects.

    Raises DatabaseTooNewError, DatabaseBusyError, FolderNotWritableError or DiskFullError, PortableFolderError if the
    folder beside a portable program cannot be written to, and OlderVersionOpenError while a window of an older version
    works with an index that this version would change.
    """
    folder = DataFolder(typed_path(root if root is not None else default_root()))
    # torch's compiler, which diffusers imports, makes this folder at once: otherwise in a place that all users share.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder.torch_cache)
    try:
        return _opened(folder)
    except FolderNotWritableError as error:
        if folder.root == portable_root():
            raise PortableFolderError(PORTABLE_FILE, str(folder.root.parent), error.cause) from error
        raise


def _opened(folder: DataFolder) -> Workspace:
    length = len(os.fsencode(folder.root))
    if length > LONGEST_ROOT_BYTES:
        raise FolderNameTooLongError.of(str(folder.root), length, LONGEST_ROOT_BYTES)
    for path in (folder.projects, folder.outputs, folder.loras, folder.thumbnails, folder.logs, folder.trash):
        make_folder(path)
    put_aside = (
        settings_file.put_damaged_settings_aside(folder.settings),
        models_file.put_damaged_models_aside(folder.models),
    )
    notices: list[CalotypeError] = [notice for notice in put_aside if notice is not None]
    database = Database(folder.database)
    try:
        _migrate(folder, database)
        _index_unknown_projects(folder, database)
    except DatabaseDamagedError:
        database.close()
        notices.append(_put_index_aside(folder))
        database = Database(folder.database)
        database.migrate()
        _index_unknown_projects(folder, database)
    except CalotypeError:
        database.close()  # an open connection keeps files beside the index, which belongs to another version
        raise
    return Workspace(folder, database, tuple(notices))


def close_workspace(workspace: Workspace) -> None:
    """Close the index."""
    workspace.database.close()


def lock_window(workspace: Workspace) -> WindowLock:
    """Hold the data folder for one window. Raises AlreadyOpenError while another window holds it."""
    return _lock_folder(workspace.folder, AlreadyOpenError(str(workspace.folder.root)), wait_s=0)


def load_settings(workspace: Workspace) -> Settings:
    """Read the user's choices."""
    return settings_file.read_settings(workspace.folder.settings)


def save_settings(workspace: Workspace, settings: Settings) -> None:
    """Keep the user's choices."""
    settings_file.write_settings(workspace.folder.settings, settings)


def change_settings(workspace: Workspace, before: Settings, after: Settings) -> Settings:
    """Keep the choices in which `after` differs from `before`, and those that others have made since; answer them."""
    names = [field.name for field in fields(Settings) if getattr(after, field.name) != getattr(before, field.name)]
    settings = replace(load_settings(workspace), **{name: getattr(after, name) for name in names})
    save_settings(workspace, settings)
    return settings


def disk_free_bytes(workspace: Workspace) -> int:
    """How much more can be written to the data folder's disk."""
    return shutil.disk_usage(workspace.folder.root).free


def _lock_folder(folder: DataFolder, refusal: AlreadyOpenError, wait_s: float) -> WindowLock:
    """Hold a data folder as a window does. Raises the refusal while a window holds it."""
    path = folder.root / ".window.lock"
    lock = FileLock(path, timeout=wait_s, thread_local=False)
    with failures_named(path):
        try:
            lock.acquire()
        except Timeout:
            raise refusal from None
    return WindowLock(lock)


def _migrate(folder: DataFolder, database: Database) -> None:
    """Bring the index up to date, but not under the hands of an older window, which would not know it any more."""
    if not database.is_older:
        database.migrate()
        return
    lock = _lock_folder(folder, OlderVersionOpenError(str(folder.root)), _MIGRATION_WAIT_S)
    try:
        database.migrate()
    finally:
        lock.release()


def _put_index_aside(folder: DataFolder) -> DatabaseCorruptError:
    backup = folder.database.with_name(f"calotype.damaged-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
    with failures_named(folder.database):
        folder.database.replace(backup)
        for suffix in ("-wal", "-shm"):
            # A journal that outlived its database would be played into the new one.
            folder.database.with_name(folder.database.name + suffix).unlink(missing_ok=True)
    logger.info("put the damaged index aside as %s", backup)
    return DatabaseCorruptError(folder.database.name, backup.name)


def _index_unknown_projects(folder: DataFolder, database: Database) -> None:
    """Take in project folders that the index does not know: all after damage, else those copied in or renamed."""
    with database.transaction():
        known = {project.id: project for project in image_sets.list_projects(database, folder.projects)}
        folders = {project.folder for project in known.values()}
        for path in _project_folders(folder):
            project = read_project(path) if path not in folders else None
            if project is not None and project.id in known and known[project.id].folder.is_dir():
                project = _of_its_own(project, known.values())
            if project is not None:
                known[project.id] = project
                image_sets.save_project(database, project)
                image_sets.add_images(database, project, read_images(project))
                _index_runs(folder, database, project)


def _of_its_own(copy: Project, others: Iterable[Project]) -> Project | None:
    """Make a project of its own out of a copy of another one's folder; None if nothing can be written there."""
    names, number = {other.name.casefold() for other in others}, 2
    while f"{copy.name[:70]} {number}".casefold() in names:
        number += 1
    project = replace(copy, id=uuid.uuid4().hex[:12], name=f"{copy.name[:70]} {number}")
    try:
        write_text_atomically(project.folder / PROJECT_FILE, project_text(project))
    except StorageError as error:
        logger.info("the copy %s is not shown: %s", project.folder, error)
        return None
    return project


def _index_runs(folder: DataFolder, database: Database, project: Project) -> None:
    """Take in the runs of a project but those that came with the copy of another one, which are known there."""
    for run in read_runs(project):
        known = run_rows.find_run(database, run.id, folder.projects)
        if known is None or known.project_id == project.id:
            run_rows.add_run(database, run, folder.projects)


def _project_folders(folder: DataFolder) -> Iterator[Path]:
    return (path for path in sorted(folder.projects.iterdir()) if path.is_dir() and not path.name.startswith("."))
