"""What long work is busy with besides its results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What happens before and between training steps."""

    WAITING_FOR_MODEL = "waiting for the model"  # other work has it
    LOADING_MODEL = "loading model"
    CACHING_IMAGES = "caching images"
    EXAMINING_SET = "examining the set"
    VALIDATING = "validating"
    DRAWING_PREVIEWS = "drawing previews"
    COMPARING_PREVIEWS = "comparing previews"
    CHECKING_LORA = "checking the LoRA"
    SAVING = "saving"


@dataclass(frozen=True, slots=True)
class StageChanged:
    """Work other than steps is going on: `done` of `total` parts."""

    stage: Stage
    done: int = 0
    total: int = 0
