"""What a filter or an order asks about the images of a set, laid out so that 100,000 answer in a moment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from calotype.domain.imageset import CaptionedImage, Split

_NUMBERS = re.compile(r"(\d+)")

_FEW = 1000  # images that are noted one by one sooner than all anew

NaturalKey = tuple[int | str, ...]


class ImageColumns:
    """The images in the order in which they were added, and what is known beside them.

    texts: for each image its caption and name in one case, to search in. included: content hashes of images that are
    not left out, and held_out: those among them. duplicates: of images that look almost like another. issues: what may
    be wrong with an image, by content hash. sharpness: where it is known. missing: content hashes of images whose files
    were left where they were, and are gone.
    """

    def __init__(self, images: Sequence[CaptionedImage] = ()) -> None:
        self.images = list(images)
        self.texts = [_text(image) for image in images]
        self._note_sides()
        self.duplicates: frozenset[str] = frozenset()
        self.issues: Mapping[str, frozenset[str]] = {}
        self.sharpness: Mapping[str, float] = {}
        self.missing: frozenset[str] = frozenset()
        self._name_keys: dict[str, NaturalKey] = {}

    def take(self, images: Sequence[CaptionedImage]) -> list[int] | None:
        """Become these images. The rows whose image is another one now, or None if there are more, fewer or moved ones.

        An image that is the very same object costs nothing, so that one edit among 100,000 takes a moment.
        """
        before, self.images = self.images, list(images)
        is_longer = len(images) > len(before)
        changed = [row for row, (old, new) in enumerate(zip(before, self.images, strict=False)) if old is not new]
        if len(images) < len(before) or any(not _is_same_picture(before[row], images[row]) for row in changed):
            self.texts = [_text(image) for image in images]
            self._note_sides()
            return None
        for row in changed:
            self.texts[row] = _text(images[row])
        added = images[len(before) :]
        self.texts += [_text(image) for image in added]
        if len(changed) + len(added) > _FEW:
            self._note_sides()
        else:
            for image in (*(images[row] for row in changed), *added):
                self._note_side(image)
        return None if is_longer else [row for row in changed if before[row] != images[row]]

    def _note_sides(self) -> None:
        included = [image for image in self.images if not image.is_excluded]
        self.included = {image.content_hash for image in included}
        self.held_out = {image.content_hash for image in included if image.split is Split.VALIDATION}

    def _note_side(self, image: CaptionedImage) -> None:
        self.included.discard(image.content_hash)
        self.held_out.discard(image.content_hash)
        if not image.is_excluded:
            self.included.add(image.content_hash)
            if image.is_held_out:
                self.held_out.add(image.content_hash)

    def name_key(self, row: int) -> NaturalKey:
        """What orders names as a person would: picture 2 before picture 10."""
        name = self.images[row].original_name
        key = self._name_keys.get(name)
        if key is None:
            key = self._name_keys[name] = natural_key(name)
        return key


def natural_key(name: str) -> NaturalKey:
    """Split a name into words and numbers, words first, so that two keys always compare."""
    parts = _NUMBERS.split(name.casefold())
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


def _text(image: CaptionedImage) -> str:
    return f"{image.caption}\n{image.original_name}".casefold()


def _is_same_picture(before: CaptionedImage, now: CaptionedImage) -> bool:
    return before.content_hash == now.content_hash
