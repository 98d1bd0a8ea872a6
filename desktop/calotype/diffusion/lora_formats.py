"""LoRA files as other programs write and read them: kohya names, true alphas, every key accounted for."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_headers import UNET_PREFIX, read_lora_header
from calotype.diffusion.lora_names import names_by_underscores
from calotype.domain.errors import LoraDoesNotFitError, LoraUnreadableError

TEXT_ENCODER_PREFIXES = ("lora_te_", "lora_te1_", "lora_te2_")


def kohya_tensors(layers: Mapping[str, LoraLayer], dtype: torch.dtype) -> dict[str, Tensor]:
    """Name the tensors as kohya's sd-scripts do: `lora_unet_<path with underscores>.lora_down.weight`,
    `.lora_up.weight`, `.alpha`.

    The alpha is written as it was trained; without it, readers assume alpha = rank and draw too strongly or too weakly.
    """
    tensors: dict[str, Tensor] = {}
    for name, layer in layers.items():
        key = UNET_PREFIX + name.replace(".", "_")
        tensors[f"{key}.lora_down.weight"] = layer.down.to(dtype).contiguous()
        tensors[f"{key}.lora_up.weight"] = layer.up.to(dtype).contiguous()
        tensors[f"{key}.alpha"] = _exact(layer.alpha, dtype)
    return tensors


def _exact(alpha: float, dtype: torch.dtype) -> Tensor:
    """A scalar that is exactly alpha if the format can hold it; an alpha rounded to 16 bits would scale the layer."""
    scalar = torch.tensor(alpha, dtype=dtype)
    return scalar if float(scalar) == alpha else torch.tensor(alpha, dtype=torch.float32)


def diffusers_tensors(layers: Mapping[str, LoraLayer], dtype: torch.dtype) -> dict[str, Tensor]:
    """Name the tensors as diffusers' `save_lora_weights` does: `unet.<dotted path>.lora_A.weight`, `.lora_B.weight`.

    The layout has no alpha; a reader takes alpha = rank unless it knows the newer adapter metadata. So that every
    reader draws equally strongly, alpha / rank is multiplied into lora_B, before it is rounded.
    """
    tensors: dict[str, Tensor] = {}
    for name, layer in layers.items():
        tensors[f"unet.{name}.lora_A.weight"] = layer.down.to(dtype).contiguous()
        tensors[f"unet.{name}.lora_B.weight"] = (layer.up.double() * (layer.alpha / layer.rank)).to(dtype).contiguous()
    return tensors


def lora_file_bytes(layers: Mapping[str, LoraLayer], metadata: Mapping[str, str], dtype: torch.dtype) -> bytes:
    """The whole `.safetensors` file, ready to be written."""
    return save(kohya_tensors(layers, dtype), dict(metadata))


def read_layers(path: Path) -> dict[str, LoraLayer]:
    """Read a LoRA that was trained here, without its base model, under the dotted names of the layers.

    Raises LoraUnreadableError if a tensor is missing or belongs to no layer of a Stable Diffusion 1 or 2 U-Net.
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
        layers[name] = LoraLayer(tensors[parts[0]], tensors[parts[1]], float(tensors[parts[2]]))
    return layers


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(os.fspath(path))
    except (SafetensorError, OSError) as error:
        raise LoraUnreadableError(path.name, str(error)) from error


def read_lora(path: Path, unet: Any, model_name: str) -> dict[str, LoraLayer]:
    """Read a LoRA for this U-Net. Raises LoraUnreadableError, or LoraDoesNotFitError naming the first key that has no
    place.

    A partial load is never silent: every key must find a layer of the right shape.
    """
    header = read_lora_header(path)
    if any(name.startswith(TEXT_ENCODER_PREFIXES) for name in header.shapes):
        raise LoraDoesNotFitError(
            path.name, model_name, "it also changes the text encoder, which this version cannot apply"
        )
    foreign = [name for name in header.shapes if not name.endswith((".lora_down.weight", ".lora_up.weight", ".alpha"))]
    if foreign:
        raise LoraDoesNotFitError(
            path.name, model_name, f"{len(foreign)} of its tensors are of a kind this version cannot apply"
        )
    tensors = _load(path)
    modules = {
        # Under an adapter that is attached already, the layer itself is called base_layer.
        UNET_PREFIX + name.removesuffix(".base_layer").replace(".", "_"): (name.removesuffix(".base_layer"), module)
        for name, module in unet.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and ".lora_" not in name
    }
    layers: dict[str, LoraLayer] = {}
    for key in sorted({name.split(".", 1)[0] for name in tensors}):
        if key not in modules:
            raise LoraDoesNotFitError(path.name, model_name, f"the model has no layer for {key}")
        name, module = modules[key]
        layers[name] = _layer(path, model_name, key, tensors, module)
    return layers


def _layer(path: Path, model_name: str, key: str, tensors: Mapping[str, Tensor], module: nn.Module) -> LoraLayer:
    """One layer, in the shape of the model's own: a linear layer and a 1x1 convolution are the same map."""
    try:
        down, up = tensors[f"{key}.lora_down.weight"], tensors[f"{key}.lora_up.weight"]
    except KeyError as error:
        raise LoraUnreadableError(path.name, f"{error.args[0]} is missing") from error
    alpha = tensors.get(f"{key}.alpha")
    weight = module.weight
    assert isinstance(weight, Tensor)
    if down.ndim < 2 or up.ndim < 2 or down.shape[0] == 0 or (alpha is not None and alpha.numel() != 1):
        raise LoraUnreadableError(path.name, f"the tensors of {key} have no meaning as a LoRA")
    rank = down.shape[0]
    is_same_map = math.prod(down.shape[1:]) == math.prod(weight.shape[1:]) == down.shape[1]
    if (
        up.shape[:2] != (weight.shape[0], rank)
        or math.prod(up.shape[2:]) != 1
        or not (down.shape[1:] == weight.shape[1:] or is_same_map)
    ):
        made_for = (up.shape[0], *down.shape[1:])
        shapes = f"{key} is made for {_times(made_for)}, the model has {_times(weight.shape)}"
        raise LoraDoesNotFitError(path.name, model_name, shapes)
    return LoraLayer(
        down.reshape(rank, *weight.shape[1:]),
        up.reshape(*up.shape[:2], *[1] * (weight.ndim - 2)),
        float(alpha) if alpha is not None else float(rank),
    )


def _times(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))
