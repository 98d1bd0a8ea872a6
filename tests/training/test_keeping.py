"""The LoRA of each checkpoint stays beside the best and the newest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load_file

from calotype.domain import kept_steps
from calotype.domain.control import Control
from calotype.domain.plan import PreviewPlan
from calotype.domain.runs import step_paths
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]
QUIET = {"validate_every": 100, "preview": PreviewPlan(every=100)}


def test_that_each_checkpoint_stays_in_half_precision_and_is_the_newest_one_rounded(make_job: MakeJob) -> None:
    job = make_job(step_count=3, checkpoint_every=1, **QUIET)

    list(train(job, Control()))

    kept = step_paths(job.checkpoints)
    newest, last = load_file(kept[3]), load_file(job.checkpoints / "last.safetensors")
    assert list(kept) == [1, 2, 3]
    assert {tensor.dtype for tensor in newest.values()} == {torch.float16}
    assert all(torch.equal(newest[name], last[name].half()) for name in last)


def test_that_a_run_that_starts_over_forgets_the_steps_of_the_first_try(make_job: MakeJob) -> None:
    job = make_job(step_count=2, checkpoint_every=1, **QUIET)
    list(train(job, Control()))
    (job.checkpoints / "step-000009.safetensors").write_bytes(b"of the first try")

    list(train(job, Control()))

    assert list(step_paths(job.checkpoints)) == [1, 2]


def test_that_too_many_are_thinned_while_the_run_goes_on(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_steps, "MOST", 3)
    job = make_job(step_count=5, checkpoint_every=1, **QUIET)

    list(train(job, Control()))

    kept = list(step_paths(job.checkpoints))
    assert len(kept) <= 4  # three, and the best one if it is another
    assert (kept[0], kept[-1]) == (1, 5)


def test_that_a_half_written_checkpoint_of_a_killed_process_is_swept_away(make_job: MakeJob) -> None:
    job = make_job(step_count=2)
    job.checkpoints.mkdir(parents=True)
    torn = job.checkpoints / ".state.safetensors.0a1b2c3d.tmp"
    torn.write_bytes(b"half")

    list(train(job, Control()))

    assert not torn.exists()
    assert (job.checkpoints / "state.safetensors").is_file()
