"""The pictures of a project: bring in, look at, caption, split, remove and put back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.errors import NoUsableImagesError
from calotype.domain.events import ImportEvent
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split
from calotype.domain.import_options import USUAL, ImportOptions, NamedPicture
from calotype.domain.look_alikes import NearDuplicates
from calotype.domain.look_alikes import near_duplicate_groups as gather_near_duplicates
from calotype.domain.split_report import SplitReport, report_split
from calotype.domain.trash import TrashedItem
from calotype.imagesets.dropped import memory_source, open_sources
from calotype.imagesets.masks import mask_path
from calotype.imagesets.pixels import open_rgb
from calotype.imagesets.project_folder import caption_path, free_name, read_caption
from calotype.imagesets.thumbnails import shrunk, thumbnail_bytes, thumbnail_path
from calotype.services.image_import import PictureImport
from calotype.services.look_alikes import alike_pairs
from calotype.services.project_lock import import_lock
from calotype.services.set_file import save_set
from calotype.services.sides import split_and_save
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, project_rows
from calotype.storage.files import moves_together, write_atomically, write_text_atomically
from calotype.storage.trash import kept_text, new_place

ROWS_FILE = "rows.json"
IMAGES_FOLDER = "images"


def import_images(
    workspace: Workspace,
    project: Project,
    sources: Sequence[Path],
    control: Control,
    options: ImportOptions = USUAL,
) -> Iterator[ImportEvent]:
    """Copy pictures from files, folders and zips into a project; the originals are not touched.

    What cannot be used is reported and left out. Raises NoUsableImagesError if there is nothing to try,
    ProjectBusyError while another import works on the project, and DiskFullError or FolderNotWritableError after
    what was imported is recorded.
    """
    with import_lock(project), open_sources(sources, lambda: control.is_stopping) as found:
        if not found and not control.is_stopping:
            raise NoUsableImagesError
        folders = [path for path in sources if path.is_dir()]
        yield from PictureImport(workspace, project, options).run(found, control, folders)


def import_pictures(workspace: Workspace, project: Project, pictures: Sequence[NamedPicture]) -> Iterator[ImportEvent]:
    """Bring in pictures that are not files, such as those from the clipboard or from a browser."""
    with import_lock(project):
        found = [memory_source(picture.data, picture.name) for picture in pictures]
        yield from PictureImport(workspace, project).run(found, Control())


def image_set(workspace: Workspace, project: Project) -> ImageSet:
    """The images of a project as they are on disk now, also after captions or pictures were changed by hand."""
    known = image_sets.list_images(workspace.database, project)
    present = _file_names(project.images_folder)
    images = (
        _with_caption_on_disk(image) for image in known if image.linked_to is not None or image.path.name in present
    )
    return ImageSet(project=project, images=tuple(images))


def set_caption(workspace: Workspace, project: Project, image: CaptionedImage, text: str) -> CaptionedImage:
    """Write the caption beside the picture. Raises FolderNotWritableError or DiskFullError."""
    caption = text.strip()
    write_text_atomically(caption_path(image.path), caption)
    image_sets.set_caption(workspace.database, project, image.content_hash, caption)
    return replace(image, caption=caption)


def set_splits(workspace: Workspace, project: Project, splits: Mapping[str, Split]) -> None:
    """Hold images out, or learn from them, by content hash."""
    with workspace.database.transaction():
        image_sets.set_splits(workspace.database, project, splits)
        save_set(project, image_sets.list_images(workspace.database, project))


def save_choices(workspace: Workspace, project: Project, images: Sequence[CaptionedImage]) -> None:
    """Write down what was chosen for these images: split, rating, whether excluded, repeats."""
    with workspace.database.transaction():
        image_sets.save_choices(workspace.database, project, images)
        save_set(project, image_sets.list_images(workspace.database, project))


def remove_images(workspace: Workspace, project: Project, images: Sequence[CaptionedImage]) -> TrashedItem:
    """Move images with their captions and masks to the trash, from where `restore_images` puts them back."""
    trashed = new_place(workspace.folder.trash)
    with moves_together() as move, workspace.database.transaction():
        hashes = [image.content_hash for image in images]
        rows = project_rows.take_images(workspace.database, project, hashes)
        write_text_atomically(trashed / ROWS_FILE, json.dumps(rows))
        for row in rows["images"]:  # an image that was put back may have another name than `images` say
            name = str(row["file_name"])
            _move_with_caption_and_mask(project.images_folder / name, trashed / IMAGES_FOLDER / name, move)
        save_set(project, image_sets.list_images(workspace.database, project))
    name = images[0].original_name if len(images) == 1 else project.name
    return TrashedItem(folder=trashed, name=name, count=len(rows["images"]))


def remove_by_hash(workspace: Workspace, project: Project, content_hashes: Sequence[str]) -> TrashedItem:
    """Move the images with these hashes to the trash, as `remove_images` does."""
    wanted = set(content_hashes)
    known = image_sets.list_images(workspace.database, project)
    return remove_images(workspace, project, [image for image in known if image.content_hash in wanted])


def replace_captions(
    workspace: Workspace, project: Project, captions: Mapping[str, str], instead_of: Mapping[str, str]
) -> Iterator[CaptionedImage]:
    """Write captions by content hash over those that are `instead_of`: what a person wrote meanwhile stays."""
    for image in image_set(workspace, project).images:
        wanted = captions.get(image.content_hash)
        if wanted is not None and image.caption == instead_of[image.content_hash]:
            yield set_caption(workspace, project, image, wanted)


def restore_images(workspace: Workspace, project: Project, item: TrashedItem) -> None:
    """Put back what `remove_images` took away, in its old place; an image that came back by itself stays as it is.

    Where another picture has taken the name of its file meanwhile, it gets another one. Raises StorageError, also if
    the trash was emptied.
    """
    rows = json.loads(kept_text(item, ROWS_FILE))["images"]
    taken = {path.stem.lower() for path in _files_of(project.images_folder)}
    with moves_together() as move, workspace.database.transaction():
        known = {image.content_hash for image in image_sets.each_image(workspace.database, project)}
        lacking = [row for row in rows if row["content_hash"] not in known]
        for row in lacking:
            old = item.folder / IMAGES_FOLDER / row["file_name"]
            row["file_name"] = free_name(old.stem, old.suffix, lambda name: Path(name).stem.lower() in taken)
            new = project.images_folder / row["file_name"]
            taken.add(new.stem.lower())
            _move_with_caption_and_mask(old, new, move)
        project_rows.put_back(workspace.database, {"images": lacking})
        save_set(project, image_sets.list_images(workspace.database, project))


def resplit(workspace: Workspace, project: Project, seed: int = 0) -> None:
    """Choose anew which images are held out. Another seed chooses others, where there is a choice."""
    split_and_save(workspace, project, lambda _image: False, seed)


def put_together(workspace: Workspace, project: Project) -> None:
    """Learn from all look-alikes that are on both sides; every other choice stays."""
    split_and_save(workspace, project, lambda _image: True)


def split_report(workspace: Workspace, image_set: ImageSet) -> SplitReport:
    """How a set is divided now, and why. Pictures that were not compared yet are compared first."""
    return report_split(image_set.images, alike_pairs(workspace, image_set.project))


def thumbnail(workspace: Workspace, image: CaptionedImage) -> Path:
    """The small copy of an image, made if it is not there; that takes a moment, so call it off the UI thread."""
    path = thumbnail_path(workspace.folder.thumbnails, image.content_hash)
    if not path.exists():
        write_atomically(path, thumbnail_bytes(shrunk(open_rgb(image.pixels_path))), is_durable=False)
    return path


def near_duplicate_groups(workspace: Workspace, image_set: ImageSet) -> tuple[NearDuplicates, ...]:
    """Images that look almost alike, around the best of each, excluded ones too.

    What was not compared yet is compared now and remembered; that takes a while, so call it off the UI thread.
    """
    return gather_near_duplicates(image_set.images, alike_pairs(workspace, image_set.project))


def _with_caption_on_disk(image: CaptionedImage) -> CaptionedImage:
    caption = read_caption(image.path)
    return image if caption is None or caption == image.caption else replace(image, caption=caption)


def _file_names(folder: Path) -> set[str]:
    return {path.name for path in _files_of(folder)}


def _files_of(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _move_with_caption_and_mask(path: Path, destination: Path, move: Callable[[Path, Path], None]) -> None:
    pairs = ((path, destination), *((of(path), of(destination)) for of in (caption_path, mask_path)))
    for source, target in pairs:
        if source.exists():  # it may have been taken away by hand
            move(source, target)
