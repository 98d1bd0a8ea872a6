"""A run at 16 bits, on a processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from calotype.domain.control import Control, Stop
from calotype.domain.events import StepFinished
from calotype.domain.imageset import SubjectKind
from calotype.domain.plan import Precision, PreviewPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]


@pytest.mark.parametrize("precision", [Precision.BF16, Precision.FP16])
def test_that_half_precision_trains_and_goes_on(precision: Precision, make_job: MakeJob) -> None:
    small = {"step_count": 2, "resolution_px": 64, "preview": PreviewPlan(every=100)}
    job, control = make_job(precision=precision, **small), Control()
    style = replace(job.image_set.project, kind=SubjectKind.STYLE)  # less to examine: 16 bits are slow on a processor
    job = replace(job, image_set=replace(job.image_set, project=style))
    for event in train(job, control):
        if isinstance(event, StepFinished) and event.step == 1:
            control.send(Stop())

    events = list(train(replace(job, continues=True), Control()))

    assert [event.step for event in events if isinstance(event, StepFinished)] == [2]
    assert all(torch.isfinite(tensor).all() for tensor in load_file(job.checkpoints / "last.safetensors").values())
