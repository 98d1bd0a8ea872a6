"""Take in pictures that were edited in their folders, in the places of those that they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.imageset import CaptionedImage, Project
from calotype.domain.import_options import USUAL, ImportOptions
from calotype.domain.origins import NOT_SEEN, ChangedFile, KnownFile
from calotype.domain.trash import TrashedItem
from calotype.imagesets.copies import PreparedPicture
from calotype.imagesets.dropped import file_source
from calotype.imagesets.masks import mask_path
from calotype.imagesets.origins_file import state_of
from calotype.imagesets.project_folder import caption_path, image_file_name
from calotype.imagesets.thumbnails import thumbnail_path
from calotype.services import library
from calotype.services.origins_note import change_origins
from calotype.services.prepared_pictures import prepared_pictures
from calotype.services.project_lock import import_lock
from calotype.services.set_file import save_set
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, project_rows
from calotype.storage.files import write_atomically


@dataclass(frozen=True, slots=True)
class Replacement:
    """What was replaced: the old images in the trash, the content hashes of the new ones, and their files."""

    trashed: TrashedItem | None
    new: tuple[str, ...]
    files: tuple[ChangedFile, ...] = ()


def replace_changed(workspace: Workspace, project: Project, changed: Sequence[ChangedFile]) -> Replacement:
    """Read the files again; caption, split, rating, repeats and place of each image stay.

    A file that cannot be read now, or holds the pixels of another image of the project, changes nothing.
    """
    with import_lock(project):
        images = {i.content_hash: i for i in image_sets.list_images(workspace.database, project)}
        wanted = [file for file in changed if file.content_hash in images]
        prepared = _prepared(wanted, images)
        if not prepared:
            return Replacement(None, ())
        trashed = library.remove_images(workspace, project, [old for old, _ in prepared])
        writer = _Writer(workspace, project, trashed)
        try:
            writer.write(prepared)
        except BaseException:  # a full disk: the old images come back as they were
            writer.undo()
            library.restore_images(workspace, project, trashed)
            raise
        _note(project, [new for _, new in prepared], writer.copies)
        replaced = {old.content_hash for old, _ in prepared}
        files = tuple(file for file in wanted if file.content_hash in replaced)
        return Replacement(trashed, tuple(new.content_hash for _, new in prepared), files)


def put_back_replaced(workspace: Workspace, project: Project, replacement: Replacement) -> None:
    """Undo `replace_changed`; the files are told as edited the next time, since they are."""
    if replacement.trashed is None:
        return
    library.remove_by_hash(workspace, project, replacement.new)
    library.restore_images(workspace, project, replacement.trashed)
    here = project.folder
    paths = {
        file.path.relative_to(here) if file.path.is_relative_to(here) else file.path: file for file in replacement.files
    }
    change_origins(project, {}, {path: KnownFile(NOT_SEEN, file.content_hash) for path, file in paths.items()})


Pair = tuple[CaptionedImage, PreparedPicture]


def _prepared(changed: Sequence[ChangedFile], images: dict[str, CaptionedImage]) -> list[Pair]:
    pairs: list[Pair] = []
    seen = set(images)
    for is_linked in (False, True):
        files = [file for file in changed if (images[file.content_hash].linked_to is not None) == is_linked]
        sources = [file_source(file.path, mask=_mask_beside(file.path)) for file in files]
        options = ImportOptions(is_linked=True) if is_linked else USUAL
        for file, found in zip(files, prepared_pictures(sources, Control(), options), strict=True):
            if isinstance(found, PreparedPicture) and found.content_hash not in seen:
                seen.add(found.content_hash)
                pairs.append((images[file.content_hash], found))
    return pairs


def _mask_beside(path: Path) -> Path | None:
    mask = mask_path(path)
    return mask if mask.is_file() else None


class _Writer:
    """Writes new images under stems of their own, so that the old ones can come back beside nothing."""

    def __init__(self, workspace: Workspace, project: Project, trashed: TrashedItem) -> None:
        self._workspace = workspace
        self._project = project
        self._trashed = trashed
        kept = trashed.folder / library.IMAGES_FOLDER
        present = [*project.images_folder.iterdir(), *(kept.iterdir() if kept.is_dir() else ())]
        self._taken = {path.stem.lower() for path in present}
        self._written: list[Path] = []
        self.copies: dict[Path, str] = {}  # content hashes

    def write(self, pairs: Sequence[Pair]) -> None:
        """Write the files, and put rows with the places and choices of the old images into the index."""
        rows = json.loads((self._trashed.folder / library.ROWS_FILE).read_text(encoding="utf-8"))["images"]
        new = [{**row, **self._write_one(*pair)} for row, pair in zip(rows, pairs, strict=True)]
        with self._workspace.database.transaction():
            project_rows.put_back(self._workspace.database, {"images": new})
            save_set(self._project, image_sets.list_images(self._workspace.database, self._project))

    def undo(self) -> None:
        """Take away what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)

    def _write_one(self, old: CaptionedImage, new: PreparedPicture) -> dict[str, str | int]:
        name = image_file_name(old.path.name, new.suffix, lambda name: Path(name).stem.lower() in self._taken)
        path = self._project.images_folder / name
        self._taken.add(path.stem.lower())
        kept = self._trashed.folder / library.IMAGES_FOLDER / old.path.name
        self._put(caption_path(path), _bytes_of(caption_path(kept)) or old.caption.encode("utf-8"))
        is_same_size = (new.width_px, new.height_px) == (old.width_px, old.height_px)
        mask = new.mask or (_bytes_of(mask_path(kept)) if is_same_size else None)
        if mask is not None:
            self._put(mask_path(path), mask)
        if not new.stays:
            self._put(path, new.data)
            self.copies[path] = new.content_hash
        thumbnail = thumbnail_path(self._workspace.folder.thumbnails, new.content_hash)
        write_atomically(thumbnail, new.thumbnail, is_durable=False)
        return {
            "file_name": path.name,
            "width_px": new.width_px,
            "height_px": new.height_px,
            "content_hash": new.content_hash,
            "perceptual_hash": f"{new.perceptual_hash:016x}",
        }

    def _put(self, path: Path, data: bytes) -> None:
        self._written.append(path)
        write_atomically(path, data)


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _note(project: Project, new: Sequence[PreparedPicture], copies: Mapping[Path, str]) -> None:
    """Remember the files as they are now: the originals, and the copies under their new names."""
    notes = {
        picture.source.path: KnownFile(picture.state, picture.content_hash)
        for picture in new
        if picture.source.path is not None and picture.state is not None
    }
    edited_here = [path for path in notes if path.is_relative_to(project.folder)]
    originals = {path: known for path, known in notes.items() if path not in edited_here}
    written = {
        path.relative_to(project.folder): KnownFile(state, content_hash)
        for path, content_hash in copies.items()
        if (state := state_of(path)) is not None
    }
    change_origins(project, {}, {**originals, **written}, [path.relative_to(project.folder) for path in edited_here])
