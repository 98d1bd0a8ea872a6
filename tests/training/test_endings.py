"""How a run ends: by itself when nothing becomes better, and with a look at the LoRA that it keeps."""

from collections.abc import Callable
from dataclasses import replace

from calotype.diffusion.safetensors_header import read_header
from calotype.domain.control import Control, Stop
from calotype.domain.events import (
    FinishReason,
    LoraChecked,
    RunFinished,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.plan import PreviewPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]


def _steps(events: list[TrainingEvent]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepFinished)]


def test_that_the_kept_lora_is_tried_and_does_something(make_job: MakeJob) -> None:
    events = list(train(make_job(), Control()))

    checked = next(event for event in events if isinstance(event, LoraChecked))
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert checked.step == (finished.best_step or finished.step)
    assert (checked.layers > 0, checked.empty_layers) == (True, 0)
    assert checked.change > 0.005


def test_that_a_lora_that_learned_nothing_is_found_out(make_job: MakeJob) -> None:
    events = list(train(make_job(learning_rate=1e-12), Control()))

    checked = next(event for event in events if isinstance(event, LoraChecked))
    assert checked.change < 1e-4


def test_that_the_weight_norm_of_each_block_grows_from_nothing(make_job: MakeJob) -> None:
    events = list(train(make_job(), Control()))

    first, *_, last = [event for event in events if isinstance(event, ValidationFinished)]
    assert {block.norm for block in first.weight_norms} == {0.0}
    assert all(block.norm > 0 for block in last.weight_norms)
    assert [block.block for block in first.weight_norms] == [block.block for block in last.weight_norms]


def test_that_a_run_ends_by_itself_when_nothing_becomes_better_and_can_go_on(make_job: MakeJob) -> None:
    job = make_job(step_count=20, validate_every=2, learning_rate=1e-12, patience=2, preview=PreviewPlan(every=100))

    first = list(train(job, Control()))
    then = list(train(replace(job, continues=True), Control()))

    for events, steps in ((first, [1, 2, 3, 4]), (then, [5, 6, 7, 8])):
        finished = events[-1]
        assert _steps(events) == steps
        assert isinstance(finished, RunFinished) and finished.reason is FinishReason.SETTLED
        assert finished.lora_path is not None and finished.lora_path.is_file()


def test_that_a_killed_run_that_goes_on_keeps_no_lora_of_steps_that_it_has_not_taken(make_job: MakeJob) -> None:
    job = make_job(step_count=60, validate_every=3, checkpoint_every=6, preview=PreviewPlan(every=100))
    killed = train(job, Control())
    best_step = 0
    for event in killed:
        if isinstance(event, ValidationFinished) and event.is_best:
            best_step = event.step
        if isinstance(event, StepFinished) and event.step == 10:
            break
    killed.close()  # type: ignore[attr-defined]
    control = Control()

    for event in train(replace(job, continues=True), control):
        if isinstance(event, StepFinished):
            control.send(Stop())

    assert best_step == 9 and isinstance(event, RunFinished)
    assert (event.step, event.best_step) == (7, 6) and event.lora_path is not None
    assert event.lora_path.name == "best.safetensors"
    assert read_header(event.lora_path).metadata["ss_steps"] == "6"


def test_that_without_patience_a_run_goes_to_its_end(make_job: MakeJob) -> None:
    finished = list(train(make_job(learning_rate=1e-12), Control()))[-1]

    assert isinstance(finished, RunFinished)
    assert (finished.reason, finished.step) == (FinishReason.COMPLETED, 6)
