"""In which order the images of a set are shown."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from calotype.domain.image_columns import ImageColumns


class ImageOrder(StrEnum):
    """What decides; images that are equal in it stay as they were added."""

    ADDED = "added"
    NAME = "name"
    LARGEST = "largest"
    SMALLEST = "smallest"
    BEST_RATED = "best rated"
    SHARPEST = "sharpest"
    SOFTEST = "softest"
    LONGEST_CAPTION = "longest caption"
    SHORTEST_CAPTION = "shortest caption"


ORDERS_BY_FINDINGS = frozenset({ImageOrder.SHARPEST, ImageOrder.SOFTEST})


def ordered(rows: list[int], columns: ImageColumns, order: ImageOrder) -> list[int]:
    """These rows, which are in the order of addition, in another order."""
    if order is ImageOrder.ADDED:
        return rows
    return sorted(rows, key=_key(columns, order))


def _key(columns: ImageColumns, order: ImageOrder) -> Callable[[int], Any]:
    images, sharpness = columns.images, columns.sharpness

    def pixels(row: int) -> int:
        return images[row].width_px * images[row].height_px

    def sharp(row: int) -> float:
        return sharpness.get(images[row].content_hash, 0.0)

    keys: dict[ImageOrder, Callable[[int], Any]] = {
        ImageOrder.NAME: columns.name_key,
        ImageOrder.LARGEST: lambda row: -pixels(row),
        ImageOrder.SMALLEST: pixels,
        ImageOrder.BEST_RATED: lambda row: -images[row].rating,
        ImageOrder.SHARPEST: lambda row: -sharp(row),
        ImageOrder.SOFTEST: sharp,
        ImageOrder.LONGEST_CAPTION: lambda row: -len(images[row].caption),
        ImageOrder.SHORTEST_CAPTION: lambda row: len(images[row].caption),
    }
    return keys[order]
