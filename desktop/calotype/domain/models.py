"""Base models and LoRAs as the catalogue knows them, before any weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

STARTER_ID = "starter"


class ModelFamily(StrEnum):
    """Which kind of Stable Diffusion a model is; a LoRA fits one family."""

    STARTER = "starter"
    SD1 = "sd1"
    SD2 = "sd2"


@dataclass(frozen=True, slots=True)
class BaseModelCard:
    """One base model on disk, as its configs describe it."""

    id: str
    name: str
    folder: Path
    family: ModelFamily
    resolution_px: int  # the side of the square pictures it was made for
    prediction_type: str  # "epsilon" or "v_prediction"
    size_bytes: int
    file: Path | None = None  # the checkpoint, if the model is one file; `folder` is then where it lies


@dataclass(frozen=True, slots=True)
class LoraCard:
    """One LoRA file, as its header describes it."""

    name: str
    path: Path
    trigger_word: str
    base_model: str  # the name that its metadata gives; may be empty
    rank: int
    alpha: float
    size_bytes: int
    preview_path: Path | None
    run_id: str  # empty if the file was not trained here
