"""The parts of a set that one click shows, and how many pictures are in each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from calotype.domain.image_columns import ImageColumns
from calotype.domain.image_filter import Expression, parse_filter


class ImagePart(StrEnum):
    """A part; pictures that were left out are in `ALL` and `LEFT_OUT` alone."""

    ALL = "all"
    TRAINING = "training"
    VALIDATION = "validation"
    LEFT_OUT = "left out"
    ISSUES = "issues"
    DUPLICATES = "duplicates"


_FILTERS = {
    ImagePart.ALL: "",
    ImagePart.TRAINING: "is:training is:included",
    ImagePart.VALIDATION: "is:validation is:included",
    ImagePart.LEFT_OUT: "is:excluded",
    ImagePart.ISSUES: "issue:any is:included",
    ImagePart.DUPLICATES: "is:duplicate is:included",
}


def part_filter(part: ImagePart, least_rating: int = 0) -> Expression:
    """What lets a part through, of pictures with so many stars or more."""
    stars = f" rating>={least_rating}" if least_rating else ""
    return parse_filter(_FILTERS[part] + stars)


def count_parts(columns: ImageColumns) -> Mapping[ImagePart, int]:
    """How many pictures are in each part; no picture is looked at, since it is asked after each edit and judgement."""
    included, held_out = columns.included, columns.held_out
    return {
        ImagePart.ALL: len(columns.images),
        ImagePart.TRAINING: len(included) - len(held_out),
        ImagePart.VALIDATION: len(held_out),
        ImagePart.LEFT_OUT: len(columns.images) - len(included),
        ImagePart.ISSUES: len(columns.issues.keys() & included),
        ImagePart.DUPLICATES: len(columns.duplicates & included),
    }
