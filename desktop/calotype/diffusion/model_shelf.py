"""One loaded base model for everything that computes with one: training, tests of learning rates, and pictures.

torch is imported when the first model is asked for, so that the window can own a shelf from its start.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calotype.domain.control import Control
from calotype.domain.errors import BaseModelInUseError, CalotypeError, OutOfDeviceMemoryError
from calotype.domain.events import Stage, StageChanged
from calotype.domain.models import BaseModelCard

if TYPE_CHECKING:
    import torch

    from calotype.diffusion.base_model import BaseModel

LOOK_AGAIN_S = 0.1  # how late a Stop may be heard by who waits


@dataclass(frozen=True, slots=True)
class WantedModel:
    """Which base model is needed, and how."""

    card: BaseModelCard
    device: torch.device
    dtype: torch.dtype
    thread_count: int = 0  # 0: as many as compute with it fastest

    def is_kept_as(self, model: BaseModel) -> bool:
        """True if this loaded model will do."""
        return (model.card, model.device, model.dtype) == (self.card, self.device, self.dtype)


class ModelShelf:
    """Holds at most one model, and lends it to one user at a time; the others wait for their turn.

    Two would not fit into the memory of most cards, and two who share one could not each put a LoRA on it. Who does
    nothing for a while can step aside for guests, who leave the model as they find it.
    """

    def __init__(self) -> None:
        self._turns = threading.Condition()
        self._queue: deque[ModelLease] = deque()  # in the order in which they came
        self._user: ModelLease | None = None  # whose turn it is
        self._kept: BaseModel | None = None
        self._used_at = time.monotonic()

    @contextmanager
    def lease(self, *, is_guest: bool = False) -> Iterator[ModelLease]:
        """A turn at the model, which begins with the lease's `take`.

        The model goes back to the shelf as it was loaded. After an error that nobody foresaw, or when memory ran out,
        it is let go of, and loaded anew for the next one. A guest may come before others, where somebody stepped aside.
        """
        lease = ModelLease(self, is_guest=is_guest)
        is_sound = False
        try:
            yield lease
            is_sound = True
        except (CalotypeError, GeneratorExit) as error:
            is_sound = not isinstance(error, OutOfDeviceMemoryError)
            raise
        finally:
            self._end(lease, is_sound=is_sound)

    def clear(self, idle_s: float = 0.0) -> None:
        """Let go of the model, unless it is in use or was until less than `idle_s` seconds ago."""
        with self._turns:
            if self._queue or self._kept is None or time.monotonic() - self._used_at < idle_s:
                return
            device, self._kept = self._kept.device, None
        _give_memory_back(device)

    def stand_in_line(self, lease: ModelLease) -> None:
        """Give a lease a place behind those that were there before."""
        with self._turns:
            # A turn is over when its generator ends, and one that waits for another in its own thread never does.
            thread = threading.get_ident()
            assert all(other.thread != thread for other in self._queue), "this thread has the model already"
            self._queue.append(lease)

    def begin_turn(self, lease: ModelLease, wait_s: float = 0.0) -> bool:
        """True once all that came before have ended or stepped aside, if they do in so many seconds."""
        with self._turns:
            if not self._turns.wait_for(lambda: self._is_next(lease), wait_s):
                return False
            self._user, lease.is_visiting = lease, self._owner is not None
            return True

    def _is_next(self, lease: ModelLease) -> bool:
        if self._user is not None:
            return self._user is lease
        if self._owner is None:
            return self._queue[0] is lease
        return lease is next((other for other in self._queue if other.is_guest), None)

    @property
    def _owner(self) -> ModelLease | None:
        """Who stepped aside, and left the model for guests."""
        first = self._queue[0] if self._queue else None
        return first if first is not None and first.is_aside else None

    def step_aside(self, lease: ModelLease) -> None:
        """Let guests use the model of this lease, as it is."""
        with self._turns:
            lease.is_aside, self._kept, self._user = True, lease.model, None
            self._turns.notify_all()

    def visit(self, wanted: WantedModel) -> BaseModel:
        """The model of who stepped aside, in whatever number format it is, and with the threads that were set for it.

        Raises BaseModelInUseError if another one is wanted.
        """
        assert self._kept is not None  # it was left here
        if self._kept.card != wanted.card:
            raise BaseModelInUseError(wanted.card.name, self._kept.card.name)
        return self._kept

    def hand_out(self, wanted: WantedModel) -> BaseModel:
        """The kept model if it will do, or a newly loaded one; with its threads set. Only for whose turn it is."""
        from calotype.diffusion.base_model import load_base_model, with_threads

        if self._kept is not None and not wanted.is_kept_as(self._kept):
            device, self._kept = self._kept.device, None  # first: both might not fit into the memory
            _give_memory_back(device)
        if self._kept is None:
            return load_base_model(wanted.card, wanted.device, wanted.dtype, wanted.thread_count)
        return with_threads(self._kept, wanted.thread_count)

    def _end(self, lease: ModelLease, *, is_sound: bool) -> None:
        try:
            self._take_back(lease, is_sound=is_sound)
        finally:  # whatever went wrong with the model, those who wait for their turn get it
            with self._turns:
                self._used_at = time.monotonic()
                if lease in self._queue:
                    self._queue.remove(lease)
                if self._user is lease:
                    self._user = None
                self._turns.notify_all()

    def _take_back(self, lease: ModelLease, *, is_sound: bool) -> None:
        model, lease.model = lease.model, None
        if model is None or lease.is_visiting:
            return
        with self._turns:  # a guest may be in the middle of a picture, also of a lease that was coming back
            self._turns.wait_for(lambda: self._user in (None, lease))
            lease.is_aside = False
        from calotype.diffusion.base_model import restore

        device, self._kept = model.device, None
        if is_sound:
            restore(model)
            self._kept = model
            return
        del model
        _give_memory_back(device)


class ModelLease:
    """One turn at the model of a shelf."""

    def __init__(self, shelf: ModelShelf, *, is_guest: bool = False) -> None:
        self._shelf = shelf
        self.is_guest = is_guest
        self.is_visiting = False  # with the model of another lease, which stepped aside
        self.is_aside = False
        self.thread = threading.get_ident()
        self.model: BaseModel | None = None

    def take(self, wanted: WantedModel, control: Control) -> Generator[StageChanged, None, BaseModel | None]:
        """Wait for the turn, saying so, and get the model; None if a Stop came first. Raises BaseModelError."""
        self._shelf.stand_in_line(self)
        if not self._shelf.begin_turn(self):
            yield StageChanged(Stage.WAITING_FOR_MODEL)
        while not self._shelf.begin_turn(self, LOOK_AGAIN_S):
            if control.is_stopping:
                return None
        yield StageChanged(Stage.LOADING_MODEL)
        self.model = self._shelf.visit(wanted) if self.is_visiting else self._shelf.hand_out(wanted)
        return self.model

    def step_aside(self) -> None:
        """Do nothing with the model until `come_back`; meanwhile others may draw with it."""
        self._shelf.step_aside(self)

    def come_back(self) -> Generator[StageChanged, None, None]:
        """Wait until whoever draws with the model is done, saying so; it is then as it was left."""
        self.is_aside = False
        if not self._shelf.begin_turn(self):
            yield StageChanged(Stage.WAITING_FOR_MODEL)
        while not self._shelf.begin_turn(self, LOOK_AGAIN_S):
            pass


def _give_memory_back(device: torch.device) -> None:
    """A card's memory stays with the program, and out of the reach of others, until torch is told."""
    if device.type == "cuda":
        import torch

        torch.cuda.empty_cache()
