"""The numbers about previews, on points in a plane whose distances can be seen."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from calotype.domain.likeness import MEMORISED_BELOW
from calotype.training.resemblance import Gauge

# The subject lies around (10, 0), each picture 2 away from its neighbours; the base model draws around (-10, 0).
TRAINING = ((9.0, -1.0), (9.0, 1.0), (11.0, -1.0), (11.0, 1.0))
HELD_OUT = ((10.0, 0.0), (10.0, 1.0))
BASE = ((-10.0, 1.0), (-10.0, -1.0))


def points(*places: tuple[float, float]) -> Tensor:
    """Features with two channels and one cell."""
    return torch.tensor(places)[:, :, None, None]


def gauge(
    *, training: tuple[tuple[float, float], ...] = TRAINING, groups: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
) -> Gauge:
    return Gauge(points(*training), points(*HELD_OUT), points(*BASE), groups[: len(training)])


def test_that_similarity_is_0_for_the_base_model_and_1_for_training_pictures() -> None:
    assert gauge().compare(points(*BASE)).similarity == pytest.approx(0.0, abs=1e-6)
    assert gauge().compare(points(*TRAINING)).similarity == pytest.approx(1.0, abs=1e-6)


def test_that_similarity_grows_on_the_way_to_the_subject() -> None:
    way = [gauge().compare(points((-10.0 + 5 * step, 4.0 - step))).similarity for step in range(5)]

    assert all(value is not None for value in way)
    assert way == sorted(way, key=lambda value: value or 0.0)


def test_that_similarity_is_not_given_when_the_base_model_draws_the_subject() -> None:
    known = Gauge(points(*TRAINING), points(*HELD_OUT), points(*TRAINING), (0, 1, 2, 3))

    assert known.compare(points(*TRAINING)).similarity is None


def test_that_a_single_held_out_picture_is_enough() -> None:
    single = Gauge(points(*TRAINING), points(HELD_OUT[0]), points(*BASE), (0, 1, 2, 3))

    assert single.compare(points(*TRAINING)).similarity == pytest.approx(1.0, abs=1e-6)


def test_that_diversity_is_1_for_training_pictures_0_for_twins_and_unknown_for_one() -> None:
    assert gauge().compare(points(*TRAINING)).diversity == pytest.approx(1.0)
    assert gauge().compare(points((3.0, 3.0), (3.0, 3.0))).diversity == 0.0
    assert gauge().compare(points((3.0, 3.0))).diversity is None


def test_that_a_copy_raises_the_alarm_and_is_named() -> None:
    found = gauge().compare(points((10.0, 0.0), (11.0, -1.0)))

    assert (found.nearest_preview, found.nearest_training) == (1, 2)
    assert found.nearest_distance == pytest.approx(0.0, abs=1e-5)
    assert found.is_memorised


@pytest.mark.parametrize(("share", "is_memorised"), [(MEMORISED_BELOW - 0.02, True), (MEMORISED_BELOW + 0.02, False)])
def test_that_the_distance_counts_in_that_of_neighbours_in_the_set(share: float, is_memorised: bool) -> None:
    # Both channels have the same spread around the mean (10, 0), so that neighbours are 2 of any unit apart.
    found = gauge().compare(points((11.0 + 2 * share, 1.0)))

    assert found.nearest_distance == pytest.approx(share)
    assert found.is_memorised is is_memorised


def test_that_copies_in_the_set_neither_raise_nor_silence_the_alarm() -> None:
    doubled = gauge(training=(*TRAINING, TRAINING[0], TRAINING[3]), groups=(0, 1, 2, 3, 0, 3))

    fresh = doubled.compare(points((10.0, 0.0)))
    copied = doubled.compare(points(TRAINING[0]))

    assert not fresh.is_memorised
    assert copied.is_memorised


def test_that_a_set_of_copies_alone_never_raises_the_alarm() -> None:
    same = gauge(training=(TRAINING[0],) * 4, groups=(0, 0, 0, 0))

    found = same.compare(points(TRAINING[0], TRAINING[0]))

    assert (found.nearest_distance, found.diversity, found.is_memorised) == (None, None, False)
