"""What became of the files that a project's pictures came from and are in, and taking the changes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.courtesy import courteous, free_courteously
from calotype.domain.events import ImportEvent
from calotype.domain.imageset import CaptionedImage, Project
from calotype.domain.origins import ChangedFile, FolderChanges, ImportedFolder, KnownFile, Origins
from calotype.imagesets.content import content_hash_of
from calotype.imagesets.dropped import open_sources
from calotype.imagesets.origins_file import ORIGINS_FILE, read_origins, state_of
from calotype.imagesets.sources import Source
from calotype.services.image_import import PictureImport
from calotype.services.linked_pictures import relink
from calotype.services.origins_note import change_origins
from calotype.services.project_lock import import_lock
from calotype.services.workspace import Workspace
from calotype.storage import image_sets


def has_origins(project: Project) -> bool:
    """True if the project remembers where its pictures came from."""
    return (project.folder / ORIGINS_FILE).is_file()


def look_again(workspace: Workspace, project: Project, control: Control | None = None) -> FolderChanges:
    """Compare the folders that were brought in, and the copies here, with what they were. Only notes of dates change.

    Files are read only if their size or date is another one, or if they may be a file that was renamed.
    """
    origins = read_origins(project.folder)
    images = list(image_sets.each_image(workspace.database, project))
    look = _Look(project, origins, images, control or Control())
    renamed = look.renamed()
    if renamed:
        relink(workspace, project, renamed)
    changes = look.changes()
    look.let_go()
    free_courteously(images)
    return changes


def take_in_new(workspace: Workspace, project: Project, new: Sequence[Path], control: Control) -> Iterator[ImportEvent]:
    """Import these files of remembered folders as the folders themselves were: linked or copied, with captions."""
    wanted = set(new)
    with import_lock(project):
        for folder in read_origins(project.folder).folders:
            with open_sources([folder.path]) as found:
                sources = [source for source in found if isinstance(source, Source) and source.path in wanted]
                if sources and not control.is_stopping:
                    importing = PictureImport(workspace, project, folder.options)
                    yield from importing.run(sources, control, [folder.path])
                    wanted -= {source.path for source in sources}  # it may also lie in another remembered folder


def keep_without_files(project: Project, images: Iterable[CaptionedImage]) -> None:
    """Forget where these images came from: their copies stay, and nothing is said of their files again.

    The copies themselves stay known, so that it is noticed if another program edits one.
    """
    hashes = {image.content_hash for image in images}
    files = courteous(read_origins(project.folder).files.items())
    gone = [path for path, known in files if path.is_absolute() and known.content_hash in hashes]
    change_origins(project, {}, {}, gone)


class _Look:
    def __init__(self, project: Project, origins: Origins, images: Sequence[CaptionedImage], control: Control) -> None:
        self._project = project
        self._origins = origins
        self._images = {image.content_hash: image for image in courteous(images)}
        self._control = control
        self._noted: dict[Path, KnownFile] = {}  # to be written down without a word
        self._reachable = [folder for folder in origins.folders if folder.path.is_dir()]
        self._there = self._files_in(self._reachable)
        self._new = [path for path in courteous(self._there) if path not in origins.files]
        self._gone = self._find_gone()
        self._moved: dict[Path, Path] = {}  # the new paths by the old ones
        self._overwritten: list[CaptionedImage] = []
        self._twins: dict[str, set[Path]] = {}  # the originals of each content
        for path, known in courteous(origins.files.items()):
            if path.is_absolute():
                self._twins.setdefault(known.content_hash, set()).add(path)

    def renamed(self) -> dict[str, Path]:
        """Find files that are only called or put differently; answer those that are used where they are, by content."""
        self._moved = self._find_moved()
        for old, path in self._moved.items():
            self._gone.remove(old)
            self._noted[path] = replace(
                self._origins.files[old], state=state_of(path) or self._origins.files[old].state
            )
        known = {old: self._images[self._origins.files[old].content_hash] for old in self._moved}
        return {image.content_hash: self._moved[old] for old, image in known.items() if image.linked_to == old}

    def changes(self) -> FolderChanges:
        """What is left to tell a person, and write down what is not."""
        changed, usable_now = self._find_changed()
        if self._noted or self._moved:
            change_origins(self._project, {}, self._noted, tuple(self._moved))
        missing = dict.fromkeys(image.content_hash for image in self._missing())
        gone = [self._origins.files[path].content_hash for path in self._gone]
        moved_to = set(self._moved.values())
        return FolderChanges(
            new=tuple(path for path in self._new if path not in moved_to) + tuple(usable_now),
            changed=tuple(changed),
            vanished=tuple(content_hash for content_hash in gone if content_hash not in missing),
            missing=tuple(missing),
            unreachable=tuple(folder.path for folder in self._origins.folders if folder not in self._reachable),
        )

    def let_go(self) -> None:
        """Forget everything: there may be a hundred thousand files."""
        files = self._origins.files
        for held in (self._images, self._there, self._twins, files if isinstance(files, dict) else {}):
            free_courteously(held)

    def _files_in(self, folders: Sequence[ImportedFolder]) -> list[Path]:
        with open_sources([folder.path for folder in folders], lambda: self._control.is_stopping) as found:
            paths = [
                source.path for source in courteous(found) if isinstance(source, Source) and source.path is not None
            ]
        return list(dict.fromkeys(paths))

    def _find_gone(self) -> list[Path]:
        """The files of images of the project that were in a folder which is there, and are not."""
        here = set(self._there)
        # A copy of a vanished file may still lie there.
        twins = {known.content_hash for path, known in courteous(self._origins.files.items()) if path in here}
        lost = set(self._images) - twins
        roots = [folder.path for folder in self._reachable]
        return [
            path
            for path, known in courteous(self._origins.files.items())
            if path not in here
            and known.content_hash in lost
            and any(path.is_relative_to(root) for root in roots)
            and not path.is_file()
        ]

    def _find_moved(self) -> dict[Path, Path]:
        """New files with the size and the pixels of one that is gone."""
        by_size: dict[int, list[Path]] = {}
        for path in self._gone:
            by_size.setdefault(self._origins.files[path].state.size_bytes, []).append(path)
        moved: dict[Path, Path] = {}
        for path in courteous(self._new):
            state = state_of(path)
            candidates = by_size.get(state.size_bytes, []) if state is not None else []
            if not candidates or self._control.is_stopping:
                continue
            content_hash = content_hash_of(path)
            same = (old for old in candidates if self._origins.files[old].content_hash == content_hash)
            old = next((old for old in same if old not in moved), None)
            if old is not None:
                moved[old] = path
        return moved

    def _find_changed(self) -> tuple[list[ChangedFile], list[Path]]:
        """Images whose files have other pixels now, and files that can be used now and could not be before."""
        changed: list[ChangedFile] = []
        usable_now: list[Path] = []
        for path, known in courteous(self._origins.files.items()):
            where = self._project.folder / path  # an absolute path stays what it is
            state = state_of(where)
            if self._control.is_stopping or state is None or state == known.state:
                continue
            content_hash = content_hash_of(where)
            image = self._images.get(known.content_hash)
            if content_hash == known.content_hash:
                self._noted[path] = replace(known, state=state)
            elif content_hash in self._images:
                self._take_for_another(path, image, KnownFile(state, content_hash))
            elif content_hash and image is not None and self._is_origin(path, image):
                changed.append(ChangedFile(where, known.content_hash))
            elif content_hash and (image is not None or not known.content_hash):
                usable_now.append(path)
        return changed, usable_now

    def _take_for_another(self, path: Path, image: CaptionedImage | None, now: KnownFile) -> None:
        """A file was written over with the picture of another image: a copy here does not mind, a link is empty."""
        if image is not None and image.linked_to == path:
            self._overwritten.append(image)
        else:
            self._noted[path] = now

    def _is_origin(self, path: Path, image: CaptionedImage) -> bool:
        """False for a file that was left out as a duplicate while the one that came in is as it was."""
        if image.linked_to is not None:
            return image.linked_to == path
        if not path.is_absolute():
            return True
        others = self._twins[image.content_hash] - {path}
        return not any(state_of(other) == self._origins.files[other].state for other in others)

    def _missing(self) -> Iterator[CaptionedImage]:
        """Images that are used where they are, and are not there; those of an unreachable folder are not counted."""
        away = [folder.path for folder in self._origins.folders if folder not in self._reachable]
        moved = set(self._moved)
        yield from self._overwritten
        for image in courteous(self._images.values()):
            path = image.linked_to
            if path is None or path in moved or path.is_file():
                continue
            if not any(path.is_relative_to(folder) for folder in away):
                yield image
