"""Opening and changing a set of a hundred thousand pictures without waiting for its files.

The index answers at once, and the folder is looked at afterwards. What is chosen is in the index at once, and
`set.json` follows: until then a mark beside it says that it is old, so that a program that ended in between writes it
later.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from calotype.domain.courtesy import courteous
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split
from calotype.imagesets.project_folder import SET_FILE, SET_IS_OLD_FILE, caption_path, read_caption, set_lines
from calotype.services.workspace import Workspace
from calotype.storage import image_sets
from calotype.storage.files import failures_named, new_file, write_atomically, write_text_atomically
from calotype.storage.image_sets import CHOICES

_TRIES = 5


@dataclass(slots=True)
class KnownFiles:
    """What a look at a project's folder found, so that the next one reads only the captions that changed since."""

    stamps: dict[str, int] = field(default_factory=dict)  # when captions were changed last, by content hash


def indexed_set(workspace: Workspace, project: Project) -> ImageSet:
    """The images of a project as the index knows them, which may not be how they are in the folder."""
    return ImageSet(project, tuple(image_sets.list_images(workspace.database, project)))


def each_indexed(workspace: Workspace, project: Project) -> Iterator[CaptionedImage]:
    """The images of `indexed_set` one by one, for those who keep few of them."""
    return image_sets.each_image(workspace.database, project)


def look_at_folder(workspace: Workspace, image_set: ImageSet, known: KnownFiles) -> ImageSet:
    """The set without pictures whose file is gone, and with the captions that are on disk now.

    Images that did not change are the same objects. `known` is what an earlier look found, and is brought up to date,
    as is what the index knows of captions.
    """
    files = _stamps(image_set.project.images_folder)
    stamps: dict[str, int] = {}
    images: list[CaptionedImage] = []
    captions: dict[str, str] = {}
    for image in courteous(image_set.images):
        if image.linked_to is None and image.path.name not in files:
            continue
        stamp = stamps[image.content_hash] = files.get(_caption_name(image), 0)
        if stamp and stamp != known.stamps.get(image.content_hash):
            caption = caption_on_disk(image)
            if caption != image.caption:
                captions[image.content_hash] = caption
                image = replace(image, caption=caption)
        images.append(image)
    if captions:
        image_sets.set_captions(workspace.database, image_set.project, captions)
    known.stamps = stamps
    return replace(image_set, images=tuple(images))


def caption_on_disk(image: CaptionedImage) -> str:
    """The caption as it is beside the picture now; the one that is known if there is none."""
    caption = read_caption(image.path)
    return image.caption if caption is None else caption


def set_captions(
    workspace: Workspace, project: Project, images: Sequence[CaptionedImage], captions: Mapping[str, str]
) -> None:
    """Write captions, by content hash. Raises FolderNotWritableError or DiskFullError; some are written then.

    Many are not flushed one by one, which would take minutes: the index, which is, knows them as well.
    """
    written: dict[str, str] = {}
    try:
        for image in images:
            caption = captions[image.content_hash].strip()
            write_atomically(caption_path(image.path), caption.encode("utf-8"), is_durable=len(images) == 1)
            written[image.content_hash] = caption
    finally:
        image_sets.set_captions(workspace.database, project, written)


def choose(
    workspace: Workspace, project: Project, images: Sequence[CaptionedImage], names: Collection[str] = CHOICES
) -> None:
    """Write what was chosen for images into the index, and mark `set.json` as old until `write_set_file`.

    `names` are those of the choices that were made: the others may have been made elsewhere since the images were read.
    """
    with workspace.database.transaction():
        _mark_set_file(project)
        image_sets.save_choices(workspace.database, project, images, names)


def choose_splits(workspace: Workspace, project: Project, splits: Mapping[str, Split]) -> None:
    """Write the sides of images, by content hash, as `choose` does."""
    with workspace.database.transaction():
        _mark_set_file(project)
        image_sets.set_splits(workspace.database, project, splits)


def is_set_file_old(project: Project) -> bool:
    """True if something was chosen that `set.json` does not know yet."""
    return (project.folder / SET_IS_OLD_FILE).exists()


def write_set_file(workspace: Workspace, project: Project) -> None:
    """Bring `set.json` up to date with the index, if it is old.

    The index is not held meanwhile, since writing takes seconds when there are many images: if something is chosen in
    the meantime, it is written again.
    """
    for _ in range(_TRIES):
        mark = _read_mark(project)
        if not mark or _wrote(workspace, project, mark):
            return


def _wrote(workspace: Workspace, project: Project, mark: str) -> bool:
    lines = set_lines(image_sets.each_image(workspace.database, project))
    path = project.folder / f"{SET_FILE}.new"
    with new_file(path) as file:
        for line in lines:
            file.write(line.encode("utf-8"))
    with workspace.database.transaction():  # whoever chooses, or writes the file whole, waits for this
        if _read_mark(project) != mark:
            path.unlink(missing_ok=True)
            return False
        with failures_named(path):
            path.replace(project.folder / SET_FILE)
        (project.folder / SET_IS_OLD_FILE).unlink(missing_ok=True)
    return True


def _mark_set_file(project: Project) -> None:
    write_text_atomically(project.folder / SET_IS_OLD_FILE, uuid.uuid4().hex)


def _read_mark(project: Project) -> str:
    try:
        return (project.folder / SET_IS_OLD_FILE).read_text(encoding="utf-8")
    except OSError:
        return ""


def _stamps(folder: Path) -> dict[str, int]:
    """The files of a folder; for captions with the time of their last change in nanoseconds."""
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        return {entry.name: _stamp(entry) if entry.name.endswith(".txt") else 0 for entry in courteous(entries)}


def _stamp(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_mtime_ns
    except OSError:  # gone since the folder was listed
        return 0


def _caption_name(image: CaptionedImage) -> str:
    return os.path.splitext(image.path.name)[0] + ".txt"  # noqa: PTH122  # three times faster, and there are many
