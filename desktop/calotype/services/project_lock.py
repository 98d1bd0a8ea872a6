"""Who may change the pictures of a project: one import at a time, over all processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from calotype.domain.errors import ProjectBusyError, ProjectNotFoundError
from calotype.domain.imageset import Project
from calotype.services.run_files import is_held
from calotype.storage.files import failures_named


@contextmanager
def import_lock(project: Project) -> Iterator[None]:
    """Keep other imports out; the system lets go when the process dies. Raises ProjectBusyError."""
    if not project.folder.is_dir():
        raise ProjectNotFoundError(project.name)
    path = project.folder / ".import.lock"
    lock = FileLock(path, timeout=0, thread_local=False)
    with failures_named(path):
        try:
            lock.acquire()
        except Timeout:
            raise ProjectBusyError(project.name) from None
    try:
        yield
    finally:
        lock.release()


def require_idle(project: Project) -> None:
    """Raise ProjectBusyError while an import or a training run works on the project."""
    with import_lock(project):
        pass
    run_folders = project.runs_folder.iterdir() if project.runs_folder.is_dir() else ()
    if any(is_held(folder) for folder in run_folders if folder.is_dir()):
        raise ProjectBusyError(project.name)
