"""What a file or folder was recognised as, from its header alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PICKLE_SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
MODEL_SUFFIXES = (".safetensors", *PICKLE_SUFFIXES, ".gguf", ".onnx")


class ModelKind(StrEnum):
    """Which published architecture a base model has. Versions that share one (1.4 and 1.5) cannot be told apart."""

    STARTER = "starter"
    SD1 = "sd1"
    SD2 = "sd2"
    SDXL = "sdxl"
    SDXL_REFINER = "sdxl_refiner"


class ModelLayout(StrEnum):
    """How a base model lies on disk."""

    SINGLE_FILE = "single_file"  # one file with the key names of the original programs (LDM, SGM)
    FOLDER = "folder"  # a folder in the layout of diffusers


class Prediction(StrEnum):
    """What the U-Net was taught to answer."""

    EPSILON = "epsilon"
    V = "v_prediction"
    UNKNOWN = "unknown"  # the header does not say, and both are published for this kind


KIND_NAMES = {
    ModelKind.STARTER: "Starter",
    ModelKind.SD1: "Stable Diffusion 1",
    ModelKind.SD2: "Stable Diffusion 2",
    ModelKind.SDXL: "Stable Diffusion XL",
    ModelKind.SDXL_REFINER: "Stable Diffusion XL Refiner",
}


@dataclass(frozen=True, slots=True)
class RecognisedModel:
    """A whole base model, as its header or its configs describe it; no weights were read."""

    path: Path
    kind: ModelKind
    layout: ModelLayout
    is_inpainting: bool
    prediction: Prediction
    precision: str  # of most of the U-Net's weights: "fp32", "fp16", "bf16", "fp8" or the name in the header
    has_ema: bool  # averaged weights of the training are in the file as well
    size_bytes: int
    short_hash: str  # eight hex digits, as other programs show them: sha256 of the bytes 0x100000 to 0x110000

    @property
    def kind_name(self) -> str:
        """The name of the kind as people write it, such as “Stable Diffusion XL, inpainting”."""
        return KIND_NAMES[self.kind] + (", inpainting" if self.is_inpainting else "")
