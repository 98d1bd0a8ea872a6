"""Copies of one shot are found whatever was done to them, and different shots of one subject stay apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image, ImageOps
from subject_shots import COPIES, SHOTS, resized, shots, subjects

from calotype.domain.look_alikes import AlikePair
from calotype.imagesets.alignment import SmallCopy, differences, small_copy
from calotype.imagesets.near_duplicates import Look, alike_pairs
from calotype.imagesets.signatures import signature

SUBJECTS, SIDE_PX = 6, 256
Shot = tuple[int, str]


def _looks(pictures: list[Image.Image]) -> tuple[list[Look], dict[str, SmallCopy]]:
    looks = [Look(f"{place:04d}", signature(one), one.width / one.height) for place, one in enumerate(pictures)]
    return looks, {look.content_hash: small_copy(one) for look, one in zip(looks, pictures, strict=True)}


def _pairs(looks: list[Look], copies: Mapping[str, SmallCopy], known: int = 0) -> list[AlikePair]:
    found = alike_pairs(looks[:known], looks[known:], copies.get)
    return [pair for _, pairs in found for pair in pairs if pair.is_near_duplicate]


@pytest.fixture(scope="module")
def taken() -> dict[Shot, Image.Image]:
    """Several shots of each of several subjects."""
    return {
        (number, shot): picture
        for number, subject in enumerate(subjects(SUBJECTS))
        for shot, picture in shots(number, subject, SIDE_PX).items()
    }


@pytest.mark.parametrize("copy", COPIES)
def test_that_the_copy_of_each_shot_is_found_and_no_other_shot_is(taken: dict[Shot, Image.Image], copy: str) -> None:
    pictures = [*taken.values(), *(COPIES[copy](picture) for picture in taken.values())]

    pairs = _pairs(*_looks(pictures))

    right = [pair for pair in pairs if int(pair.second) == int(pair.first) + len(taken)]
    assert len(right) >= 0.95 * SUBJECTS * len(SHOTS)
    assert len(right) >= 0.98 * len(pairs)


def test_that_another_colour_is_another_picture() -> None:
    subject = subjects(1)[0]
    picture = shots(2, subject, SIDE_PX)["first"]
    red, green, blue = picture.split()
    other = Image.merge("RGB", (blue, green, red))

    assert _pairs(*_looks([picture, other])) == []


def test_that_the_same_subject_on_another_background_is_another_picture() -> None:
    subject = subjects(1)[0]

    assert _pairs(*_looks([shots(number, subject, SIDE_PX)["first"] for number in (0, 4, 8)])) == []


def test_that_pictures_without_anything_to_see_break_nothing() -> None:
    blank = [Image.new("RGB", size, colour) for size in ((64, 64), (8, 300)) for colour in ("white", "black", "red")]

    _pairs(*_looks(blank))


def test_that_what_is_added_later_is_compared_like_the_rest() -> None:
    picture = shots(3, subjects(1)[0], SIDE_PX)["first"]
    looks, copies = _looks([picture, resized(picture, 0.5), ImageOps.mirror(picture)])

    at_once = _pairs(looks, copies)
    later = _pairs(looks, copies, known=2)

    assert len(at_once) == 3
    assert later == [pair for pair in at_once if pair.second == "0002"]


def test_that_a_picture_that_cannot_be_read_any_more_is_like_nothing() -> None:
    looks, copies = _looks([shots(3, subjects(1)[0], SIDE_PX)["first"]] * 2)
    del copies["0001"]

    assert _pairs(looks, copies) == []


def test_that_of_many_copies_each_is_compared_with_its_nearest_only() -> None:
    look, copies = _looks([shots(3, subjects(1)[0], 64)["first"]])
    many = [Look(f"{number:04d}", look[0].signature, 1.0) for number in range(100)]

    pairs = _pairs(many, {one.content_hash: copies["0000"] for one in many})

    assert {pair.second for pair in pairs} == {one.content_hash for one in many[1:]}
    assert len(pairs) < 100 * 4


def test_that_a_picture_over_itself_does_not_differ_and_mirrored_does() -> None:
    copy = small_copy(shots(3, subjects(1)[0], SIDE_PX)["turned"])

    straight, turned = differences([(copy, copy), (copy, copy)], np.array([False, True]))

    assert straight < 0.01 < 0.5 < turned
