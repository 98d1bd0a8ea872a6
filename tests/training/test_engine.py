"""The loop, run for real on the starter model: what it reports, what it writes, and how it ends."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from calotype.domain.control import Control, MakePreview, Pause, Resume, Stop
from calotype.domain.errors import CheckpointUnusableError, LossNotFiniteError, TooFewImagesError
from calotype.domain.events import (
    CheckpointSaved,
    FinishReason,
    LoraChecked,
    ModelLoaded,
    PreviewReady,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.imageset import ImageSet
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.plan import PreviewPlan
from calotype.training import engine
from calotype.training.checkpoints import read_progress
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]


@dataclass(frozen=True)
class Whole:
    """A run that came to its end: where it lies, and what it reported."""

    job: TrainingJob
    events: list[TrainingEvent]


@pytest.fixture(scope="module")
def _trained() -> list[Whole]:
    """Holds the one run of this module that all may share, once it was trained."""
    return []


@pytest.fixture
def whole(_trained: list[Whole], make_job: MakeJob, tmp_path: Path) -> Whole:
    """The default job after its run, trained once for this module; its folder is a copy of this test's own."""
    if not _trained:
        job = make_job()
        _trained.append(Whole(job, list(train(job, Control()))))
    [kept] = _trained
    folder = Path(shutil.copytree(kept.job.folder, tmp_path / "copy"))
    return replace(kept, job=replace(kept.job, folder=folder))


def _steps(events: list[TrainingEvent]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepFinished)]


def test_that_a_run_reports_everything_in_order_and_ends_with_its_lora(whole: Whole) -> None:
    events = whole.events

    kinds = [type(event) for event in events]
    assert kinds.index(ModelLoaded) < kinds.index(RunStarted) < kinds.index(ValidationFinished)
    assert kinds[-2:] == [LoraChecked, RunFinished]
    assert _steps(events) == [1, 2, 3, 4, 5, 6]
    assert [event.step for event in events if isinstance(event, ValidationFinished)] == [0, 3, 6]
    assert [event.step for event in events if isinstance(event, PreviewReady)] == [0, 6]
    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.reason is FinishReason.COMPLETED
    assert finished.lora_path is not None and finished.lora_path.is_file()


def test_that_the_base_model_is_the_measure_at_step_0(whole: Whole) -> None:
    events = whole.events

    first = next(event for event in events if isinstance(event, ValidationFinished))
    assert (first.ratio.value, first.probe_ratio, first.is_best) == (1.0, 1.0, False)
    assert first.loss == first.base_loss > 0


def test_that_each_picture_is_measured_and_told_apart(whole: Whole) -> None:
    events = whole.events

    first, *_, last = [event for event in events if isinstance(event, ValidationFinished)]
    assert [image.content_hash for image in last.held_out_images] == ["hash4", "hash5"]
    assert {image.content_hash for image in last.probe_images} == {"hash0", "hash1", "hash2", "hash3"}
    assert {image.ratio for image in first.held_out_images + first.probe_images} == {1.0}
    assert len({image.ratio for image in last.held_out_images + last.probe_images}) == 6


def test_that_it_learns_and_the_probe_shows_it(make_job: MakeJob) -> None:
    job = make_job(
        step_count=40,
        validate_every=20,
        checkpoint_every=40,
        lora=LoraSpec(rank=8, alpha=8.0, targets=LoraTargets.ALL_LAYERS),
        preview=PreviewPlan(every=1000),
    )

    finished = list(train(job, Control()))[-1]

    assert isinstance(finished, RunFinished)
    assert finished.best_ratio < 0.9


def test_that_an_interrupted_run_takes_bit_for_bit_the_same_steps(make_job: MakeJob) -> None:
    whole = make_job("whole", step_count=6)
    list(train(whole, Control()))
    half = make_job("half", step_count=6)
    control = Control()
    before: list[TrainingEvent] = []
    for event in train(half, control):
        before.append(event)
        if isinstance(event, StepFinished) and event.step == 3:
            control.send(Stop())

    after = list(train(replace(half, continues=True), Control()))

    assert _steps(before) == [1, 2, 3] and _steps(after) == [4, 5, 6]
    for name in ("last.safetensors", "state.safetensors"):
        expected, resumed = load_file(whole.checkpoints / name), load_file(half.checkpoints / name)
        assert expected.keys() == resumed.keys()
        assert all(torch.equal(expected[key], resumed[key]) for key in expected), name


def test_that_a_stop_ends_within_the_step_and_saves(make_job: MakeJob) -> None:
    control = Control()
    events = []
    for event in train(make_job(step_count=1000), control):
        events.append(event)
        if isinstance(event, StepFinished) and event.step == 2:
            control.send(Stop())

    assert _steps(events) == [1, 2]
    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.reason is FinishReason.STOPPED
    assert finished.lora_path is not None and finished.lora_path.is_file()


@pytest.mark.parametrize("stop_at", range(0, 12, 3))
def test_that_a_stop_before_the_first_step_ends_cleanly(stop_at: int, make_job: MakeJob) -> None:
    control = Control()
    events = []
    for number, event in enumerate(train(make_job(), control)):
        events.append(event)
        if number == stop_at:
            control.send(Stop())

    assert _steps(events) == []
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason is FinishReason.STOPPED


def test_that_a_paused_run_draws_a_preview_and_goes_on_as_if_nothing_was(make_job: MakeJob) -> None:
    undisturbed = make_job("undisturbed", step_count=4)
    list(train(undisturbed, Control()))
    job, control = make_job("paused", step_count=4), Control()
    events = []
    for event in train(job, control):
        events.append(event)
        if isinstance(event, StepFinished) and event.step == 2:
            control.send(Pause())
        if isinstance(event, RunPaused):
            control.send(MakePreview())
            control.send(Resume())

    assert [type(e) for e in events if isinstance(e, RunPaused | RunResumed)] == [RunPaused, RunResumed]
    assert 2 in [event.step for event in events if isinstance(event, PreviewReady)]
    same = load_file(undisturbed.checkpoints / "last.safetensors")
    assert all(torch.equal(value, same[key]) for key, value in load_file(job.checkpoints / "last.safetensors").items())


def test_that_a_stop_ends_a_pause(make_job: MakeJob) -> None:
    control = Control()
    events = []
    for event in train(make_job(), control):
        events.append(event)
        if isinstance(event, StepFinished) and event.step == 1:
            control.send(Pause())
        if isinstance(event, RunPaused):
            control.send(Stop())

    assert _steps(events) == [1]
    assert isinstance(events[-1], RunFinished)


def test_that_a_loss_that_is_no_number_stops_before_the_weights_are_harmed(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(checkpoint_every=1000)
    healthy = engine.losses_of
    calls: Iterator[int] = iter(range(1, 100))

    def poisoned(*arguments: object) -> torch.Tensor:
        losses = healthy(*arguments)  # type: ignore[arg-type]
        return losses * float("nan") if losses.requires_grad and next(calls) == 3 else losses

    monkeypatch.setattr(engine, "losses_of", poisoned)

    with pytest.raises(LossNotFiniteError, match="step 3") as failure:
        list(train(job, Control()))

    assert failure.value.fields == {"step": 3, "kept_step": 2}
    kept = load_file(job.checkpoints / "last.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in kept.values())


def test_that_three_pictures_are_too_few(make_job: MakeJob, image_set: ImageSet) -> None:
    job = make_job()
    few = ImageSet(image_set.project, image_set.images[3:])

    with pytest.raises(TooFewImagesError, match="at least 4"):
        list(train(replace(job, image_set=few), Control()))


@pytest.mark.parametrize("damage", ["truncated", "missing", "other plan"])
def test_that_a_checkpoint_that_cannot_be_used_is_named(damage: str, whole: Whole) -> None:
    job = whole.job
    state = job.checkpoints / "state.safetensors"
    match damage:
        case "truncated":
            state.write_bytes(state.read_bytes()[:-100])
        case "missing":
            state.unlink()
        case _:
            job = replace(job, plan=replace(job.plan, learning_rate=1e-5))

    with pytest.raises(CheckpointUnusableError, match=r"state\.safetensors"):
        list(train(replace(job, continues=True), Control()))


def test_that_held_out_pictures_are_never_opened_for_a_step(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    drawn = engine.draw_batch

    def watching(plan: object, step: object, images: list[object], *rest: object) -> object:
        seen.update(image.content_hash for image in images)  # type: ignore[attr-defined]
        return drawn(plan, step, images, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "draw_batch", watching)
    list(train(make_job(), Control()))

    assert seen == {"hash0", "hash1", "hash2", "hash3"}


def test_that_the_checkpoints_are_marked_as_they_are(whole: Whole) -> None:
    events = whole.events

    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    best = [event for event in events if isinstance(event, ValidationFinished) and event.is_best]
    assert [event.step for event in saved if event.is_best] == [event.step for event in best]
    assert {Path(event.path).name for event in saved if not event.is_best} == {"last.safetensors"}


def test_that_a_pause_and_a_resume_sent_together_do_not_wait(make_job: MakeJob) -> None:
    control, events = Control(), []
    for event in train(make_job(step_count=3), control):
        events.append(event)
        if isinstance(event, StepFinished) and event.step == 1:
            for command in (MakePreview(), Pause(), MakePreview(), Resume()):
                control.send(command)

    assert _steps(events) == [1, 2, 3]
    assert [event.step for event in events if isinstance(event, PreviewReady)].count(1) == 2


def test_that_a_paused_run_is_saved(make_job: MakeJob) -> None:
    job, control = make_job(checkpoint_every=1000), Control()
    for event in train(job, control):
        if isinstance(event, StepFinished) and event.step == 2:
            control.send(Pause())
        if isinstance(event, RunPaused):
            assert read_progress(job.checkpoints, job.plan).step == 2
            control.send(Stop())


def test_that_a_stop_while_a_resumed_run_loads_forgets_nothing(whole: Whole) -> None:
    job, control = whole.job, Control()
    before = whole.events[-1]
    control.send(Stop())

    finished = list(train(replace(job, continues=True), control))[-1]

    assert isinstance(before, RunFinished) and isinstance(finished, RunFinished)
    assert (finished.step, finished.best_step) == (6, before.best_step)
    assert before.best_step > 0
