"""One loaded model for training and pictures: never loaded twice, never with something of the user before on it."""

import gc
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from calotype.diffusion import base_model
from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import attach_trainable
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelLease, ModelShelf, WantedModel
from calotype.domain.control import Control, Stop
from calotype.domain.errors import LossNotFiniteError, OutOfDeviceMemoryError
from calotype.domain.events import Stage
from calotype.domain.lora import LoraSpec, LoraTargets


@pytest.fixture
def wanted(starter_folder: Path) -> WantedModel:
    """The starter on one thread of the processor."""
    card = read_model_card(starter_folder, "starter", "Starter")
    return WantedModel(card, torch.device("cpu"), torch.float32, thread_count=1)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Any]]:
    """Grows by the U-Net of each model that is loaded."""
    found: list[weakref.ref[Any]] = []
    load: Callable[..., BaseModel] = base_model.load_base_model

    def watched(*arguments: Any) -> BaseModel:
        model = load(*arguments)
        found.append(weakref.ref(model.unet))
        return model

    monkeypatch.setattr(base_model, "load_base_model", watched)
    return found


def _take(lease: ModelLease, wanted: WantedModel) -> tuple[BaseModel, list[Stage]]:
    stages = [event.stage for event in lease.take(wanted, Control())]
    assert lease.model is not None
    return lease.model, stages


def test_that_the_next_user_gets_the_same_model(wanted: WantedModel, loads: list[Any]) -> None:
    shelf = ModelShelf()
    for _ in range(3):
        with shelf.lease() as lease:
            _take(lease, wanted)

    assert len(loads) == 1


@pytest.mark.parametrize("other", ["card", "dtype"])
def test_that_a_model_goes_before_another_comes(wanted: WantedModel, loads: list[Any], other: str) -> None:
    shelf = ModelShelf()
    with shelf.lease() as lease:
        _take(lease, wanted)
    gc.disable()  # a model must not wait in memory for a collection that may be long in coming
    try:
        changed: Any = {"card": replace(wanted.card, name="renamed"), "dtype": torch.float64}[other]
        with shelf.lease() as lease:
            _take(lease, replace(wanted, **{other: changed}))
        alive = [load() is not None for load in loads]
    finally:
        gc.enable()

    assert alive == [False, True]


def test_that_it_comes_back_as_it_was_loaded(wanted: WantedModel) -> None:
    shelf = ModelShelf()
    with shelf.lease() as lease:
        model, _ = _take(lease, wanted)
        weights = {name: weight.clone() for name, weight in model.unet.state_dict().items()}
        names = [name for name, _ in model.unet.named_modules()]
        attach_trainable(model.unet, LoraSpec(4, 4.0, LoraTargets.ALL_LAYERS), seed=1)
        model.unet.train()
        model.vae.requires_grad_(True)
        model.text_encoders[0].network.train()

    with shelf.lease() as lease:
        again, _ = _take(lease, wanted)
        networks = (again.unet, again.vae, again.text_encoders[0].network)

    assert again.unet is model.unet
    assert [name for name, _ in again.unet.named_modules()] == names
    assert all(torch.equal(weight, weights[name]) for name, weight in again.unet.state_dict().items())
    assert not any(module.training for network in networks for module in network.modules())
    assert not any(parameter.requires_grad for network in networks for parameter in network.parameters())


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [(LossNotFiniteError(3, 2), True), (OutOfDeviceMemoryError("CPU"), False), (KeyError("a bug"), False)],
    ids=lambda value: type(value).__name__,
)
def test_that_only_a_sound_model_is_kept_after_an_error(
    wanted: WantedModel, loads: list[Any], error: Exception, is_kept: bool
) -> None:
    shelf = ModelShelf()
    with pytest.raises(type(error)), shelf.lease() as lease:
        _take(lease, wanted)
        raise error

    with shelf.lease() as lease:
        _take(lease, wanted)

    assert len(loads) == 1 + (not is_kept)


def test_that_a_model_that_cannot_be_made_as_it_was_keeps_nobody_waiting(
    wanted: WantedModel, loads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_model: BaseModel) -> None:
        raise KeyError("a bug")

    shelf = ModelShelf()
    with monkeypatch.context() as broken, pytest.raises(KeyError), shelf.lease() as lease:
        broken.setattr(base_model, "restore", fail)
        _take(lease, wanted)

    with shelf.lease() as lease:
        _, stages = _take(lease, wanted)

    assert len(loads) == 2 and Stage.WAITING_FOR_MODEL not in stages


def test_that_each_user_gets_the_threads_it_wants(wanted: WantedModel, loads: list[Any]) -> None:
    before, shelf, found = torch.get_num_threads(), ModelShelf(), []
    for count in (1, 2, 0, 1, 0):
        with shelf.lease() as lease:
            model, _ = _take(lease, replace(wanted, thread_count=count))
            found.append(torch.get_num_threads())
    torch.set_num_threads(before)

    fastest = model.fastest_thread_count
    assert fastest > 0
    assert (found, len(loads)) == ([1, 2, fastest, 1, fastest], 1)


def test_that_a_second_user_waits_and_says_so(wanted: WantedModel, loads: list[Any]) -> None:
    shelf, waits, told = ModelShelf(), threading.Event(), list[Stage]()

    def second() -> None:
        with shelf.lease() as lease:
            for event in lease.take(wanted, Control()):
                told.append(event.stage)
                waits.set()

    with shelf.lease() as lease:
        _take(lease, wanted)
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(10)
        meanwhile = list(told)
    other.join(10)

    assert meanwhile == [Stage.WAITING_FOR_MODEL]
    assert told == [Stage.WAITING_FOR_MODEL, Stage.LOADING_MODEL]
    assert len(loads) == 1


def test_that_who_waits_can_be_stopped(wanted: WantedModel) -> None:
    shelf, control, got = ModelShelf(), Control(), list[BaseModel | None]()

    def second() -> None:
        with shelf.lease() as lease:
            work = lease.take(wanted, control)
            assert next(work).stage is Stage.WAITING_FOR_MODEL
            control.send(Stop())
            list(work)
            got.append(lease.model)

    with shelf.lease() as lease:
        _take(lease, wanted)
        other = threading.Thread(target=second)
        other.start()
        other.join(10)

    assert got == [None]
    with shelf.lease() as lease:
        assert _take(lease, wanted)[1] == [Stage.LOADING_MODEL]


def test_that_an_idle_model_leaves_the_memory_and_a_used_one_stays(wanted: WantedModel, loads: list[Any]) -> None:
    shelf = ModelShelf()
    with shelf.lease() as lease:
        _take(lease, wanted)
        shelf.clear()
        in_use = loads[0]() is not None
    shelf.clear(idle_s=3600.0)
    just_used = loads[0]() is not None
    gc.disable()
    try:
        shelf.clear()
        idle = loads[0]() is not None
    finally:
        gc.enable()

    assert (in_use, just_used, idle) == (True, True, False)
