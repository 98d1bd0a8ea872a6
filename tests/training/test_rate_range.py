"""The rate range test, run for real on the starter model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.control import Control, Stop
from calotype.domain.errors import TooFewImagesError
from calotype.domain.events import ModelLoaded, StageChanged
from calotype.domain.imageset import ImageSet
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.rate_range import (
    RateAnswerKind,
    RateEvent,
    RateMeasured,
    RateRange,
    RateTestEnd,
    RateTestFinished,
    RateTestStarted,
)
from calotype.training.job import TrainingJob
from calotype.training.rate_range import measure_rates

MakeJob = Callable[..., TrainingJob]


def measured(events: list[RateEvent]) -> list[RateMeasured]:
    return [event for event in events if isinstance(event, RateMeasured)]


def finished(events: list[RateEvent]) -> RateTestFinished:
    assert isinstance(events[-1], RateTestFinished)
    return events[-1]


def test_that_a_test_reports_everything_in_order(make_job: MakeJob) -> None:
    rates = RateRange(1e-5, 1e-4, 5)

    events = list(measure_rates(make_job(), rates, Control()))

    kinds = list(dict.fromkeys(type(event) for event in events))
    assert kinds == [StageChanged, ModelLoaded, RateTestStarted, RateMeasured, RateTestFinished]
    assert [point.step for point in measured(events)] == [1, 2, 3, 4, 5]
    assert [point.rate for point in measured(events)] == pytest.approx([rates.rate_at(step) for step in range(1, 6)])
    assert finished(events).end is RateTestEnd.WHOLE


def test_that_the_first_step_measures_the_base_model_itself(make_job: MakeJob) -> None:
    events = list(measure_rates(make_job(), RateRange(1e-5, 1e-4, 2), Control()))

    assert measured(events)[0].ratio == pytest.approx(1.0, abs=1e-5)
    assert measured(events)[1].ratio != 1.0


@pytest.mark.slow
def test_that_it_finds_where_the_model_learns_and_where_it_breaks(make_job: MakeJob) -> None:
    job = make_job(lora=LoraSpec(rank=8, alpha=8.0, targets=LoraTargets.ALL_LAYERS))

    end = finished(list(measure_rates(job, RateRange(1e-4, 10.0, 60), Control())))

    assert end.end is RateTestEnd.BROKE
    assert end.answer.kind is RateAnswerKind.SUGGESTED
    assert end.answer.lowest_ratio < 0.9
    assert 2e-4 <= (end.answer.suggested_rate or 0) <= 0.2
    assert end.answer.lowest_at < (end.answer.broke_at or 0)


def test_that_it_ends_soon_after_the_model_broke(make_job: MakeJob) -> None:
    events = list(measure_rates(make_job(), RateRange(1.0, 1000.0, 50), Control()))

    assert finished(events).end is RateTestEnd.BROKE
    assert finished(events).answer.kind is RateAnswerKind.NEVER_FELL
    assert len(measured(events)) < 15


def test_that_a_loss_that_is_no_number_ends_it(make_job: MakeJob) -> None:
    events = list(measure_rates(make_job(), RateRange(1e25, 1e30, 20), Control()))

    assert finished(events).end is RateTestEnd.BROKE
    assert all(point.ratio < float("inf") for point in measured(events))
    assert finished(events).answer.broke_at == pytest.approx(measured(events)[-1].rate)


def test_that_a_stop_is_heard_after_the_step(make_job: MakeJob) -> None:
    control, events = Control(), list[RateEvent]()

    for event in measure_rates(make_job(), RateRange(1e-5, 1.0, 1000), control):
        events.append(event)
        if isinstance(event, RateMeasured) and event.step == 2:
            control.send(Stop())

    assert len(measured(events)) == 2
    assert finished(events).answer.kind is RateAnswerKind.STOPPED_EARLY


def test_that_a_stop_while_pictures_are_read_ends_it_before_any_step(make_job: MakeJob) -> None:
    control, events = Control(), list[RateEvent]()

    for event in measure_rates(make_job(), RateRange(), control):
        events.append(event)
        control.send(Stop())

    assert measured(events) == []
    assert finished(events).end is RateTestEnd.STOPPED


def test_that_nothing_is_left_on_disk(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job()
    before = sorted(tmp_path.rglob("*"))

    list(measure_rates(job, RateRange(1e-4, 1e-3, 3), Control()))

    assert sorted(tmp_path.rglob("*")) == before


def test_that_the_same_test_gives_the_same_curve(make_job: MakeJob) -> None:
    first = measured(list(measure_rates(make_job(), RateRange(1e-4, 1e-2, 4), Control())))
    again = measured(list(measure_rates(make_job(learning_rate=0.5), RateRange(1e-4, 1e-2, 4), Control())))

    assert [point.ratio for point in first] == [point.ratio for point in again]


def test_that_too_few_pictures_are_refused_before_anything_is_loaded(make_job: MakeJob, image_set: ImageSet) -> None:
    job = replace(make_job(), image_set=ImageSet(image_set.project, image_set.images[:2]))

    with pytest.raises(TooFewImagesError):
        next(measure_rates(job, RateRange(), Control()))
