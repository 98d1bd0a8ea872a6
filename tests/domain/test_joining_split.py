"""Proof that a few pictures that join many go where the whole set would have put them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calotype.domain.imageset import Split
from calotype.domain.joining_split import sides_of_joining
from calotype.domain.look_alikes import NEAR_DUPLICATE, AlikePair

LEARNED, HELD = Split.TRAINING, Split.VALIDATION


@dataclass(frozen=True)
class Picture:
    """As much of a picture as matters here."""

    content_hash: str
    split: Split = LEARNED
    original_name: str = "a.png"
    taken_at: float | None = None
    camera: str = ""


def _set(held_out: int, learned: int) -> list[Picture]:
    held = [Picture(f"h{number:03d}", HELD) for number in range(held_out)]
    return held + [Picture(f"l{number:03d}") for number in range(learned)]


def _sides(pictures: list[Picture], joining: set[str], pairs: list[AlikePair]) -> Mapping[str, Split] | None:
    held_out = sum(picture.split is HELD for picture in pictures)
    return sides_of_joining(pictures, joining, pairs, held_out, len(pictures))


def _alike(one: str, other: str, difference: float = NEAR_DUPLICATE) -> AlikePair:
    return AlikePair(*sorted((one, other)), difference)


def test_that_a_picture_is_learned_from_while_enough_are_held_out() -> None:
    assert _sides([*_set(15, 85), Picture("new")], {"new"}, []) == {"new": LEARNED}


def test_that_a_picture_is_held_out_when_too_few_are() -> None:
    pictures = [*_set(10, 90), Picture("x"), Picture("y")]

    assert _sides(pictures, {"x", "y"}, []) == {"x": HELD, "y": HELD}


def test_that_as_many_are_held_out_as_are_wanted_and_no_more() -> None:
    pictures = [*_set(14, 84), Picture("x"), Picture("y")]  # 15 of 100

    assert _sides(pictures, {"x", "y"}, []) == {"x": HELD, "y": LEARNED}


def test_that_a_look_alike_goes_to_the_side_of_the_other() -> None:
    pictures = [*_set(15, 85), Picture("x"), Picture("y")]

    found = _sides(pictures, {"x", "y"}, [_alike("x", "h003"), _alike("x", "y")])

    assert found == {"x": HELD, "y": HELD}


def test_that_pictures_of_one_burst_stay_together() -> None:
    pictures = [*_set(15, 84), Picture("h999", HELD, taken_at=100.0), Picture("new", taken_at=101.5)]

    assert _sides(pictures, {"new"}, []) == {"new": HELD}


def test_that_numbers_in_a_row_count_for_pictures_that_are_much_alike() -> None:
    pictures = [*_set(15, 84), Picture("h999", HELD, "IMG_7.jpg"), Picture("new", original_name="IMG_8.jpg")]

    assert _sides(pictures, {"new"}, [_alike("new", "h999", 0.7)]) == {"new": HELD}
    assert _sides(pictures, {"new"}, []) == {"new": LEARNED}


def test_that_the_whole_set_is_weighed_if_two_sides_prove_to_be_one() -> None:
    pictures = [*_set(15, 85), Picture("new")]

    assert _sides(pictures, {"new"}, [_alike("new", "h000"), _alike("new", "l000")]) is None


def test_that_the_whole_set_is_weighed_if_nothing_is_held_out() -> None:
    assert _sides([*_set(0, 100), Picture("new")], {"new"}, []) is None
