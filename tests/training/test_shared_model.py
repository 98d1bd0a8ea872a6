"""Training and pictures with one loaded model between them: each as if it had a model of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from calotype.diffusion import base_model
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control, Stop
from calotype.domain.events import PictureReady, StepFinished
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.rate_range import RateRange
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.rate_range import measure_rates

MakeJob = Callable[..., TrainingJob]


@pytest.fixture
def load_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """How many models were loaded so far."""
    loads, load = [0], base_model.load_base_model

    def counted(*arguments: Any) -> base_model.BaseModel:
        loads[0] += 1
        return load(*arguments)

    monkeypatch.setattr(base_model, "load_base_model", counted)
    threads = torch.get_num_threads()
    yield lambda: loads[0]
    torch.set_num_threads(threads)


def _stopped_after(step: int, job: TrainingJob, shelf: ModelShelf) -> None:
    control = Control()
    for event in train(job, control, shelf):
        if isinstance(event, StepFinished) and event.step == step:
            control.send(Stop())


def _picture(job: TrainingJob, shelf: ModelShelf, folder: str, *loras: Path) -> bytes:
    uses = tuple(LoraUse(path, 0.7) for path in loras)
    request = GenerationRequest("disc, teal background", width_px=128, height_px=128, sampling_steps=2, loras=uses)
    events = generate(request, job.model, job.folder.parent / folder, shelf, Control())
    (picture,) = [event.path for event in events if isinstance(event, PictureReady)]
    return picture.read_bytes()


def test_that_a_run_on_a_shared_model_takes_the_steps_of_a_run_on_its_own(
    make_job: MakeJob, load_count: Callable[[], int]
) -> None:
    alone, shared, shelf = make_job("alone", step_count=4), make_job("shared", step_count=4), ModelShelf()
    list(train(alone, Control()))
    lora = alone.checkpoints / "last.safetensors"

    _picture(shared, shelf, "before", lora)
    list(measure_rates(make_job("rates"), RateRange(step_count=2), Control(), shelf))
    _stopped_after(2, shared, shelf)
    _picture(shared, shelf, "between", lora)
    list(train(replace(shared, continues=True), Control(), shelf))

    assert load_count() == 2
    for name in ("last.safetensors", "state.safetensors"):
        expected, found = load_file(alone.checkpoints / name), load_file(shared.checkpoints / name)
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[key], found[key]) for key in expected), name
    assert alone.preview_path(4, 0).read_bytes() == shared.preview_path(4, 0).read_bytes()


def test_that_a_picture_after_a_run_is_that_of_a_newly_loaded_model(
    make_job: MakeJob, load_count: Callable[[], int]
) -> None:
    job, shelf = make_job(step_count=2), ModelShelf()
    list(train(job, Control(), shelf))
    lora = job.checkpoints / "last.safetensors"

    after = [_picture(job, shelf, "plain"), _picture(job, shelf, "with", lora), _picture(job, shelf, "again")]

    assert load_count() == 1
    fresh = [_picture(job, ModelShelf(), "plain-fresh"), _picture(job, ModelShelf(), "with-fresh", lora)]
    assert after == [*fresh, fresh[0]]
    assert fresh[0] != fresh[1]
