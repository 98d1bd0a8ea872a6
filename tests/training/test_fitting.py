"""A step that would not fit into the memory keeps less of its way, and learns the same."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from calotype.diffusion.model_shelf import ModelShelf, WantedModel
from calotype.domain.control import Control
from calotype.domain.events import StepFinished
from calotype.domain.lora import LoraAdapter, LoraSpec
from calotype.domain.memory_need import activation_bytes
from calotype.domain.models import ModelFamily
from calotype.domain.plan import TrainingPlan
from calotype.training import fitting
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]


@pytest.fixture(params=[0, 10**15], ids=["none free", "plenty free"])
def free(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much memory there is."""
    monkeypatch.setattr(fitting, "free_bytes", lambda _device: request.param)
    return int(request.param)


def test_that_less_is_kept_only_where_it_would_not_fit_and_not_after_the_run(free: int, make_job: MakeJob) -> None:
    job, shelf, found = make_job(step_count=1), ModelShelf(), list[bool]()
    for event in train(job, Control(), shelf):
        if isinstance(event, StepFinished):
            model = shelf._queue[0].model
            assert model is not None
            found.append(model.unet.is_gradient_checkpointing)
    with shelf.lease() as lease:
        list(lease.take(WantedModel(job.model, torch.device("cpu"), torch.float32, 1), Control()))
        assert lease.model is not None
        found.append(lease.model.unet.is_gradient_checkpointing)

    assert found == [free == 0, False]


def test_that_a_run_learns_the_same_with_less_memory(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[Path] = []
    for free in (0, 10**15):
        monkeypatch.setattr(fitting, "free_bytes", lambda _device, free=free: free)
        job = make_job(f"free-{free}", step_count=3)
        list(train(job, Control()))
        learned.append(job.checkpoints / "last.safetensors")

    little, plenty = map(load_file, learned)
    assert all(torch.equal(little[key], plenty[key]) for key in plenty)


@pytest.mark.parametrize("device", ["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_that_free_memory_is_a_plausible_number(device: str) -> None:
    assert 10**7 < fitting.free_bytes(torch.device(device)) < 10**13


@pytest.mark.parametrize("adapter", list(LoraAdapter))
@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_that_the_table_says_what_a_step_of_starter_keeps(adapter: LoraAdapter, *, is_checkpointed: bool) -> None:
    benchmark, lora = Path(__file__).parents[1] / "benchmarks" / "kept_activations.py", LoraSpec(16, adapter=adapter)
    count = runpy.run_path(str(benchmark))["kept_bytes"]

    counted = count("starter", 256, torch.float32, lora, is_checkpointed=is_checkpointed, is_real=True)

    plan = TrainingPlan("starter", "p1", lora, batch_size=1, resolution_px=256)
    said = activation_bytes(ModelFamily.STARTER, plan, is_checkpointed=is_checkpointed)
    assert said == pytest.approx(counted, rel=0.15)
