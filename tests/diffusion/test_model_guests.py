"""Who does nothing for a while lends its model to guests, and gets it back as it left it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from calotype.diffusion import base_model
from calotype.diffusion.lora_adapter import attach_trainable
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelLease, ModelShelf, WantedModel
from calotype.domain.control import Control
from calotype.domain.errors import BaseModelInUseError
from calotype.domain.events import Stage
from calotype.domain.lora import LoraSpec

WAIT_S = 20


@pytest.fixture
def wanted(starter_folder: Path) -> WantedModel:
    """The starter on one thread of the processor."""
    card = read_model_card(starter_folder, "starter", "Starter")
    return WantedModel(card, torch.device("cpu"), torch.float32, thread_count=1)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> ModelShelf:
    """A shelf that may load one model."""
    load, loads = base_model.load_base_model, list[object]()

    def once(*arguments: Any) -> base_model.BaseModel:
        loads.append(arguments)
        assert len(loads) == 1
        return load(*arguments)

    monkeypatch.setattr(base_model, "load_base_model", once)
    return ModelShelf()


@pytest.fixture
def owner(shelf: ModelShelf, wanted: WantedModel) -> Iterator[ModelLease]:
    """Somebody who trains, and has a LoRA on the model."""
    threads = torch.get_num_threads()
    with shelf.lease() as lease:
        list(lease.take(wanted, Control()))
        assert lease.model is not None
        attach_trainable(lease.model.unet, LoraSpec(4, 4.0), seed=1)
        yield lease
    torch.set_num_threads(threads)


def _in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _names(lease: ModelLease) -> set[str]:
    assert lease.model is not None
    return {name for name, _ in lease.model.unet.named_parameters()}


def test_that_a_guest_gets_the_model_that_is_there_and_leaves_it_as_it_is(
    shelf: ModelShelf, owner: ModelLease, wanted: WantedModel
) -> None:
    before, lent = _names(owner), list[object]()

    def visit() -> None:
        with shelf.lease(is_guest=True) as guest:
            list(guest.take(replace(wanted, dtype=torch.float64, thread_count=2), Control()))
            lent.append(guest.model)

    owner.step_aside()
    _in_thread(visit).join(WAIT_S)
    stages = [event.stage for event in owner.come_back()]

    assert lent == [owner.model]
    assert (stages, torch.get_num_threads()) == ([], 1)
    assert _names(owner) == before
    assert any("lora" in name for name in before)


def test_that_a_guest_who_wants_another_model_is_told_which_one_there_is(
    shelf: ModelShelf, owner: ModelLease, wanted: WantedModel
) -> None:
    told = list[str]()

    def visit() -> None:
        try:
            with shelf.lease(is_guest=True) as guest:
                list(guest.take(replace(wanted, card=replace(wanted.card, name="Dream")), Control()))
        except BaseModelInUseError as error:
            told.append(str(error))

    owner.step_aside()
    _in_thread(visit).join(WAIT_S)
    list(owner.come_back())

    assert told == [
        "“Dream” cannot be loaded while a run with “Starter” is paused: most cards have no memory for both. Choose "
        "“Starter”, or wait until the run has ended."
    ]
    assert any("lora" in name for name in _names(owner))


def test_that_who_comes_back_waits_for_the_guest_and_says_so(
    shelf: ModelShelf, owner: ModelLease, wanted: WantedModel
) -> None:
    is_there, may_go, before = threading.Event(), threading.Event(), _names(owner)

    def visit() -> None:
        with shelf.lease(is_guest=True) as guest:
            list(guest.take(wanted, Control()))
            is_there.set()
            assert may_go.wait(WAIT_S)

    owner.step_aside()
    guest = _in_thread(visit)
    assert is_there.wait(WAIT_S)
    coming = owner.come_back()
    first = next(coming)
    may_go.set()
    rest = list(coming)
    guest.join(WAIT_S)

    assert (first.stage, rest) == (Stage.WAITING_FOR_MODEL, [])
    assert _names(owner) == before  # the guest ended after the owner had asked for the model


def test_that_only_guests_come_in_before_the_end(shelf: ModelShelf, wanted: WantedModel) -> None:
    order, waits = list[str](), threading.Event()

    def train_next() -> None:
        with shelf.lease() as lease:
            for event in lease.take(wanted, Control()):
                waits.set() if event.stage is Stage.WAITING_FOR_MODEL else None
            order.append("next")

    def visit() -> None:
        with shelf.lease(is_guest=True) as guest:
            list(guest.take(wanted, Control()))
            order.append("guest")

    with shelf.lease() as owner:
        list(owner.take(wanted, Control()))
        other = _in_thread(train_next)
        assert waits.wait(WAIT_S)
        owner.step_aside()
        _in_thread(visit).join(WAIT_S)
        list(owner.come_back())
        order.append("owner")
    other.join(WAIT_S)

    assert order == ["guest", "owner", "next"]


def test_that_a_lease_may_end_while_it_is_aside(shelf: ModelShelf, wanted: WantedModel) -> None:
    with shelf.lease() as owner:
        list(owner.take(wanted, Control()))
        owner.step_aside()

    with shelf.lease() as lease:
        assert [event.stage for event in lease.take(wanted, Control())] == [Stage.LOADING_MODEL]


def test_that_who_leaves_while_coming_back_waits_for_the_guest(shelf: ModelShelf, wanted: WantedModel) -> None:
    drawing, left = threading.Event(), threading.Event()
    seen: list[bool] = []

    def visit() -> None:
        with shelf.lease(is_guest=True) as guest:
            list(guest.take(wanted, Control()))
            drawing.set()
            seen.append(left.wait(0.3))  # the owner must not make the model as it was before this is over

    with shelf.lease() as lease:
        list(lease.take(wanted, Control()))
        lease.step_aside()
        guest = _in_thread(visit)
        assert drawing.wait(WAIT_S)
        next(lease.come_back())
    left.set()
    guest.join(WAIT_S)

    assert seen == [False]
