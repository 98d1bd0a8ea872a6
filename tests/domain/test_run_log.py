"""What a run left behind, sorted."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.domain.events import (
    BandRatios,
    FinishReason,
    Interval,
    PreviewReady,
    RunFinished,
    RunStarted,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets
from calotype.domain.plan import PreviewPlan, TrainingPlan, setting_value
from calotype.domain.round_numbers import round_numbers
from calotype.domain.run_log import RunLog
from calotype.domain.setting_words import value_text


def measured(step: int, ratio: float, *, is_best: bool = False) -> ValidationFinished:
    interval = Interval(ratio, ratio - 0.1, ratio + 0.1)
    return ValidationFinished(step, ratio, 1.0, interval, BandRatios(ratio, ratio, ratio), ratio, is_best, 1.0)


def stepped(step: int, loss: float = 0.5) -> StepFinished:
    return StepFinished(step, loss, 1e-3, 1.0, 2.0, 4.0, 1)


def drawn(step: int, index: int = 0) -> PreviewReady:
    return PreviewReady(step, index, f"prompt {index}", 1, Path(f"{step}-{index}.png"))


def test_that_what_a_run_repeats_counts_once_and_as_it_was_repeated() -> None:
    events: list[TrainingEvent] = [stepped(1, 0.9), stepped(2, 0.8), RunStarted("a", 9, 2, 1, 1), stepped(2, 0.7)]

    log = RunLog.of(events)

    assert [(event.step, event.loss) for event in log.steps] == [(1, 0.9), (2, 0.7)]
    assert log.started == RunStarted("a", 9, 2, 1, 1)


def test_that_the_base_model_is_never_the_best_step() -> None:
    assert RunLog.of([measured(0, 1.0), measured(10, 1.2)]).best is None
    assert RunLog.of([]).best is None
    best = RunLog.of([measured(0, 1.0), measured(10, 0.7, is_best=True), measured(20, 0.8)]).best
    assert best is not None
    assert best.step == 10


def test_that_a_step_without_a_preview_shows_the_one_before() -> None:
    log = RunLog.of([drawn(0), drawn(20), drawn(20, 1), drawn(40)])

    assert log.preview_at(39, 0) == drawn(20)
    assert log.preview_at(19, 1) is None
    assert log.prompts == {0: "prompt 0", 1: "prompt 1"}
    assert log.last_step == 40


def test_that_a_run_without_an_end_took_the_time_of_its_steps() -> None:
    ended = RunFinished(FinishReason.COMPLETED, 2, 2, 0.5, 1.0, 77.0, None)

    assert RunLog.of([stepped(1), stepped(2)]).seconds == 4.0
    assert RunLog.of([stepped(1), stepped(2), ended]).seconds == 77.0


PLAN = TrainingPlan(
    "starter",
    "p1",
    lora=LoraSpec(rank=8, targets=LoraTargets.ALL_LAYERS, adapter=LoraAdapter.DORA),
    learning_rate=0.002,
    min_snr_gamma=0.0,
    flip=True,
    preview=PreviewPlan(prompts=("a", "b"), sampling_steps=30),
)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("rank", 8, "8"),
        ("learning_rate", 0.002, "0.002"),
        ("min_snr_gamma", 0.0, "off"),
        ("weight_decay", 0.01, "0.01"),
        ("flip", True, "yes"),
        ("targets", LoraTargets.ALL_LAYERS, "All layers"),
        ("adapter", LoraAdapter.DORA, "DoRA"),
        ("preview_prompts", ("a", "b"), "a · b"),
        ("preview_steps", 30, "30"),
    ],
)
def test_that_a_setting_is_said_in_plain_words(name: str, value: object, text: str) -> None:
    assert setting_value(PLAN, name) == value
    assert value_text(PLAN, name) == text


def test_that_axes_have_round_numbers_below_zero_too() -> None:
    assert round_numbers(-0.3, 0.3, 6) == pytest.approx([-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3])
