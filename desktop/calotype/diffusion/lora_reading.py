"""Read a LoRA file of any program and kind, every tensor into its place, and fit it to a base model.

A low-rank change of a U-Net layer is drawn with as an adapter: that costs no memory, and half precision does not round
it away. Any other kind (LoHa, LoKr, DoRA, a stored difference) has, or may have, full rank: it is added to a copy of
the layer's weights (`lora_weights`), which draws as fast as the base model and takes the same memory whatever the kind.
So are the layers of the text encoder, which are few and run once for a picture.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_formulas import Tensors, added, decomposed, delta_of, low_rank, shapes_of
from calotype.diffusion.lora_headers import LoraContents, adapter_config_path, lora_contents, read_lora_header
from calotype.diffusion.lora_keys import LoraPart, place_of
from calotype.diffusion.lora_kinds import Shape, is_plain, made_for, missing_tensor
from calotype.diffusion.safetensors_header import SafetensorsHeader, readable
from calotype.domain.errors import LoraDoesNotFitError, LoraUnreadableError
from calotype.domain.recognised import KIND_NAMES, ModelKind

LARGEST_ALPHA = 1e6  # far above any that was ever meant

LayerId = tuple[LoraPart, str]


@dataclass(frozen=True, slots=True)
class LoraFile:
    """Every tensor of a LoRA file: by layer and role (see `lora_keys`), or left over."""

    path: Path
    layers: dict[LayerId, Tensors]
    contents: LoraContents
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class FittedLora:
    """A LoRA whose every layer was found in a base model and has its shape there."""

    adapter: dict[str, LoraLayer]  # layers of the U-Net, in the shape of the model's own
    weights: dict[LayerId, Tensors]  # other changes of layers of any network
    left_over: tuple[str, ...]  # names of tensors and layers that have no place


def read_lora_file(path: Path) -> LoraFile:
    """Read a LoRA. Raises LoraUnreadableError if it is damaged or a tensor is missing, LoraOfOtherKindError."""
    header = read_lora_header(path)
    try:
        tensors = load_file(os.fspath(path))
    except (SafetensorError, OSError) as error:
        raise LoraUnreadableError(path.name, str(error)) from error
    layers: dict[LayerId, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        place = place_of(key)
        if place is not None:
            layers.setdefault((place.part, place.layer), {})[place.role] = tensor
    for (part, layer), found in layers.items():
        _require_whole(path, layer, found)
        alpha = _configured_alpha(path, header, part, layer, found)
        if alpha is not None and "alpha" not in found:
            found["alpha"] = torch.tensor(alpha)
    return LoraFile(path, dict(layers), lora_contents(header), header.metadata)


def _require_whole(path: Path, layer: str, tensors: Tensors) -> None:
    missing = missing_tensor(frozenset(tensors))
    if missing is not None:
        raise LoraUnreadableError(path.name, f"{missing or 'a tensor'} of {layer} is missing")
    if not _is_sound(tensors):
        raise LoraUnreadableError(path.name, f"the tensors of {layer} have no meaning as a LoRA")
    if not all(bool(tensor.float().isfinite().all()) for tensor in tensors.values()):
        raise LoraUnreadableError(path.name, f"{layer} holds numbers that are not finite")


def _is_sound(tensors: Tensors) -> bool:
    """Whether the formula can be computed; tried without numbers, so that no shape can ask for memory."""
    alpha = tensors.get("alpha")
    if (alpha is not None and alpha.numel() != 1) or not all(tensor.is_floating_point() for tensor in tensors.values()):
        return False
    if is_plain(shapes_of(tensors)):
        return True
    try:
        delta = delta_of(_without_numbers(tensors))
        return 0 < math.prod(delta.shape) == math.prod(made_for(shapes_of(tensors)))
    except (RuntimeError, IndexError, ValueError, ZeroDivisionError):
        return False


def _without_numbers(tensors: Tensors) -> Tensors:
    return {name: tensor.to("meta") for name, tensor in tensors.items() if name != "alpha"}


def _configured_alpha(
    path: Path, header: SafetensorsHeader, part: LoraPart, layer: str, tensors: Tensors
) -> float | None:
    """The alpha that peft's configuration gives, which lies in the metadata or beside the file; None without one.

    Raises LoraUnreadableError for one that is no number to compute with.
    """
    prefix, config = f"{part.value}.", _adapter_config(path, header)
    values = {key.removeprefix(prefix): value for key, value in config.items() if not isinstance(value, str)}
    patterns = values.get("alpha_pattern")
    alpha = values.get("lora_alpha")
    for pattern, own in patterns.items() if isinstance(patterns, dict) else ():
        # As peft does, tuners_utils.py, get_pattern_key: the whole name, or its end after a dot.
        if re.fullmatch(rf"(.*\.)?({re.escape(pattern.removeprefix('^').replace(chr(92), ''))})", layer):
            alpha = own
    if not isinstance(alpha, int | float) or "down" not in tensors:
        return None
    rank = tensors["down"].shape[0]
    if not abs(alpha) <= LARGEST_ALPHA:
        raise LoraUnreadableError(path.name, f"its configuration has an impossible alpha for {layer}")
    return float(alpha) * math.sqrt(rank) if values.get("use_rslora") else float(alpha)


def _adapter_config(path: Path, header: SafetensorsHeader) -> dict[str, Any]:
    beside = adapter_config_path(path)
    text = header.metadata.get("lora_adapter_metadata", "")
    try:
        config = json.loads(text if text or beside is None else beside.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def fit_lora(lora: LoraFile, networks: Mapping[LoraPart, Any], model_name: str) -> FittedLora:
    """Find the layers in the networks of a base model. Raises LoraDoesNotFitError with the reason if one has another
    shape there, or fewer than half are there at all.
    """
    _require_kind(lora, networks[LoraPart.UNET], model_name)
    adapter: dict[str, LoraLayer] = {}
    weights: dict[LayerId, Tensors] = {}
    homeless = []
    for (part, layer), tensors in sorted(lora.layers.items()):
        network = networks.get(part)
        module = layer_of(network, layer) if network is not None else None
        if module is None:
            homeless.append(f"{part.value}.{layer}")
            continue
        require_shape(lora, model_name, (part, layer), tuple(module.weight.shape))
        simple = low_rank(tensors) if part is LoraPart.UNET else None
        if simple is not None:
            adapter[layer] = _shaped_like(simple, module.weight)
        else:
            weights[part, layer] = tensors
    if len(homeless) * 2 > len(lora.layers):
        cause = f"the model has no layer for {homeless[0]}" + _and_more(len(homeless) - 1)
        raise LoraDoesNotFitError(lora.path.name, model_name, cause)
    left_over = (*map(readable, lora.contents.left_over), *homeless)
    return FittedLora(adapter, weights, left_over)


def read_lora(path: Path, unet: Any, model_name: str) -> dict[str, LoraLayer]:
    """Read a LoRA that was trained here for this U-Net. Raises LoraUnreadableError, or LoraDoesNotFitError if anything
    but low-rank changes of its layers, plain or as a DoRA, is in the file: of what was learned nothing may be left
    over.
    """
    lora = read_lora_file(path)
    fitted = fit_lora(lora, {LoraPart.UNET: unet}, model_name)
    doras = {layer: decomposed(tensors) for (_, layer), tensors in fitted.weights.items()}
    odd = (*fitted.left_over, *(layer for layer, found in doras.items() if found is None))
    if odd:
        raise LoraDoesNotFitError(path.name, model_name, f"there is no place for {odd[0]}{_and_more(len(odd) - 1)}")
    return {**fitted.adapter, **{layer: found for layer, found in doras.items() if found is not None}}


def layer_of(network: Any, name: str) -> nn.Linear | nn.Conv2d | None:
    """The layer with this dotted name, below whatever adapter is around it; a prefix `text_model.` may be missing."""
    for candidate in (name, f"text_model.{name}"):
        try:
            module = network.get_submodule(candidate)
        except AttributeError:
            continue
        module = getattr(module, "base_layer", module)
        if isinstance(module, nn.Linear | nn.Conv2d):
            return module
    return None


def _require_kind(lora: LoraFile, unet: Any, model_name: str) -> None:
    kind, width = lora.contents.made_for, unet.config.cross_attention_dim
    widths = {ModelKind.SD1: 768, ModelKind.SD2: 1024, ModelKind.SDXL: 2048, ModelKind.SDXL_REFINER: 1280}
    if kind in widths and widths[kind] != width and width in widths.values():
        raise LoraDoesNotFitError(lora.path.name, model_name, f"it was made for {KIND_NAMES[kind]}")


def require_shape(lora: LoraFile, model_name: str, layer_id: LayerId, shape: Shape) -> None:
    """Raise LoraDoesNotFitError if a layer cannot be added to a weight of this shape, and LoraUnreadableError if a DoRA
    has not one length for each of its rows or columns.
    """
    tensors, layer = lora.layers[layer_id], layer_id[1]
    wanted = made_for(shapes_of(tensors))
    if wanted[0] != shape[0] or math.prod(wanted) != math.prod(shape):
        shapes = f"{layer} is made for {_times(wanted)}, the model has {_times(shape)}"
        raise LoraDoesNotFitError(lora.path.name, model_name, shapes)
    if is_plain(shapes_of(tensors)):
        return
    try:
        added(_without_numbers(tensors), torch.empty(shape, device="meta"))
    except (RuntimeError, IndexError) as error:
        raise LoraUnreadableError(lora.path.name, f"the tensors of {layer} have no meaning as a LoRA") from error


def _shaped_like(layer: LoraLayer, weight: Tensor) -> LoraLayer:
    """In the shape of the model's own layer: a linear layer and a 1x1 convolution are the same map."""
    ends = [1] * (weight.ndim - 2)
    down = layer.down.reshape(layer.rank, *weight.shape[1:])
    return LoraLayer(down, layer.up.reshape(weight.shape[0], layer.rank, *ends), layer.alpha)


def _and_more(count: int) -> str:
    return f" and {count} more" if count else ""


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
