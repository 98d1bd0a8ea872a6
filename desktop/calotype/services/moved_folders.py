"""Folders that pictures came from and that are not there any more: followed to where they are now, or forgotten."""

from __future__ import annotations

from pathlib import Path

from calotype.domain.imageset import Project
from calotype.domain.origins import ImportedFolder, KnownFile, Origins
from calotype.imagesets.origins_file import ORIGINS_FILE, origins_text, read_origins
from calotype.services.linked_pictures import relink
from calotype.services.workspace import Workspace
from calotype.storage import image_sets
from calotype.storage.files import write_text_atomically


def follow_folder(workspace: Workspace, project: Project, old: Path, new: Path) -> bool:
    """Take a folder for the one that was brought in from elsewhere; False if none of its files is there.

    Images that are used where they are are read from there from now on; whether they are still the same is seen when
    the folders are looked at again.
    """
    origins = read_origins(project.folder)
    files = {_moved(path, old, new): known for path, known in origins.files.items()}
    if not any(path.is_file() for path in files if path.is_relative_to(new)):
        return False
    folders = (ImportedFolder(_moved(folder.path, old, new), folder.options) for folder in origins.folders)
    _save(project, Origins(tuple({folder.path: folder for folder in folders}.values()), files))
    images = image_sets.list_images(workspace.database, project)
    paths = {i.content_hash: i.linked_to for i in images if i.linked_to is not None and i.linked_to.is_relative_to(old)}
    moved = {content_hash: _moved(path, old, new) for content_hash, path in paths.items()}
    relink(workspace, project, {content_hash: path for content_hash, path in moved.items() if path.is_file()})
    return True


def forget_folder(project: Project, folder: Path) -> None:
    """Say nothing more about a folder; the images that came from it stay."""
    origins = read_origins(project.folder)
    folders = tuple(other for other in origins.folders if other.path != folder)
    _save(project, Origins(folders, _without(origins, folder)))


def _without(origins: Origins, folder: Path) -> dict[Path, KnownFile]:
    return {path: known for path, known in origins.files.items() if not path.is_relative_to(folder)}


def _moved(path: Path, old: Path, new: Path) -> Path:
    return new / path.relative_to(old) if path.is_relative_to(old) else path


def _save(project: Project, origins: Origins) -> None:
    write_text_atomically(project.folder / ORIGINS_FILE, origins_text(origins))
