"""The split is made by content, is stable, and never has near-duplicates on both sides."""

from __future__ import annotations

import hashlib
import itertools
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.look_alikes import AlikePair
from calotype.domain.split_report import ShareReason, report_split
from calotype.imagesets.signatures import DIMENSIONS
from calotype.imagesets.split import choose_split


def _image(number: int, **choices: Any) -> CaptionedImage:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    plain = CaptionedImage(
        path=Path(f"{number}.png"),
        width_px=64,
        height_px=64,
        caption="",
        content_hash=digest,
        perceptual_hash=int(digest[:16], 16),
        split=Split.TRAINING,
        original_name="one.png",
    )
    return replace(plain, **choices)


def _pair(one: CaptionedImage, other: CaptionedImage, difference: float) -> AlikePair:
    first, second = sorted((one.content_hash, other.content_hash))
    return AlikePair(first, second, difference)


def _alike(*images: CaptionedImage) -> list[AlikePair]:
    """Each like the next one, and not like the others."""
    neighbours = itertools.pairwise(images)
    return [_pair(one, other, 0.1) for one, other in neighbours]


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


def _look(place: int, number: int) -> bytes:
    """A signature near one of several corners."""
    look = np.random.default_rng(number).normal(0, 0.02, DIMENSIONS)
    look[place] += 1
    return look.astype("<f2").tobytes()


def test_that_stars_are_held_out_as_often_as_they_are_given() -> None:
    images = [_image(number, rating=5 if number < 20 else 2) for number in range(100)]

    held_out = _held_out(choose_split(images, {}, []))

    assert sorted(image.rating for image in images if image.content_hash in held_out) == [2] * 12 + [5] * 3


def test_that_views_are_held_out_as_often_as_captions_name_them() -> None:
    captions = ["mug, front view", "mug, side view", "mug from behind, close-up", "mug"]
    images = [_image(number, caption=captions[number % 4]) for number in range(80)]

    held_out = _held_out(choose_split(images, {}, []))

    assert [sum(image.content_hash in held_out for image in images if image.caption == one) for one in captions] == [
        3
    ] * 4


def test_that_every_look_is_held_out_as_often_as_it_is_there() -> None:
    images = [_image(number) for number in range(40)]
    place_of = {image.content_hash: 0 if number < 20 else 1 + number % 2 for number, image in enumerate(images)}
    signatures = {content_hash: _look(place, number) for number, (content_hash, place) in enumerate(place_of.items())}

    held_out = _held_out(choose_split(images, {}, [], signatures))

    assert sorted(place_of[content_hash] for content_hash in held_out) in ([0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 2, 2])


def test_that_a_rare_look_is_not_the_only_one_that_is_held_out() -> None:
    images = [_image(number) for number in range(12)]
    signatures = {image.content_hash: _look(int(number >= 10), number) for number, image in enumerate(images)}

    held_out = _held_out(choose_split(images, {}, [], signatures))

    assert len(held_out) == 2
    assert len(held_out & {image.content_hash for image in images[10:]}) <= 1


def test_that_another_seed_holds_out_others() -> None:
    images = [_image(number) for number in range(50)]

    first, other = (_held_out(choose_split(images, {}, [], seed=seed)) for seed in (1, 2))

    assert len(first) == len(other) == 8
    assert first != other
    assert first == _held_out(choose_split(images[::-1], {}, [], seed=1))


def test_that_what_one_camera_took_within_moments_stays_together() -> None:
    bursts = [
        [_image(9 * burst + n, taken_at=100.0 * burst + 2 * n, camera="One") for n in range(4)] for burst in range(8)
    ]
    images = [image for burst in bursts for image in burst]

    splits = choose_split(images, {}, [])

    assert all(len({splits[image.content_hash] for image in burst}) == 1 for burst in bursts)
    assert len(_held_out(splits)) == 4


def test_that_two_cameras_at_one_moment_are_no_burst() -> None:
    images = [_image(number, taken_at=5.0, camera=str(number)) for number in range(8)]

    assert len(_held_out(choose_split(images, {}, []))) == 2


def test_that_alike_pictures_with_numbers_in_a_row_stay_together() -> None:
    images = [_image(number, original_name=f"IMG_{number:04d}.JPG") for number in range(8, 18)]
    pairs = [_pair(one, other, 0.7) for one, other in [(images[0], images[1]), (images[3], images[7])]]

    report = report_split(images, pairs)

    assert [{image.original_name for image in group} for group in report.kept_together] == [
        {"IMG_0008.JPG", "IMG_0009.JPG"}
    ]


def test_that_a_set_taken_in_one_go_is_divided_all_the_same_and_says_so() -> None:
    images = [_image(number, taken_at=2.0 * number) for number in range(12)]

    splits = choose_split(images, {}, _alike(*images[:2]))
    report = report_split([replace(image, split=splits[image.content_hash]) for image in images], _alike(*images[:2]))

    assert len(report.held_out) == 2
    assert report.is_burst_divided
    assert splits[images[0].content_hash] is splits[images[1].content_hash]
    assert report.on_both_sides == ()


def test_that_excluded_images_do_not_count() -> None:
    images = [_image(number, is_excluded=number < 50) for number in range(60)]

    splits = choose_split(images, {}, [])

    assert len(_held_out(splits) & {image.content_hash for image in images[50:]}) == 2
    assert _held_out(splits) == _held_out(splits) & {image.content_hash for image in images[50:]}


def test_that_a_report_tells_what_somebody_moved_apart() -> None:
    images = [replace(_image(number), split=Split.VALIDATION if number < 2 else Split.TRAINING) for number in range(12)]

    report = report_split(images, _alike(images[1], images[2]))

    assert report.on_both_sides == (tuple(sorted(images[1:3], key=lambda image: image.content_hash)),)
    assert report.share == pytest.approx(2 / 12)
    assert report.reason is ShareReason.USUAL
