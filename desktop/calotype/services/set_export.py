"""A project's pictures as a folder that kohya's scripts and OneTrainer open as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.errors import TooFewImagesError
from calotype.domain.imageset import CaptionedImage, ImageSet, Project
from calotype.imagesets.copies import prepare
from calotype.imagesets.dropped import file_source, read_file
from calotype.imagesets.masks import mask_path
from calotype.imagesets.project_folder import caption_path, folder_name
from calotype.services.library import image_set as load_image_set
from calotype.services.linked_pictures import require_present
from calotype.services.workspace import Workspace
from calotype.storage.files import write_atomically, write_text_atomically

LEARNED_FROM = "img"  # what kohya's train_data_dir and a concept of OneTrainer name
HELD_OUT = "validation"


@dataclass(frozen=True, slots=True)
class ExportedPicture:
    """One picture was written. `number` of `total`; `folder` is the whole export."""

    folder: Path
    number: int
    total: int


def export_set(workspace: Workspace, project: Project, parent: Path, control: Control) -> Iterator[ExportedPicture]:
    """Write `img/REPEATS_TRIGGER KIND/` with pictures, captions and masks into a new folder below `parent`.

    Held-out pictures go into `validation/`, so that nobody learns from them by accident; excluded ones stay here.
    Nothing that exists is replaced. Raises TooFewImagesError if there is nothing to write, LinkedPicturesMissingError,
    DiskFullError or FolderNotWritableError.
    """
    pictures = load_image_set(workspace, project).included
    if not pictures.images:
        raise TooFewImagesError(0, 1)
    require_present(pictures)
    folder = parent / folder_name(f"{project.name} dataset", lambda name: (parent / name).exists())
    for number, image in enumerate(pictures.images, start=1):
        if control.is_stopping:
            return
        _write(image, folder / _place(image, pictures))
        yield ExportedPicture(folder, number, len(pictures.images))


def _place(image: CaptionedImage, pictures: ImageSet) -> Path:
    project = pictures.project
    words = re.sub(r"[/\\?*\x00-\x1f]", "-", f"{project.trigger_word} {project.kind.value}")
    side, repeats = (HELD_OUT, 1) if image.is_held_out else (LEARNED_FROM, image.repeats)
    return Path(side, f"{repeats}_{words}")


def _write(image: CaptionedImage, folder: Path) -> None:
    if image.linked_to is None:
        suffix, data = image.path.suffix, read_file(image.path)
    else:  # upright and in sRGB, which those who read the folder take for granted
        picture = prepare(file_source(image.linked_to))
        suffix, data = picture.suffix, picture.data
    path = folder / f"{image.path.stem}{suffix}"
    write_text_atomically(caption_path(path), image.caption)
    mask = mask_path(image.path)
    if mask.is_file():
        write_atomically(mask_path(path), read_file(mask))
    write_atomically(path, data)
