"""Pictures that are drawn while a run is paused are the base model's, and the run goes on as if nothing had been."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from calotype.diffusion import base_model
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control, MakePreview, Pause, Resume
from calotype.domain.events import PictureReady, RunPaused, StepFinished
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.settings import STANDARD
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob

MakeJob = Callable[..., TrainingJob]


@pytest.fixture(autouse=True)
def _same_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def _draw(job: TrainingJob, shelf: ModelShelf, name: str, lora: Path) -> bytes:
    request = GenerationRequest(
        "disc, teal background", width_px=128, height_px=128, sampling_steps=2, loras=(LoraUse(lora, 0.7),)
    )
    settings = replace(STANDARD, thread_count=1)  # another number would round differently
    events = generate(request, job.model, job.folder.parent / name, shelf, Control(), settings)
    (picture,) = [event.path for event in events if isinstance(event, PictureReady)]
    return picture.read_bytes()


def test_that_a_run_with_a_picture_in_between_learns_what_a_run_without_learns(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, paused = make_job("alone", step_count=4), make_job("paused", step_count=4)
    shelf, control = ModelShelf(), Control()
    list(train(alone, Control()))
    lora, pictures, loads = alone.checkpoints / "last.safetensors", list[bytes](), list[object]()
    load = base_model.load_base_model

    def counted(*arguments: Any) -> base_model.BaseModel:
        loads.append(arguments)
        return load(*arguments)

    def draw_and_go_on() -> None:
        pictures.append(_draw(paused, shelf, "between", lora))
        control.send(MakePreview())  # with what was learned so far
        control.send(Resume())

    monkeypatch.setattr(base_model, "load_base_model", counted)
    for event in train(paused, control, shelf):
        if isinstance(event, StepFinished) and event.step == 2:
            control.send(Pause())
        if isinstance(event, RunPaused):
            threading.Thread(target=draw_and_go_on).start()

    assert len(loads) == 1
    assert pictures == [_draw(alone, ModelShelf(), "fresh", lora)]
    for name in ("last.safetensors", "state.safetensors"):
        expected, found = load_file(alone.checkpoints / name), load_file(paused.checkpoints / name)
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[key], found[key]) for key in expected), name
    assert alone.preview_path(4, 0).read_bytes() == paused.preview_path(4, 0).read_bytes()
