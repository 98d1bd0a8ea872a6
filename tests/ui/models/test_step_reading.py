"""What is said of the step that a curve is pointed at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from calotype.domain.events import (
    BandRatios,
    Interval,
    PreviewReady,
    PreviewsMeasured,
    StepFinished,
    ValidationFinished,
)
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.step_reading import nearest, reading_at

POINT = ValidationFinished(
    50, 0.4, 0.5, Interval(0.83, 0.79, 0.88), BandRatios(0.78, 0.83, 0.91), 0.71, True, 1.0, drift=0.03
)


@pytest.fixture
def series(qapp: QApplication) -> RunSeries:
    """Measured at 0, 50 and 100, the best at 50, previews at 0 and 60 of two prompts."""
    made = RunSeries()
    for step in range(1, 101):
        made.add_step(StepFinished(step, 0.5, 1e-4, 0.25, 0.2, 5.0, 1_000))
    for step, ratio in ((0, 1.0), (50, 0.83), (100, 0.9)):
        interval = Interval(ratio, ratio - 0.04, ratio + 0.05)
        made.add_measurement(replace(POINT, step=step, ratio=interval, is_best=step == 50))
    made.add_measurement(PreviewsMeasured(60, 0.4, 0.8, 0, "abc", "one.png", 0.9, False, 0.1))
    for step in (0, 60):
        for index in (1, 0):
            made.add_preview(PreviewReady(step, index, "a", 1, Path(f"{step}-{index}.png")))
    return made


def test_that_a_measured_step_is_read_as_it_was_measured(series: RunSeries) -> None:
    reading = reading_at(series, 50)

    rows = dict(reading.rows)
    assert reading.title == "Step 50 · best"
    assert rows["Held-out"] == "0.830 (0.790 to 0.880)"
    assert (rows["Training"], rows["Detail"], rows["Drift"]) == ("0.710", "0.78 · 0.83 · 0.91", "0.030")
    assert (rows["Loss, smoothed"], rows["Learning rate"], rows["Gradient norm"]) == ("0.5000", "1.0e-4", "0.25")
    assert "Similarity" not in rows


def test_that_what_was_not_measured_at_a_step_says_when_it_was(series: RunSeries) -> None:
    reading = reading_at(series, 77)

    rows = dict(reading.rows)
    assert rows["Held-out"] == "0.830 (0.790 to 0.880), at 50"
    assert rows["Similarity"] == "0.40, at 60"
    assert (reading.previews, reading.previews_title) == (
        (Path("60-0.png"), Path("60-1.png")),
        "Previews of step 60",
    )


def test_that_the_base_model_has_no_loss_and_its_own_pictures(series: RunSeries) -> None:
    reading = reading_at(series, 0)

    assert reading.title == "Base model"
    assert "Loss, smoothed" not in dict(reading.rows)
    assert (reading.previews[0], reading.previews_title) == (Path("0-0.png"), "")


def test_that_a_run_without_anything_has_only_a_title(qapp: QApplication) -> None:
    reading = reading_at(RunSeries(), 7)

    assert (reading.title, reading.rows, reading.previews) == ("Step 7", (), ())


@pytest.mark.parametrize(
    ("wanted", "place"), [(-5, 0), (0, 0), (24, 0), (26, 1), (50, 1), (74, 1), (76, 2), (100, 2), (1e9, 2)]
)
def test_that_the_nearest_step_is_found(wanted: float, place: int) -> None:
    assert nearest([0.0, 50.0, 100.0], wanted) == place


def test_that_the_only_step_is_the_nearest() -> None:
    assert nearest([7.0], 3.0) == 0
