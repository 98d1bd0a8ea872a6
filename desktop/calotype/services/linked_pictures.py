"""Images whose files were left where they are: are they there, and where else could they be."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from calotype.domain.errors import LinkedPicturesChangedError, LinkedPicturesMissingError
from calotype.domain.imageset import CaptionedImage, ImageSet, Project
from calotype.domain.origins import KnownFile
from calotype.imagesets.content import content_hash_of
from calotype.imagesets.dropped import open_sources
from calotype.imagesets.origins_file import read_origins, state_of
from calotype.imagesets.sources import Source
from calotype.services.origins_note import change_origins
from calotype.services.set_file import save_set
from calotype.services.workspace import Workspace
from calotype.storage import image_sets


def find_missing(image_set: ImageSet) -> frozenset[str]:
    """The content hashes of images whose files were left where they were, and are not there; nothing is opened.

    Each folder is listed once, which takes a moment for a hundred thousand files; asking for each of them would not.
    """
    linked = [(image.content_hash, image.linked_to) for image in image_set.images if image.linked_to is not None]
    names = {folder: _names_in(folder) for folder in {path.parent for _, path in linked}}
    return frozenset(key for key, path in linked if not _is_there(path, names[path.parent]))


def _is_there(path: Path, names: frozenset[str] | None) -> bool:
    # What is not listed is asked for: the name may only be written in other letters.
    return names is not None and (path.name in names or path.is_file())


def _names_in(folder: Path) -> frozenset[str] | None:
    """What is in a folder; empty if it may not be listed; None if it is not there, so that no file needs asking for."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries)
    except PermissionError:
        return frozenset()
    except OSError:
        return None


def require_present(image_set: ImageSet) -> None:
    """Check files that were left where they are: a run must learn from what its list of pictures says.

    Raises LinkedPicturesMissingError, and LinkedPicturesChangedError if the pixels of one are others now.
    """
    linked = [image for image in image_set.images if image.linked_to is not None]
    missing = [image for image in linked if not image.pixels_path.is_file()]
    if missing:
        raise LinkedPicturesMissingError(len(missing), str(missing[0].linked_to))
    files = read_origins(image_set.project.folder).files if linked else {}
    changed = [image for image in linked if _is_changed(image, files.get(image.pixels_path))]
    if changed:
        raise LinkedPicturesChangedError(len(changed), str(changed[0].linked_to))


def _is_changed(image: CaptionedImage, known: KnownFile | None) -> bool:
    now = KnownFile(state, image.content_hash) if (state := state_of(image.pixels_path)) is not None else None
    return known != now and content_hash_of(image.pixels_path) != image.content_hash


def relink(workspace: Workspace, project: Project, paths: Mapping[str, Path]) -> None:
    """Use other files for images that are used where they are, by content hash; they hold the same pixels."""
    with workspace.database.transaction():
        image_sets.set_links(workspace.database, project, paths)
        save_set(project, image_sets.list_images(workspace.database, project))


def find_again(workspace: Workspace, project: Project, content_hashes: Sequence[str], folder: Path) -> int:
    """Look in a folder, and in those below it, for the files of these images; answer how many were found.

    A file is taken if it has the name or the size of the one that is missing, and the same pixels.
    """
    images = {i.content_hash: i for i in image_sets.list_images(workspace.database, project)}
    wanted = {content_hash for content_hash in content_hashes if content_hash in images}
    names = {images[content_hash].original_name.lower() for content_hash in wanted}
    origins = read_origins(project.folder)
    sizes = {known.state.size_bytes for known in origins.files.values() if known.content_hash in wanted}
    found: dict[str, Path] = {}
    with open_sources([folder]) as sources:
        for source in sources:
            path = source.path if isinstance(source, Source) else None
            state = state_of(path) if path is not None else None
            if path is None or state is None or not (path.name.lower() in names or state.size_bytes in sizes):
                continue
            content_hash = content_hash_of(path)
            if content_hash in wanted:
                found.setdefault(content_hash, path)
    relink(workspace, project, found)
    notes = {path: KnownFile(state, h) for h, path in found.items() if (state := state_of(path)) is not None}
    old = [path for h in found if (path := images[h].linked_to) is not None and path not in notes]
    change_origins(project, {}, notes, old)
    return len(found)
