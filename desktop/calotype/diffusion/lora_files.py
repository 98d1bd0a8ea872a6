"""Turn the LoRA file that a run keeps into the file that leaves the house: layout, precision, words, thumbnail."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_formats import diffusers_tensors, kohya_tensors, read_layers, scaled_up
from calotype.diffusion.lora_headers import names_in, read_lora_header
from calotype.diffusion.lora_metadata import content_words, thumbnail_data_url
from calotype.diffusion.lora_privacy import shareable
from calotype.domain.errors import LoraLayoutError
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout, LoraPrecision

DTYPES = {LoraPrecision.FP16: torch.float16, LoraPrecision.BF16: torch.bfloat16, LoraPrecision.FP32: torch.float32}


@dataclass(frozen=True, slots=True)
class PackedLora:
    """The bytes of a LoRA file, and what is in it."""

    data: bytes
    key_count: int
    sha256: str
    left_out: frozenset[LeftOut]


def pack_lora(source: Path, choice: ExportChoice, picture: Path | None) -> PackedLora:
    """The file that is wanted, with the picture as `modelspec.thumbnail` if there is none yet.

    Raises LoraUnreadableError if the source is damaged, LoraLayoutError if the layout has no place for what is in it.
    """
    words = dict(read_lora_header(source).metadata)
    left_out: frozenset[LeftOut] = frozenset()
    if picture is not None and "modelspec.thumbnail" not in words:
        # A preview that cannot be read costs the thumbnail and not the LoRA.
        with contextlib.suppress(OSError, SyntaxError, ValueError), Image.open(picture) as opened:
            words["modelspec.thumbnail"] = thumbnail_data_url(opened)
    if choice.is_share_safe:
        words, left_out = shareable(words)
    tensors = _tensors(source, choice)
    hashed = save(tensors, {name: word for name, word in words.items() if name.startswith("ss_")})
    data = save(tensors, {**words, **content_words(hashed)})
    return PackedLora(data, len(tensors), hashlib.sha256(data).hexdigest(), left_out)


def stored_dtype(source: Path) -> torch.dtype:
    """The number format in which a LoRA file holds its weights."""
    with safe_open(os.fspath(source), "pt") as file:
        name = next(name for name in file.keys() if name.endswith(".lora_down.weight"))  # noqa: SIM118 - not a dict
        tensor: Tensor = file.get_tensor(name)
        return tensor.dtype


def _tensors(source: Path, choice: ExportChoice) -> dict[str, Tensor]:
    dtype = stored_dtype(source) if choice.precision is None else DTYPES[choice.precision]
    layers = read_layers(source)
    is_dora = any(layer.lengths is not None for layer in layers.values())
    if choice.layout is LoraLayout.DIFFUSERS:
        if is_dora:
            raise LoraLayoutError()
        return diffusers_tensors(layers, dtype)
    if is_dora and choice.precision is not None:
        layers = {name: _without_alpha(layer) for name, layer in layers.items()}
    return kohya_tensors(layers, dtype, names_in(read_lora_header(source)))


def _without_alpha(layer: LoraLayer) -> LoraLayer:
    """The same with alpha = rank: in A1111 before 1.10, the alpha of a DoRA counted after the lengths, not before."""
    return replace(layer, up=scaled_up(layer), alpha=float(layer.rank))
