"""What to draw: one request for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import InvalidPlanError
from calotype.domain.lora_blocks import AS_ONE, BlockStrengths
from calotype.domain.plan import MOST_CLIP_SKIP


@dataclass(frozen=True, slots=True)
class LoraUse:
    """A LoRA file and how strongly it counts; 1 is as trained."""

    path: Path
    strength: float = 1.0
    blocks: BlockStrengths = AS_ONE  # factors of the strength

    def __post_init__(self) -> None:
        if not -2 <= self.strength <= 2:
            raise InvalidPlanError("strength", self.strength, "use a number from -2 to 2")


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Pictures to make from one prompt; picture i uses seed + i."""

    prompt: str
    negative_prompt: str = ""
    base_model: str = "starter"
    loras: tuple[LoraUse, ...] = ()
    width_px: int = 512
    height_px: int = 512
    sampling_steps: int = 25
    guidance: float = 5.0
    seed: int = 1
    count: int = 1
    clip_skip: int = 1  # as in a training plan: the layer of the text encoder that is read, counted from its last

    def __post_init__(self) -> None:
        for name, value in (("width_px", self.width_px), ("height_px", self.height_px)):
            if not 64 <= value <= 2048 or value % 8:
                raise InvalidPlanError(name, value, "use a multiple of 8 from 64 to 2048")
        if not 1 <= self.sampling_steps <= 200:
            raise InvalidPlanError("sampling_steps", self.sampling_steps, "use 1 to 200")
        if not 1 <= self.guidance <= 30:
            raise InvalidPlanError("guidance", self.guidance, "use 1 to 30")
        if not 0 <= self.seed < 2**32:
            raise InvalidPlanError("seed", self.seed, f"use 0 to {2**32 - 1}")
        if not 1 <= self.count <= 1000:
            raise InvalidPlanError("count", self.count, "use 1 to 1000")
        if not 1 <= self.clip_skip <= MOST_CLIP_SKIP:
            raise InvalidPlanError("clip_skip", self.clip_skip, f"use 1 to {MOST_CLIP_SKIP}")
