"""The picture of a run's curves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageColor

from calotype.cli.canvas import Frame
from calotype.cli.curves import AMBER, HEIGHT_PX, TEAL, WIDTH_PX, draw_curves
from calotype.domain.events import BandRatios, Interval, StepFinished, TrainingEvent, ValidationFinished


def _validation(step: int, ratio: float) -> ValidationFinished:
    interval = Interval(ratio, ratio - 0.03, ratio + 0.03)
    return ValidationFinished(step, 0.3, 0.4, interval, BandRatios(1, 1, 1), ratio - 0.02, True, 0.1)


def _step(step: int) -> StepFinished:
    return StepFinished(step, 1 / step, 1e-3, 0.1, 0.5, 8.0, 1)


def test_that_the_curve_of_a_run_has_its_line_and_its_best_step(tmp_path: Path) -> None:
    events: list[TrainingEvent] = [_validation(0, 1.0), _step(1), _step(2), _validation(2, 0.8), _validation(4, 0.9)]

    draw_curves(events, "Blob", tmp_path / "curves.png")

    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (WIDTH_PX, HEIGHT_PX)
        colours = {colour for _, colour in picture.getcolors(1_000_000) or []}
    assert {ImageColor.getrgb(TEAL), ImageColor.getrgb(AMBER)} <= colours


def test_that_a_run_stopped_before_its_first_step_can_be_drawn(tmp_path: Path) -> None:
    draw_curves([_validation(0, 1.0)], "Blob", tmp_path / "curves.png")

    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_that_the_frame_puts_values_where_they_belong() -> None:
    frame = Frame(100, 0, 300, 50, last_step=200, low=0.0, high=1.0)

    assert frame.at(0, 0.0) == (100, 50)
    assert frame.at(100, 0.5) == (200, 25)
    assert frame.at(200, 1.0) == (300, 0)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0.45, 1.05, [0.5, 0.6, 0.7, 0.8, 0.9, 1.0])],
)
def test_that_grid_lines_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    frame = Frame(0, 0, 1, 1, low=low, high=high)

    assert frame.round_values(6) == pytest.approx(expected)
