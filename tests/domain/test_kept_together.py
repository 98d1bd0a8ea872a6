"""Which pictures were taken in one burst: one camera, each within moments of the one before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from calotype.domain.kept_together import BURST_S, burst_ties
from calotype.domain.look_alikes import connected


@dataclass(frozen=True)
class Picture:
    """As much of a picture as matters here."""

    content_hash: str
    taken_at: float | None
    camera: str = "One"
    original_name: str = "a.jpg"


def _bursts(*pictures: Picture) -> list[set[str]]:
    groups = connected((picture.content_hash for picture in pictures), burst_ties(pictures, []))
    return sorted((set(group) for group in groups if len(group) > 1), key=min)


@pytest.mark.parametrize(("gap_s", "is_burst"), [(0.0, True), (1.0, True), (2.0, True), (BURST_S, True), (3.0, False)])
def test_that_moments_make_a_burst_and_whole_seconds_do_not_tear_one(gap_s: float, is_burst: bool) -> None:
    assert _bursts(Picture("a", 100.0), Picture("b", 100.0 + gap_s)) == ([{"a", "b"}] if is_burst else [])


def test_that_a_burst_ends_where_the_camera_rests_however_long_it_was() -> None:
    shots = [Picture(name, 100.0 + 2 * place) for place, name in enumerate("abcdef")]

    assert _bursts(*shots, Picture("g", 113.0), Picture("h", 114.0)) == [set("abcdef"), set("gh")]


def test_that_two_cameras_side_by_side_take_two_bursts() -> None:
    pictures = [Picture(name, 100.0 + place, "One" if place % 2 else "Two") for place, name in enumerate("abcd")]

    assert _bursts(*pictures) == [set("ac"), set("bd")]


def test_that_pictures_without_a_date_are_in_no_burst() -> None:
    assert _bursts(Picture("a", None), Picture("b", None), Picture("c", 100.0), Picture("d", 101.0)) == [set("cd")]
