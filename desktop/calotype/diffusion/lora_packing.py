"""Write the layers of a LoRA that a tool made, and read them back by the second reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_files import DTYPES
from calotype.diffusion.lora_keys import LoraPart, kohya_stem
from calotype.diffusion.lora_metadata import content_words
from calotype.diffusion.lora_reading import LayerId
from calotype.diffusion.lora_verification import Update, VerificationError, read_updates, weight_difference
from calotype.domain.errors import LoraNotVerifiedError
from calotype.domain.lora_export import LoraPrecision

_NETWORKS = {LoraPart.UNET: "", LoraPart.TEXT_ENCODER: "text_encoder.", LoraPart.SECOND_TEXT_ENCODER: "text_encoder_2."}
Layers = Mapping[LayerId, LoraLayer]


def packed(layers: Layers, words: Mapping[str, str], precision: LoraPrecision, *, is_xl: bool) -> bytes:
    """The whole file in kohya's layout, with the hashes by which other programs know it."""
    dtype, tensors = DTYPES[precision], dict[str, Tensor]()
    for (part, name), layer in layers.items():
        stem = kohya_stem(part, name, is_xl=is_xl)
        tensors[f"{stem}.lora_down.weight"] = layer.down.to(dtype).contiguous()
        tensors[f"{stem}.lora_up.weight"] = layer.up.to(dtype).contiguous()
        tensors[f"{stem}.alpha"] = torch.tensor(layer.alpha)
    hashed = save(tensors, {name: word for name, word in words.items() if name.startswith("ss_")})
    return save(tensors, {**words, **content_words(hashed)})


def read_back(path: Path, name: str, layers: Layers) -> float:
    """The largest difference of a layer, as in `weight_difference`. Raises LoraNotVerifiedError if a number differs by
    more than rounding to the file's number format explains; `name` is what the error calls the file.
    """
    meant = {
        _second_readers_name(part, layer): Update(it.down, it.up, it.alpha / it.rank)
        for (part, layer), it in layers.items()
    }
    try:
        return weight_difference(
            {layer.replace(".", "_"): update for layer, update in read_updates(path).items()}, meant
        )
    except VerificationError as error:
        raise LoraNotVerifiedError(name, str(error)) from error


def _second_readers_name(part: LoraPart, layer: str) -> str:
    """With underscores, so that the two ways to put dots need not agree; in the names of diffusers, whatever names the
    file has.
    """
    within = "" if part is LoraPart.UNET else "text_model."
    return f"{_NETWORKS[part]}{within}{layer}".replace(".", "_")
