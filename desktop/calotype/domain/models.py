"""Base models and LoRAs as the catalogue knows them, before any weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calotype.domain.buckets import TrainingSize
from calotype.domain.lora import LoraKind
from calotype.domain.recognised import ModelKind, Prediction

STARTER_ID = "starter"


class ModelFamily(StrEnum):
    """Which kind of Stable Diffusion a model is; a LoRA fits one family."""

    STARTER = "starter"
    SD1 = "sd1"
    SD2 = "sd2"
    SDXL = "sdxl"


# Sides of pictures must be multiples of this: what the VAE and the levels of the U-Net divide a side by.
_QUANTA_PX = {ModelFamily.STARTER: 32, ModelFamily.SD1: 64, ModelFamily.SD2: 64, ModelFamily.SDXL: 32}


class PredictionSource(StrEnum):
    """How it is known what a base model predicts."""

    STATED = "stated"  # its files say so, or there is only one thing that models of its kind predict
    ASSUMED = "assumed"  # its files are silent, and its weights look like it
    CHOSEN = "chosen"  # the user said so


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
    prediction_source: PredictionSource = PredictionSource.STATED
    vae: Path | None = None  # a file or folder that takes the place of the model's own VAE

    @property
    def training_size(self) -> TrainingSize:
        """What it makes of pictures, known without loading its weights."""
        return TrainingSize(self.resolution_px, _QUANTA_PX[self.family])


@dataclass(frozen=True, slots=True)
class ModelChoices:
    """What the user says of a base model, which counts more than what its files say."""

    prediction: Prediction = Prediction.UNKNOWN  # unknown: as the files say
    vae: Path | None = None  # a file or folder; None: the model's own


AS_FOUND = ModelChoices()


@dataclass(frozen=True, slots=True)
class AddedModel:
    """A base model as the list of added ones notes it; `folder` is absolute, and names the file if the model is one."""

    id: str
    name: str
    folder: str
    prediction_type: str = ""  # what the user says that it predicts; empty: as its files say
    vae: str = ""  # absolute, a file or folder that is used in place of its own VAE; empty: its own


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
    clip_skip: int = 1  # that it was trained with, as its metadata says
    kind: LoraKind = LoraKind.LORA
    made_for: ModelKind | None = None  # None if the file does not tell
    text_encoder_layers: int = 0  # that it changes beside those of the U-Net
    left_over: int = 0  # tensors whose meaning is unknown; they have no effect
    blocks: tuple[str, ...] = ()  # of the model that it changes, as `lora_blocks` calls them
    step: int = 0  # of its training that it is from; 0 if its metadata does not tell
