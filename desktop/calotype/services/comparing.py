"""Compare the pictures of a project: each is looked at from afar once, and laid over those that may be like it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from calotype.domain.control import Control
from calotype.domain.courtesy import courteous, give_way
from calotype.domain.errors import ImageSetError
from calotype.domain.events import ImagesCompared
from calotype.domain.imageset import Project
from calotype.domain.look_alikes import COMPARISON_VERSION, SIGNATURE_VERSION
from calotype.imagesets import near_duplicates
from calotype.imagesets.alignment import SmallCopy, small_copy
from calotype.imagesets.near_duplicates import Look
from calotype.imagesets.pixels import open_rgb
from calotype.imagesets.signatures import signature as make_signature
from calotype.imagesets.thumbnails import shrunk, thumbnail_bytes, thumbnail_path
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, look_alikes
from calotype.storage.files import write_atomically
from calotype.storage.look_alikes import ComparedImage

_KEPT_COPIES = 4096  # small copies in memory: 50 MB
_BATCH = 256
_DOUBLE = 20_000  # pictures; comparing one with so many takes about as long again as reading it

logger = logging.getLogger(__name__)


def compared(workspace: Workspace, project: Project, control: Control) -> Iterator[ImagesCompared]:
    """Compare what was not compared yet, lot by lot; one at a time may do so (`look_alikes.compare`)."""
    images = look_alikes.compared_images(workspace.database, project, SIGNATURE_VERSION, COMPARISON_VERSION)
    thumbnail_of = _thumbnails(workspace, project)
    missing = [image for image in images if image.signature is None]
    added_count = sum(not image.is_compared for image in images)
    steps = _Steps(len(missing), len(images) - added_count, added_count)
    made: dict[str, bytes] = {}
    for batch in _made_signatures(workspace, missing, thumbnail_of, control):
        made.update(batch)
        yield ImagesCompared(steps.share(len(made), 0))
    lots = () if control.is_stopping else _laid_over(workspace, project, images, made, thumbnail_of)
    for done in lots:
        yield ImagesCompared(steps.share(len(missing), done))
        if control.is_stopping:
            break


def _laid_over(
    workspace: Workspace,
    project: Project,
    images: Sequence[ComparedImage],
    made: Mapping[str, bytes],
    thumbnail_of: Callable[[str], Image.Image | None],
) -> Iterator[int]:
    """Compare the images that were not yet, and remember what is found; how many are done, after each lot."""
    known: list[Look] = []
    added: list[Look] = []
    for image in courteous(images):
        signature = image.signature or made.get(image.content_hash)
        if signature is not None:
            look = Look(image.content_hash, signature, image.width_px / image.height_px)
            (known if image.is_compared else added).append(look)

    @lru_cache(maxsize=_KEPT_COPIES)
    def copy_of(content_hash: str) -> SmallCopy | None:
        thumbnail = thumbnail_of(content_hash)
        return None if thumbnail is None else small_copy(thumbnail)

    done = 0
    for count, pairs in near_duplicates.alike_pairs(known, added, copy_of):
        give_way()
        hashes = [look.content_hash for look in added[done:count]]
        look_alikes.add_compared(workspace.database, project, COMPARISON_VERSION, hashes, pairs)
        done = count
        yield done


@dataclass(frozen=True, slots=True)
class _Steps:
    """How much work there is: pictures to look at from afar, and pictures to compare with those before them."""

    unseen_count: int
    known_count: int
    added_count: int

    def share(self, seen: int, compared: int) -> float:
        """The share that is done."""
        whole = self._work(self.unseen_count, self.added_count)
        return self._work(seen, compared) / whole if whole else 1.0

    def _work(self, seen: int, compared: int) -> float:
        """In pictures that are compared with few others; each takes longer the more there are before it."""
        others = compared * (self.known_count + compared / 2) / _DOUBLE
        return seen + compared + others


def _made_signatures(
    workspace: Workspace,
    images: Iterable[ComparedImage],
    thumbnail_of: Callable[[str], Image.Image | None],
    control: Control,
) -> Iterator[list[tuple[str, bytes]]]:
    """The signatures of images that have none yet, in lots: those of projects from before there were any."""
    batch: list[tuple[str, bytes]] = []
    for image in courteous(images):
        thumbnail = None if control.is_stopping else thumbnail_of(image.content_hash)
        if thumbnail is not None:
            batch.append((image.content_hash, make_signature(thumbnail)))
        if len(batch) >= _BATCH:
            look_alikes.save_signatures(workspace.database, SIGNATURE_VERSION, batch)
            yield batch
            batch = []
    look_alikes.save_signatures(workspace.database, SIGNATURE_VERSION, batch)
    yield batch


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
