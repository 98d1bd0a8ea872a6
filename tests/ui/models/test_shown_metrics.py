"""The numbers of a run as tiles show them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from calotype.domain.events import (
    BandRatios,
    BlockNorm,
    ImageRatio,
    Interval,
    PreviewsMeasured,
    StepFinished,
    ValidationFinished,
)
from calotype.ui.models.metric_lines import MOST_POINTS, Metric, line_of, peaks_of, rate_text
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.session import Session
from calotype.ui.models.shown_metrics import MetricGroup, metrics_of, signed, summary_of

STEP = StepFinished(1, 0.5, 6.2e-5, 0.25, 0.2, 5.25, 1_930_000_000)
POINT = ValidationFinished(
    50, 0.4, 0.5, Interval(0.83, 0.79, 0.88), BandRatios(0.78, 0.83, 0.91), 0.71, True, 1.0, drift=0.0312
)


@pytest.fixture(autouse=True)
def _translator(qapp: QApplication) -> None:
    """Texts are translated by the application."""


def series(*events: StepFinished | ValidationFinished | PreviewsMeasured) -> RunSeries:
    made = RunSeries()
    for event in events:
        if isinstance(event, StepFinished):
            made.add_step(event)
        else:
            made.add_measurement(event)
    return made


def shown(group: MetricGroup, run: RunSeries) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics_of(group, run)}


def test_that_a_run_without_numbers_shows_dashes_and_says_so() -> None:
    learning = shown(MetricGroup.LEARNING, RunSeries())

    assert {name: metric.value for name, metric in learning.items()} == dict.fromkeys(
        ("ratio", "detail", "loss", "gradient", "rate"), "–"
    )
    assert {summary_of(group, RunSeries()) for group in MetricGroup} == {"not measured yet"}


def test_that_the_ratio_comes_with_its_interval_and_the_detail_with_its_bands() -> None:
    learning = shown(MetricGroup.LEARNING, series(STEP, POINT))

    assert (learning["ratio"].value, learning["ratio"].note) == ("0.83", "0.79 to 0.88")
    assert learning["detail"].value == "0.78 · 0.83 · 0.91"
    assert [list(line.values) for line in learning["detail"].lines] == [[0.78], [0.83], [0.91]]
    assert learning["rate"].value == "6.2e-5"


def test_that_gap_and_drift_answer_whether_it_is_still_general() -> None:
    run = series(POINT)

    general = shown(MetricGroup.GENERAL, run)

    assert (general["gap"].value, general["drift"].value) == ("+0.12", "0.031")
    assert summary_of(MetricGroup.GENERAL, run) == "gap +0.12 · drift 0.03"
    assert list(shown(MetricGroup.GENERAL, series(replace(POINT, drift=None)))) == ["gap"]


def test_that_the_largest_change_of_a_block_is_named_and_all_are_listed() -> None:
    norms = (BlockNorm("down_blocks.0", 0.0012), BlockNorm("mid_block", 0.034), BlockNorm("up_blocks.2", 1.234))

    norm = shown(MetricGroup.GENERAL, series(replace(POINT, weight_norms=norms)))["norm"]

    assert (norm.value, norm.note) == ("123 %", "up 3")
    assert norm.tip.splitlines()[1:] == ["down 1: 0.12 %", "middle: 3.4 %", "up 3: 123 %"]


def test_that_temperature_and_power_are_shown_only_where_they_are_known() -> None:
    unknown, known = series(STEP), series(STEP, replace(STEP, step=2, temperature_c=61.4, power_watts=207.6))

    assert list(shown(MetricGroup.MACHINE, unknown)) == ["speed", "memory"]
    machine = shown(MetricGroup.MACHINE, known)
    assert (machine["temperature"].value, machine["power"].value) == ("61 °C", "208 W")
    assert list(machine["temperature"].lines[0].steps) == [2.0]  # the first step did not know it
    assert summary_of(MetricGroup.MACHINE, known) == "5.2 images/s · 1.9 GB · 61 °C"


def test_that_numbers_of_previews_appear_once_they_were_compared() -> None:
    compared = PreviewsMeasured(40, 0.9, None, 1, "abc", "one.png", 0.2, True, 0.1)
    run = series(replace(compared, step=60, similarity=0.5), compared)

    learning, general = shown(MetricGroup.LEARNING, run), shown(MetricGroup.GENERAL, run)

    assert learning["similarity"].value == "0.50"
    assert list(learning["similarity"].lines[0].steps) == [40, 60]
    assert (general["variety"].value, general["distance"].value) == ("–", "0.20")


def test_that_the_users_own_model_has_tiles_only_where_it_looked() -> None:
    compared = PreviewsMeasured(40, 0.9, None, 1, "abc", "one.png", 0.2, True, 0.1)
    seen = replace(compared, model_similarity=0.7, adherence=-0.02)

    assert not {"by model", "adherence"} & shown(MetricGroup.LEARNING, series(compared)).keys()
    learning = shown(MetricGroup.LEARNING, series(seen))
    assert learning["by model"].value == "0.70"
    assert learning["adherence"].value.endswith("0.02")


def test_that_a_long_line_keeps_its_ends_and_few_points() -> None:
    steps = [float(step) for step in range(1, 10_001)]

    line = line_of(steps, steps, "blue")

    assert len(line.steps) == MOST_POINTS
    assert (line.steps[0], line.steps[-1]) == (1.0, 10_000.0)


@pytest.mark.parametrize("place", [0, 1, 4_321, 9_999])
def test_that_no_jump_of_a_long_run_is_lost(place: int) -> None:
    values = [0.5] * 10_000
    values[place], values[(place + 5_000) % 10_000] = 9.0, 0.1

    line = peaks_of(range(10_000), values, "muted")

    assert len(line.steps) <= MOST_POINTS
    assert line.steps[line.values.index(9.0)] == place
    assert min(line.values) == 0.1
    assert list(line.steps) == sorted(line.steps)


def test_that_pictures_that_stand_out_are_counted_where_the_group_is_closed(session: Session) -> None:
    ratios = {"a": 0.8, "b": 0.82, "c": 0.81, "x": 1.05}
    odd = replace(POINT, held_out_images=tuple(ImageRatio(key, ratio) for key, ratio in ratios.items()))

    assert summary_of(MetricGroup.GENERAL, series(odd)) == "gap +0.12 · drift 0.03 · 1 odd picture"


@pytest.mark.parametrize(
    ("value", "text"), [(0.051, "+0.05"), (-0.051, "\N{MINUS SIGN}0.05"), (0.001, "0.00"), (-0.001, "0.00")]
)
def test_that_a_difference_has_a_sign_unless_it_is_none(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(("rate", "text"), [(6.2e-5, "6.2e-5"), (1e-4, "1.0e-4"), (0.0, "0"), (1e-12, "1.0e-12")])
def test_that_a_learning_rate_is_written_as_in_a_plan(rate: float, text: str) -> None:
    assert rate_text(rate) == text


def test_that_a_run_that_goes_on_from_a_checkpoint_forgets_all_numbers_after_it() -> None:
    run = series(*(replace(STEP, step=number, temperature_c=50.0 + number) for number in (1, 2, 3)))

    run.forget_from(3)

    machine = shown(MetricGroup.MACHINE, run)
    assert machine["temperature"].value == "52 °C"
    assert [len(metric.lines[0].steps) for metric in machine.values()] == [2, 2, 2]


def test_that_a_series_up_to_a_step_leaves_the_whole_one_alone() -> None:
    run = series(*(replace(STEP, step=number) for number in (1, 2, 3)), POINT, replace(POINT, step=2))

    shorter = run.up_to(2)

    assert (list(shorter.steps), [point.step for point in shorter.validations]) == ([1, 2], [2])
    assert (list(run.steps), [point.step for point in run.validations]) == ([1, 2, 3], [50, 2])
