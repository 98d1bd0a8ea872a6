"""Find out which pictures of a project look alike: each picture is looked at once, and each pair compared once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import ImageSetError
from calotype.domain.imageset import Project
from calotype.domain.look_alikes import AlikePair
from calotype.imagesets import near_duplicates, signatures
from calotype.imagesets.alignment import SmallCopy, small_copy
from calotype.imagesets.fingerprints import shrunk
from calotype.imagesets.near_duplicates import Look
from calotype.imagesets.pixels import open_rgb
from calotype.imagesets.thumbnails import thumbnail_bytes, thumbnail_path
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, look_alikes
from calotype.storage.files import write_atomically
from calotype.storage.look_alikes import ComparedImage

_KEPT_COPIES = 4096  # small copies in memory: 50 MB
_BATCH = 256

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # whoever comes second finds the work done


def alike_pairs(workspace: Workspace, project: Project, control: Control | None = None) -> list[AlikePair]:
    """The pairs of pictures that look alike; what was not compared yet is compared first, which may take a while.

    Call it off the UI thread. When stopped, it answers with what is known by then, and goes on there the next time.
    """
    with _one_at_a_time:
        _compare(workspace, project, control or Control())
    return look_alikes.alike_pairs(workspace.database, project)


def _compare(workspace: Workspace, project: Project, control: Control) -> None:
    if not look_alikes.has_uncompared(workspace.database, project, near_duplicates.VERSION):
        return
    images = look_alikes.compared_images(workspace.database, project, signatures.VERSION, near_duplicates.VERSION)
    thumbnail_of = _thumbnails(workspace, project)
    made = _made_signatures(workspace, [image for image in images if image.signature is None], thumbnail_of, control)
    known = [look for image in images if image.is_compared and (look := _look(image, made)) is not None]
    added = [look for image in images if not image.is_compared and (look := _look(image, made)) is not None]

    @lru_cache(maxsize=_KEPT_COPIES)
    def copy_of(content_hash: str) -> SmallCopy | None:
        thumbnail = thumbnail_of(content_hash)
        return None if thumbnail is None else small_copy(thumbnail)

    done = 0
    for count, pairs in near_duplicates.alike_pairs(known, added, copy_of):
        hashes = [look.content_hash for look in added[done:count]]
        look_alikes.add_compared(workspace.database, project, near_duplicates.VERSION, hashes, pairs)
        done = count
        if control.is_stopping:
            break


def _look(image: ComparedImage, made: dict[str, bytes]) -> Look | None:
    signature = image.signature or made.get(image.content_hash)
    if signature is None:
        return None
    return Look(image.content_hash, signature, image.width_px / image.height_px)


def _made_signatures(
    workspace: Workspace,
    images: Iterable[ComparedImage],
    thumbnail_of: Callable[[str], Image.Image | None],
    control: Control,
) -> dict[str, bytes]:
    """The signatures of images that have none yet: those of projects from before there were any."""
    made: dict[str, bytes] = {}
    batch: list[tuple[str, bytes]] = []
    for image in images:
        thumbnail = None if control.is_stopping else thumbnail_of(image.content_hash)
        if thumbnail is not None:
            batch.append((image.content_hash, signatures.signature(thumbnail)))
        if len(batch) >= _BATCH:
            look_alikes.save_signatures(workspace.database, signatures.VERSION, batch)
            made.update(batch)
            batch = []
    look_alikes.save_signatures(workspace.database, signatures.VERSION, batch)
    made.update(batch)
    return made


def _thumbnails(workspace: Workspace, project: Project) -> Callable[[str], Image.Image | None]:
    """How to read the thumbnail of a content hash, made again if it is gone; None if the picture is gone too."""
    paths: dict[str, Path] = {}

    def read(content_hash: str) -> Image.Image | None:
        path = thumbnail_path(workspace.folder.thumbnails, content_hash)
        try:
            with Image.open(path) as opened:
                return opened.convert("RGB")
        except OSError:
            logger.info("the thumbnail %s is made again", path.name)
        if not paths:
            images = image_sets.list_images(workspace.database, project)
            paths.update((image.content_hash, image.pixels_path) for image in images)
        try:
            thumbnail = shrunk(open_rgb(paths[content_hash]))
        except (ImageSetError, KeyError) as error:
            logger.info("not compared: %s", error)
            return None
        write_atomically(path, thumbnail_bytes(thumbnail), is_durable=False)
        return thumbnail

    return read
