"""What making pictures reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import LoraTensorsUnusedError
from calotype.domain.events.stages import StageChanged

_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class UnusedTensors:
    """What in a LoRA file has no meaning for the base model, and so no effect; `names` are not empty."""

    lora: str
    names: tuple[str, ...]

    @property
    def notice(self) -> LoraTensorsUnusedError:
        """The sentence that says so."""
        shown = ", ".join(self.names[:_SHOWN_NAMES]) + (" …" if len(self.names) > _SHOWN_NAMES else "")
        return LoraTensorsUnusedError(self.lora, len(self.names), shown)


@dataclass(frozen=True, slots=True)
class GenerationStarted:
    """The request is known to be possible; `total` pictures will be made."""

    total: int
    unused: tuple[UnusedTensors, ...] = ()


@dataclass(frozen=True, slots=True)
class SamplingProgress:
    """One denoising step of one picture is done."""

    index: int
    step: int
    step_count: int


@dataclass(frozen=True, slots=True)
class PictureReady:
    """One picture is on disk, with its settings inside."""

    index: int
    seed: int
    path: Path


@dataclass(frozen=True, slots=True)
class GenerationFinished:
    """Always the last event of a generation that did not fail."""

    made: int
    was_stopped: bool


GenerationEvent = GenerationStarted | StageChanged | SamplingProgress | PictureReady | GenerationFinished
