"""Add LoRAs to the weights of a base model for good, into a copy of it, tensor by tensor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from calotype.diffusion.lora_blocks import layer_strength
from calotype.diffusion.lora_formulas import Tensors
from calotype.diffusion.lora_reading import LayerId, LoraFile, require_shape
from calotype.diffusion.lora_weights import summed
from calotype.diffusion.safetensors_header import SafetensorsHeader, read_header
from calotype.diffusion.stored_weights import stored_weights
from calotype.domain.errors import LoraDoesNotFitError, LoraNotVerifiedError, WeightsCorruptError
from calotype.domain.generation import LoraUse

_PIECE_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """What a LoRA adds to some rows of a tensor: all of them, unless the tensor holds several layers."""

    rows: tuple[int, int]
    tensors: Tensors
    strength: float


Changes = Mapping[str, Sequence[Change]]  # by the key of a tensor in a file


@dataclass(frozen=True, slots=True)
class BakePlan:
    """What is added where."""

    changes: Mapping[Path, Changes]
    unused: tuple[str, ...]  # layers of the LoRAs that the model does not have


def plan_bake(model: Path, loras: Sequence[tuple[LoraFile, LoraUse]]) -> BakePlan:
    """Find the tensor of each layer. Raises LoraDoesNotFitError if a shape differs or fewer than half are found, or
    BaseModelError.
    """
    weights = stored_weights(model)
    changes: dict[Path, dict[str, list[Change]]] = {}
    unused: list[str] = []
    for lora, use in loras:
        homeless = sorted(lora.layers.keys() - weights.keys())
        if len(homeless) * 2 > len(lora.layers):
            cause = f"the model has no layer for {_name(homeless[0])} and {len(homeless) - 1} more"
            raise LoraDoesNotFitError(lora.path.name, model.name, cause)
        unused += map(_name, homeless)
        for layer_id in lora.layers.keys() & weights.keys():
            stored = weights[layer_id]
            require_shape(lora, model.name, layer_id, stored.shape)
            strength = layer_strength(use, layer_id)
            if strength:
                uses = changes.setdefault(stored.path, {}).setdefault(stored.key, [])
                uses.append(Change(stored.rows, lora.layers[layer_id], strength))
    return BakePlan(changes, tuple(unused))


def baked_pieces(path: Path, changes: Changes, words: Mapping[str, str]) -> Iterator[bytes]:
    """The bytes of a weights file with the changes in it, in order: the header with more words, then each tensor.

    What is not changed is copied as it is. Raises WeightsCorruptError.
    """
    header = read_header(path)
    yield _header_bytes(header, {**header.metadata, **words})
    try:
        with path.open("rb") as raw, safe_open(os.fspath(path), framework="pt") as file:
            for key, (first, end) in sorted(header.spans.items(), key=lambda item: item[1]):
                if key in changes:
                    yield _bytes_of(_changed(file.get_tensor(key), changes[key]))
                else:
                    raw.seek(first)
                    for start in range(first, end, _PIECE_BYTES):
                        yield raw.read(min(_PIECE_BYTES, end - start))
    except (OSError, SafetensorError) as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error})") from error


def read_back(source: Path, written: Path, name: str, changes: Changes) -> None:
    """Compare the written file with what it should be, tensor by tensor. Raises LoraNotVerifiedError about `name`."""
    before, after = read_header(source), read_header(written)
    if (before.shapes, before.dtypes) != (after.shapes, after.dtypes):
        raise LoraNotVerifiedError(name, "its tensors have other names or shapes")
    with safe_open(os.fspath(source), framework="pt") as old, safe_open(os.fspath(written), framework="pt") as new:
        for key in before.shapes:
            is_right = (
                _is_sum(new.get_tensor(key), old.get_tensor(key), changes[key])
                if key in changes
                else _bytes_at(source, before, key) == _bytes_at(written, after, key)
            )
            if not is_right:
                raise LoraNotVerifiedError(name, f"{key} has other numbers")


def _changed(weight: Tensor, changes: Sequence[Change]) -> Tensor:
    """The tensor with all that is added to it, rows by rows."""
    whole = weight.clone()
    for rows in {change.rows for change in changes}:
        uses = [(change.tensors, change.strength) for change in changes if change.rows == rows]
        whole[rows[0] : rows[1]] = summed(weight[rows[0] : rows[1]], uses)
    return whole


def _is_sum(new: Tensor, old: Tensor, changes: Sequence[Change]) -> bool:
    return bool(new.isfinite().all()) and torch.equal(new, _changed(old, changes))


def _bytes_at(path: Path, header: SafetensorsHeader, key: str) -> bytes:
    first, end = header.spans[key]
    with path.open("rb") as file:
        file.seek(first)
        return file.read(end - first)


def _header_bytes(header: SafetensorsHeader, words: Mapping[str, str]) -> bytes:
    start = min((first for first, _ in header.spans.values()), default=0)
    entries: dict[str, object] = {"__metadata__": dict(words)}
    for key, (first, end) in header.spans.items():
        entries[key] = {
            "dtype": header.dtypes[key],
            "shape": list(header.shapes[key]),
            "data_offsets": [first - start, end - start],
        }
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8, for programs that map the file
    return len(text).to_bytes(8, "little") + text


def _bytes_of(tensor: Tensor) -> bytes:
    data = save({"it": tensor.contiguous()})
    return data[8 + int.from_bytes(data[:8], "little") :]


def _name(layer_id: LayerId) -> str:
    return f"{layer_id[0].value}.{layer_id[1]}"
