"""The split is made by content, is stable, and never has near-duplicates on both sides."""

from __future__ import annotations

import hashlib
import itertools
import random
from pathlib import Path

import pytest

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.look_alikes import AlikePair
from calotype.imagesets.split import choose_split


def _image(number: int) -> CaptionedImage:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return CaptionedImage(
        path=Path(f"{number}.png"),
        width_px=64,
        height_px=64,
        caption="",
        content_hash=digest,
        perceptual_hash=int(digest[:16], 16),
        split=Split.TRAINING,
        original_name="",
    )


def _alike(*images: CaptionedImage) -> list[AlikePair]:
    """Each like the next one, and not like the others."""
    neighbours = itertools.pairwise(images)
    return [AlikePair(*sorted((one.content_hash, other.content_hash)), 0.1) for one, other in neighbours]


def _held_out(splits: dict[str, Split]) -> set[str]:
    return {content_hash for content_hash, split in splits.items() if split is Split.VALIDATION}


@pytest.mark.parametrize(
    ("count", "expected"), [(0, 0), (1, 0), (2, 1), (4, 1), (7, 1), (8, 2), (14, 2), (20, 3), (100, 15), (2000, 300)]
)
def test_that_the_right_number_is_held_out(count: int, expected: int) -> None:
    splits = choose_split([_image(number) for number in range(count)], {}, [])

    assert len(_held_out(splits)) == expected


def test_that_the_order_of_the_images_does_not_matter() -> None:
    images = [_image(number) for number in range(60)]
    shuffled = random.Random(1).sample(images, 60)

    assert choose_split(shuffled, {}, []) == choose_split(images, {}, [])


def test_that_adding_images_changes_no_earlier_decision() -> None:
    images = [_image(number) for number in range(100)]
    splits: dict[str, Split] = {}
    for count in range(4, 101, 7):
        later = choose_split(images[:count], splits, [])

        assert {content_hash: later[content_hash] for content_hash in splits} == splits
        assert 0.1 * count <= len(_held_out(later)) <= max(2, 0.2 * count)
        splits = later


def test_that_near_duplicates_never_straddle_the_split() -> None:
    images = [_image(number) for number in range(100)]
    pairs = [pair for start in range(0, 100, 5) for pair in _alike(*images[start : start + 5])]

    splits = choose_split(images, {}, pairs)

    for start in range(0, 100, 5):
        assert len({splits[image.content_hash] for image in images[start : start + 5]}) == 1
    assert 10 <= len(_held_out(splits)) <= 20


def test_that_a_new_near_duplicate_joins_its_picture() -> None:
    images = [_image(number) for number in range(20)]
    before = choose_split(images, {}, [])
    twins = [_image(100 + n) for n in range(20)]

    after = choose_split(images + twins, before, [pair for n in range(20) for pair in _alike(images[n], twins[n])])

    assert all(after[twins[n].content_hash] == before[images[n].content_hash] for n in range(20))


def test_that_a_picture_that_joins_both_sides_makes_all_of_them_learned_from() -> None:
    left, right, bridge = _image(1), _image(2), _image(3)
    others = [_image(number) for number in range(10, 20)]
    previous = {image.content_hash: Split.TRAINING for image in [left, *others]} | {
        right.content_hash: Split.VALIDATION
    }
    previous[others[0].content_hash] = Split.VALIDATION

    splits = choose_split([left, right, bridge, *others], previous, _alike(left, bridge, right))

    assert {splits[image.content_hash] for image in (left, right, bridge)} == {Split.TRAINING}


def test_that_a_set_with_nothing_held_out_gets_a_check_again() -> None:
    images = [_image(number) for number in range(10)]
    previous = {image.content_hash: Split.TRAINING for image in images}

    assert len(_held_out(choose_split(images, previous, []))) == 2


def test_that_copies_of_one_picture_are_not_checked_against_themselves() -> None:
    images = [_image(number) for number in range(10)]

    assert _held_out(choose_split(images, {}, _alike(*images))) == set()
