"""How a LoRA is written for other programs, and what is known of the file afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LoraLayout(StrEnum):
    """Whose names the tensors have."""

    KOHYA = "kohya"  # lora_unet_…lora_down.weight, with alphas: A1111, Forge, ComfyUI, InvokeAI, diffusers
    DIFFUSERS = "diffusers"  # unet.….lora_A.weight: diffusers and peft


class LoraPrecision(StrEnum):
    """The number format of the weights in the file."""

    FP16 = "fp16"
    BF16 = "bf16"
    FP32 = "fp32"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What kind of file is wanted. Without a precision, the weights stay as the run has kept them."""

    layout: LoraLayout = LoraLayout.KOHYA
    precision: LoraPrecision | None = LoraPrecision.FP16
    is_share_safe: bool = False  # without captions, prompts and names of folders and files


class LeftOut(StrEnum):
    """What a file that is meant to be shared does not tell."""

    CAPTIONS = "captions"
    FOLDERS = "folders"
    PROJECT = "project"
    BASE_MODEL = "base_model"
    RUN = "run"
    PROMPT = "prompt"  # of the preview picture beside the file
    OTHER = "other"  # words of whose meaning nothing is known


@dataclass(frozen=True, slots=True)
class LoraVerification:
    """What a second reader, made from the specification alone, found in the written file.

    weight_difference: the largest of a layer, as a share of what the LoRA changes there (Frobenius norms); 0 if nothing
    was rounded. output_difference: the largest of the U-Net's prediction, which is noise of about 1; computed for small
    models only.
    """

    key_count: int
    layer_count: int
    weight_difference: float
    output_difference: float | None
    is_base_checked: bool  # false if the base model is gone or another one now: its layers could not be looked up
