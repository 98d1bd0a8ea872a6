"""A run that learns a DoRA: it learns, goes on exactly, and its lengths are trained but not decayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from safetensors.torch import load_file

from calotype.domain.control import Control, Stop
from calotype.domain.events import LoraChecked, RunFinished, StepFinished
from calotype.domain.imageset import SubjectKind
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets
from calotype.domain.plan import Precision, PreviewPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts

MakeJob = Callable[..., TrainingJob]
SMALL = LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ATTENTION, adapter=LoraAdapter.DORA)


def _stopped_after(step: int, job: TrainingJob) -> None:
    control = Control()
    for event in train(job, control):
        if isinstance(event, StepFinished) and event.step == step:
            control.send(Stop())


def test_that_it_learns_and_its_file_is_checked(make_job: MakeJob) -> None:
    job = make_job(
        step_count=40,
        validate_every=20,
        checkpoint_every=40,
        lora=LoraSpec(rank=8, alpha=8.0, targets=LoraTargets.ALL_LAYERS, adapter=LoraAdapter.DORA),
        preview=PreviewPlan(every=1000),
    )

    events = list(train(job, Control()))

    finished, losses = events[-1], [event.loss for event in events if isinstance(event, StepFinished)]
    checked = next(event for event in events if isinstance(event, LoraChecked))
    assert isinstance(finished, RunFinished) and finished.best_ratio < 0.9
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])
    assert (checked.layers, checked.empty_layers) == (129, 0) and checked.change > 0


def test_that_an_interrupted_run_takes_bit_for_bit_the_same_steps(make_job: MakeJob) -> None:
    whole, half = (make_job(name, lora=SMALL) for name in ("whole", "half"))
    list(train(whole, Control()))
    _stopped_after(3, half)

    after = list(train(replace(half, continues=True), Control()))

    assert [event.step for event in after if isinstance(event, StepFinished)] == [4, 5, 6]
    for name in ("last.safetensors", "state.safetensors"):
        expected, resumed = load_file(whole.checkpoints / name), load_file(half.checkpoints / name)
        assert expected.keys() == resumed.keys()
        assert all(torch.equal(expected[key], resumed[key]) for key in expected), name


def test_that_lengths_move_but_do_not_decay(make_job: MakeJob, assembled: Callable[[TrainingJob], Parts]) -> None:
    parts = assembled(make_job("start", lora=SMALL, weight_decay=1.0))
    started = [parameter.detach().clone() for parameter in parts.parameters]
    job = make_job("moved", lora=SMALL)

    for parameter in parts.parameters:
        parameter.grad = torch.zeros_like(parameter)
    parts.optimizer.step()
    list(train(job, Control()))

    kept = [torch.equal(now, then) for now, then in zip(parts.parameters, started, strict=True)]
    assert kept == [then.ndim == 1 or not then.any() for then in started]
    saved = load_file(job.checkpoints / "state.safetensors")
    moved = [not torch.equal(saved[f"{number}.weight"], then) for number, then in enumerate(started) if then.ndim == 1]
    assert len(moved) == 56 and all(moved)


def test_that_half_precision_trains_and_goes_on(make_job: MakeJob) -> None:
    job = make_job(precision=Precision.BF16, step_count=2, resolution_px=64, lora=SMALL, preview=PreviewPlan(every=100))
    style = replace(job.image_set.project, kind=SubjectKind.STYLE)  # less to examine: 16 bits are slow on a processor
    job = replace(job, image_set=replace(job.image_set, project=style))
    _stopped_after(1, job)

    events = list(train(replace(job, continues=True), Control()))

    assert [event.step for event in events if isinstance(event, StepFinished)] == [2]
    assert all(torch.isfinite(tensor).all() for tensor in load_file(job.checkpoints / "last.safetensors").values())
