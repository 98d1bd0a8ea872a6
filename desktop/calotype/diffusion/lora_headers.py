"""What a LoRA file says about itself, without loading a tensor."""

from __future__ import annotations

from pathlib import Path

from calotype.diffusion.safetensors_header import SafetensorsHeader, read_header
from calotype.domain.errors import LoraUnreadableError, WeightsCorruptError

UNET_PREFIX = "lora_unet_"


def read_lora_header(path: Path) -> SafetensorsHeader:
    """The names, shapes and metadata of a LoRA file. Raises LoraUnreadableError if it is damaged or something else."""
    try:
        header = read_header(path)
    except WeightsCorruptError as error:
        raise LoraUnreadableError(path.name, error.cause) from error
    if not any(name.startswith(UNET_PREFIX) and name.endswith(".lora_down.weight") for name in header.shapes):
        raise LoraUnreadableError(path.name, "it holds no LoRA in the kohya layout")
    if not all(shape for name, shape in header.shapes.items() if name.endswith(".lora_down.weight")):
        raise LoraUnreadableError(path.name, "its tensors have no meaning as a LoRA")
    return header
