"""What a person decides about files that moved or vanished, so that it can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from calotype.domain.courtesy import courteous
from calotype.domain.imageset import Project
from calotype.domain.origins import ImportedFolder, KnownFile, Origins
from calotype.imagesets.origins_file import ORIGINS_FILE, origins_text, read_origins
from calotype.services.linked_pictures import relink
from calotype.services.project_lock import import_lock
from calotype.services.workspace import Workspace
from calotype.storage import image_sets
from calotype.storage.files import write_text_atomically

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the pictures of a project are from, and by content hash the files that are used where they are."""

    origins: Origins = field(default_factory=Origins)
    links: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FolderStep:
    """What was known before and after; only what differs is held, as a set may have a hundred thousand files."""

    before: Whereabouts
    after: Whereabouts

    @property
    def is_nothing(self) -> bool:
        """True if there is nothing to take back."""
        return self.before == self.after


def step_of(workspace: Workspace, project: Project, decide: Callable[[], object]) -> FolderStep:
    """Do this, and answer what it changed about where pictures are from. Raises ProjectBusyError during an import."""
    with import_lock(project):
        before = _whereabouts(workspace, project)
        decide()
        after = _whereabouts(workspace, project)
    return FolderStep(_beyond(before, after), _beyond(after, before))


def take_back(workspace: Workspace, project: Project, step: FolderStep) -> None:
    """Undo a step; what was brought in or looked at since stays known. Raises ProjectBusyError during an import."""
    _turn(workspace, project, step.after, step.before)


def do_again(workspace: Workspace, project: Project, step: FolderStep) -> None:
    """Redo a step that was taken back. Raises ProjectBusyError during an import."""
    _turn(workspace, project, step.before, step.after)


def _turn(workspace: Workspace, project: Project, old: Whereabouts, new: Whereabouts) -> None:
    with import_lock(project):
        known = read_origins(project.folder)
        folders = (*(folder for folder in known.folders if folder not in old.origins.folders), *new.origins.folders)
        kept = {path: file for path, file in courteous(known.files.items()) if path not in old.origins.files}
        now = Origins(tuple({folder.path: folder for folder in folders}.values()), {**kept, **new.origins.files})
        write_text_atomically(project.folder / ORIGINS_FILE, origins_text(now))
        if new.links:
            relink(workspace, project, new.links)


def _whereabouts(workspace: Workspace, project: Project) -> Whereabouts:
    images = courteous(image_sets.each_image(workspace.database, project))
    links = {image.content_hash: image.linked_to for image in images if image.linked_to is not None}
    return Whereabouts(read_origins(project.folder), links)


def _beyond(these: Whereabouts, others: Whereabouts) -> Whereabouts:
    """What is in these alone, or otherwise than in the others."""
    folders: tuple[ImportedFolder, ...] = tuple(
        folder for folder in these.origins.folders if folder not in others.origins.folders
    )
    files: Mapping[Path, KnownFile] = _differing(these.origins.files, others.origins.files)
    return Whereabouts(Origins(folders, files), _differing(these.links, others.links))


def _differing(these: Mapping[K, V], others: Mapping[K, V]) -> dict[K, V]:
    return {key: value for key, value in courteous(these.items()) if others.get(key) != value}
