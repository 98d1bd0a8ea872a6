"""LoRA files as other programs write and read them: kohya names, true alphas, every key accounted for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from calotype.diffusion.dora import as_columns
from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_headers import UNET_PREFIX, read_lora_header
from calotype.diffusion.lora_names import names_by_underscores
from calotype.diffusion.sgm_names import UnetNames
from calotype.domain.errors import LoraUnreadableError


def kohya_tensors(
    layers: Mapping[str, LoraLayer], dtype: torch.dtype, names: UnetNames = UnetNames.DIFFUSERS
) -> dict[str, Tensor]:
    """Name the tensors as kohya's sd-scripts do: `lora_unet_<path with underscores>.lora_down.weight`,
    `.lora_up.weight`, `.alpha`, and for a DoRA `.dora_scale`.

    The alpha is written as it was trained; without it, readers assume alpha = rank and draw too strongly or too weakly.
    Lengths stay at 32 bits: they multiply the whole weight, of which the LoRA changes a small part.
    """
    tensors: dict[str, Tensor] = {}
    for name, layer in layers.items():
        key = UNET_PREFIX + names.underscored(name)
        tensors[f"{key}.lora_down.weight"] = layer.down.to(dtype).contiguous()
        tensors[f"{key}.lora_up.weight"] = layer.up.to(dtype).contiguous()
        tensors[f"{key}.alpha"] = _exact(layer.alpha, dtype)
        if layer.lengths is not None:
            tensors[f"{key}.dora_scale"] = as_columns(layer.lengths, layer.down).float().contiguous()
    return tensors


def _exact(alpha: float, dtype: torch.dtype) -> Tensor:
    """A scalar that is exactly alpha if the format can hold it; an alpha rounded to 16 bits would scale the layer."""
    scalar = torch.tensor(alpha, dtype=dtype)
    return scalar if float(scalar) == alpha else torch.tensor(alpha, dtype=torch.float32)


def diffusers_tensors(layers: Mapping[str, LoraLayer], dtype: torch.dtype) -> dict[str, Tensor]:
    """Name the tensors as diffusers' `save_lora_weights` does: `unet.<dotted path>.lora_A.weight`, `.lora_B.weight`.

    The layout has no alpha; a reader takes alpha = rank unless it knows the newer adapter metadata. So that every
    reader draws equally strongly, alpha / rank is multiplied into lora_B, before it is rounded. It has no place for a
    DoRA by inputs either: LoraLayoutError is raised by whoever chooses the layout.
    """
    tensors: dict[str, Tensor] = {}
    for name, layer in layers.items():
        assert layer.lengths is None
        tensors[f"unet.{name}.lora_A.weight"] = layer.down.to(dtype).contiguous()
        tensors[f"unet.{name}.lora_B.weight"] = scaled_up(layer).to(dtype).contiguous()
    return tensors


def scaled_up(layer: LoraLayer) -> Tensor:
    """Up, times alpha / rank; 64-bit, so that it is rounded once."""
    return layer.up.double() * (layer.alpha / layer.rank)


def lora_file_bytes(
    layers: Mapping[str, LoraLayer],
    metadata: Mapping[str, str],
    dtype: torch.dtype,
    names: UnetNames = UnetNames.DIFFUSERS,
) -> bytes:
    """The whole `.safetensors` file, ready to be written."""
    return save(kohya_tensors(layers, dtype, names), dict(metadata))


def read_layers(path: Path) -> dict[str, LoraLayer]:
    """Read a LoRA that was trained here, without its base model, under the dotted names of the layers.

    Raises LoraUnreadableError if a tensor is missing or belongs to no layer of a Stable Diffusion U-Net.
    """
    read_lora_header(path)
    tensors = _load(path)
    layers: dict[str, LoraLayer] = {}
    for key in sorted({name.split(".", 1)[0] for name in tensors}):
        name = names_by_underscores().get(key.removeprefix(UNET_PREFIX))
        if name is None or not key.startswith(UNET_PREFIX):
            raise LoraUnreadableError(path.name, f"{key} is no layer of a U-Net")
        parts = [f"{key}.{part}" for part in ("lora_down.weight", "lora_up.weight", "alpha")]
        missing = [part for part in parts if part not in tensors]
        if missing:
            raise LoraUnreadableError(path.name, f"{missing[0]} is missing")
        lengths = tensors.get(f"{key}.dora_scale")
        layers[name] = LoraLayer(
            tensors[parts[0]],
            tensors[parts[1]],
            float(tensors[parts[2]]),
            lengths.flatten() if lengths is not None else None,
        )
    return layers


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(os.fspath(path))
    except (SafetensorError, OSError) as error:
        raise LoraUnreadableError(path.name, str(error)) from error
