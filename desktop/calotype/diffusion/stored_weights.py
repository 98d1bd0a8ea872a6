"""The weights of a base model on disk that a LoRA can change, by the layer they belong to; read one at a time."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.lora_keys import LoraPart, is_layer
from calotype.diffusion.lora_reading import LayerId
from calotype.diffusion.model_folder import weights_path
from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelMissingError, WeightsCorruptError

_PARTS = {"unet": LoraPart.UNET, "text_encoder": LoraPart.TEXT_ENCODER, "text_encoder_2": LoraPart.SECOND_TEXT_ENCODER}
# Numbers that differ by less than this share of the largest were rounded, as half precision does.
_ROUNDED = 1e-3


@dataclass(frozen=True, slots=True)
class StoredWeight:
    """The weight of one layer: a tensor in a safetensors file, or some of its rows."""

    path: Path
    key: str
    shape: tuple[int, ...]
    rows: tuple[int, int]  # the first, and the one after the last

    def is_like(self, other: StoredWeight) -> bool:
        """Whether the two hold the same map; a linear layer and a 1x1 convolution can."""
        return self.shape[0] == other.shape[0] and math.prod(self.shape) == math.prod(other.shape)

    def read(self) -> Tensor:
        """Its numbers, as stored. Raises WeightsCorruptError."""
        try:
            with safe_open(os.fspath(self.path), framework="pt") as file:
                tensor: Tensor = file.get_tensor(self.key)
                return tensor[self.rows[0] : self.rows[1]]
        except (OSError, SafetensorError) as error:
            raise WeightsCorruptError(self.path.name, str(error)) from error


def weight_files(model: Path) -> list[Path]:
    """The files of a base model with the weights that LoRAs change: the checkpoint itself, or those of its parts."""
    if not model.exists():
        raise BaseModelMissingError(model.name, str(model))
    if model.is_file():
        return [model]
    return [weights_path(model, part, model.name) for part in _PARTS if (model / part).is_dir()]


def stored_weights(model: Path) -> dict[LayerId, StoredWeight]:
    """Every linear layer and convolution of the U-Net and the text encoder. Raises BaseModelError."""
    found: dict[LayerId, StoredWeight] = {}
    for path in weight_files(model):
        for key, shape in read_header(path).shapes.items():
            names = _names(model, path, key) if len(shape) in (2, 4) else []
            rows = shape[0] // max(1, len(names))
            for place, layer_id in enumerate(names):
                slice_of_it = (place * rows, (place + 1) * rows)
                found[layer_id] = StoredWeight(path, key, (rows, *shape[1:]), slice_of_it)
    return found


def _names(model: Path, path: Path, key: str) -> list[LayerId]:
    """The layers whose weights a tensor in a file of a model holds: one, or three in the attention of OpenCLIP."""
    place = part_and_name(key) if model.is_file() else (path.parent.name, key)
    part = _PARTS.get(place[0]) if place else None
    if place is None or part is None or not place[1].endswith(".weight"):
        return []
    name = place[1].removesuffix(".weight").removeprefix("text_model.")
    names = (
        [name.removesuffix("in_proj") + f"{letter}_proj" for letter in "qkv"] if name.endswith(".in_proj") else [name]
    )
    return [(part, name) for name in names if is_layer(part, name)]


def unlike_tensors(base: Path, tuned: Path) -> int:
    """How many other tensors of two models of one kind differ in what they hold: biases, norms, embeddings, the VAE.

    Counted are those that both files hold, of equal size.
    """
    count = 0
    for before, after in zip(weight_files(base), weight_files(tuned), strict=True):
        headers = read_header(before), read_header(after)
        for key in headers[0].shapes.keys() & headers[1].shapes.keys():
            shape = headers[0].shapes[key]
            if shape and not _names(base, before, key) and shape == headers[1].shapes[key]:
                pair = (StoredWeight(path, key, shape, (0, shape[0])).read() for path in (before, after))
                one, other = (tensor.float() for tensor in pair)
                count += one.numel() > 0 and float((one - other).abs().max()) > _ROUNDED * float(one.abs().max())
    return count
