"""What a LoRA file says about itself, without loading a tensor."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from calotype.diffusion.foreign_tensors import LORA_KIND_BY_TEXT_WIDTH, lora_kind_by_words
from calotype.diffusion.lora_keys import LoraPart, Place, place_of
from calotype.diffusion.lora_kinds import MAGNITUDES, Shapes, kind_of, made_for, rank_of
from calotype.diffusion.safetensors_header import SafetensorsHeader, read_header
from calotype.diffusion.sgm_names import UnetNames
from calotype.domain.errors import LoraOfOtherKindError, LoraUnreadableError, WeightsCorruptError
from calotype.domain.lora import LoraKind
from calotype.domain.recognised import KIND_NAMES, ModelKind

UNET_PREFIX = "lora_unet_"
_READS_TEXT = ("attn2.to_k", "attn2.to_v")
# The kinds in the order in which a file that mixes them is named.
_SPECIAL_LAST = tuple(LoraKind)


@dataclass(frozen=True, slots=True)
class LoraContents:
    """What a LoRA file changes, from names and shapes alone."""

    kind: LoraKind
    rank: int  # of most layers; 0 if the changes are stored whole
    made_for: ModelKind | None  # None if neither the shapes nor the words tell
    unet_layers: int
    text_encoder_layers: int
    left_over: tuple[str, ...]  # names of tensors whose meaning is unknown
    layers: tuple[tuple[LoraPart, str], ...] = ()


def read_lora_header(path: Path) -> SafetensorsHeader:
    """The names, shapes and metadata of a LoRA file. Raises LoraUnreadableError if it is damaged or something else,
    and LoraOfOtherKindError if it was made for a model that is no Stable Diffusion.
    """
    try:
        header = read_header(path)
    except WeightsCorruptError as error:
        raise LoraUnreadableError(path.name, error.cause) from error
    found, _ = layer_shapes(header)
    if not any(set(shapes) - {"alpha", *MAGNITUDES} for shapes in found.values()):
        other = lora_kind_by_words(header)
        if other and other not in KIND_NAMES.values():
            raise LoraOfOtherKindError(path.name, other)
        raise LoraUnreadableError(path.name, "it holds no LoRA for a Stable Diffusion model")
    if not all(shape for shapes in found.values() for role, shape in shapes.items() if role != "alpha"):
        raise LoraUnreadableError(path.name, "its tensors have no meaning as a LoRA")
    return header


def names_in(header: SafetensorsHeader) -> UnetNames:
    """Whose names the layers have in a file of kohya's layout."""
    is_sgm = any(re.match(rf"{UNET_PREFIX}(input|middle|output)_block", name) for name in header.shapes)
    return UnetNames.SGM if is_sgm else UnetNames.DIFFUSERS


def adapter_config_path(path: Path) -> Path | None:
    """The configuration that peft writes beside a file, in which the alpha is; None if there is none."""
    own = path.with_suffix(".adapter_config.json")  # as the Library keeps it, where many files lie in one folder
    theirs = path.with_name("adapter_config.json")
    if own.is_file():
        return own
    return theirs if path.stem.startswith("adapter_model") and theirs.is_file() else None


def layer_shapes(header: SafetensorsHeader) -> tuple[dict[tuple[LoraPart, str], Shapes], tuple[str, ...]]:
    """The shapes of each layer by role, and the names that belong to no layer."""
    layers: dict[tuple[LoraPart, str], dict[str, tuple[int, ...]]] = {}
    left_over = []
    for key, shape in header.shapes.items():
        place: Place | None = place_of(key)
        if place is None:
            left_over.append(key)
        else:
            layers.setdefault((place.part, place.layer), {})[place.role] = shape
    return dict(layers), tuple(left_over)


def lora_contents(header: SafetensorsHeader) -> LoraContents:
    """Describe a LoRA from its header, as `read_lora_header` returns it."""
    layers, left_over = layer_shapes(header)
    kinds = {kind_of(shapes) for shapes in layers.values()}
    ranks = Counter(rank_of(shapes) for shapes in layers.values())
    in_unet = sum(part is LoraPart.UNET for part, _ in layers)
    return LoraContents(
        kind=max(kinds, key=_SPECIAL_LAST.index),
        rank=ranks.most_common(1)[0][0],
        made_for=_made_for(header, layers),
        unet_layers=in_unet,
        text_encoder_layers=len(layers) - in_unet,
        left_over=left_over,
        layers=tuple(layers),
    )


def _made_for(header: SafetensorsHeader, layers: dict[tuple[LoraPart, str], Shapes]) -> ModelKind | None:
    """By the width of the text that goes in, else by a second text encoder, else by the words in the file."""
    for (part, layer), shapes in layers.items():
        if part is LoraPart.UNET and layer.endswith(_READS_TEXT):
            width = _text_width(shapes)
            if width in LORA_KIND_BY_TEXT_WIDTH:
                return LORA_KIND_BY_TEXT_WIDTH[width]
    if any(part is LoraPart.SECOND_TEXT_ENCODER for part, _ in layers):
        return ModelKind.SDXL
    said = lora_kind_by_words(header)
    return next((kind for kind, name in KIND_NAMES.items() if name == said), None)


def _text_width(shapes: Shapes) -> int:
    try:
        return made_for(shapes)[1]
    except (IndexError, KeyError, ValueError):
        return 0
