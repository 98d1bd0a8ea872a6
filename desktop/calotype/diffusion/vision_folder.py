"""Recognise a CLIP or DINOv2 model in a folder as transformers saves it, before any weights are loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import (
    ComparisonModelDamagedError,
    ComparisonModelMissingError,
    ComparisonModelUnsupportedError,
    WeightsCorruptError,
)

WEIGHTS, SHARDED_WEIGHTS = "model.safetensors", "model.safetensors.index.json"
# Older versions of transformers save the first, newer ones may save both towers' needs in the second.
PREPARATIONS = ("preprocessor_config.json", "processor_config.json")
TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"))


class VisionKind(StrEnum):
    """The models that can compare pictures, by the `model_type` of their configuration."""

    CLIP = "clip"  # both towers: pictures and texts
    CLIP_VISION = "clip_vision_model"
    DINOV2 = "dinov2"
    DINOV2_REGISTERS = "dinov2_with_registers"


@dataclass(frozen=True, slots=True)
class VisionCard:
    """What is known of a model without loading it."""

    name: str
    folder: Path
    kind: VisionKind
    has_projection: bool  # from a tower's own width to the width that pictures and texts share
    reads_text: bool


def read_vision_card(folder: Path) -> VisionCard:
    """Describe the model in `folder`. Raises a ComparisonModelError that says what is missing, foreign or truncated."""
    name = folder.name or str(folder)
    try:
        return _read(folder, name)
    except OSError as error:  # a folder above it that may not be entered, a drive that is gone, a name that is too long
        raise ComparisonModelDamagedError(name, f"its folder cannot be read ({error.strerror})") from error


def _read(folder: Path, name: str) -> VisionCard:
    if not folder.is_dir():
        raise ComparisonModelMissingError(name, str(folder))
    config = _config(folder, name)
    kind = _kind(config, name)
    for path in _weights_paths(folder, name):
        try:
            read_header(path)
        except WeightsCorruptError as error:
            raise ComparisonModelDamagedError(name, f"{error.name}: {error.cause}") from error
    if not any((folder / file).is_file() for file in PREPARATIONS):
        raise ComparisonModelMissingError(name, PREPARATIONS[0])
    has_tokenizer = any(all((folder / file).is_file() for file in files) for files in TOKENIZERS)
    architectures = config.get("architectures")
    is_projecting = isinstance(architectures, list) and "CLIPVisionModelWithProjection" in architectures
    is_clip = kind is VisionKind.CLIP
    return VisionCard(name, folder, kind, is_clip or is_projecting, is_clip and has_tokenizer)


def _config(folder: Path, name: str) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        if (folder / "model_index.json").is_file():
            raise ComparisonModelUnsupportedError(name, "it is the folder of a Stable Diffusion model") from None
        raise ComparisonModelMissingError(name, "config.json") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ComparisonModelDamagedError(name, f"config.json cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise ComparisonModelDamagedError(name, "config.json is not a configuration")
    return config


def _kind(config: dict[str, Any], name: str) -> VisionKind:
    found = config.get("model_type") or config.get("_class_name") or "model of unknown kind"
    try:
        return VisionKind(found)
    except ValueError:
        pass
    if "text" in str(found):
        raise ComparisonModelUnsupportedError(name, f"its config.json names a {found}, which sees no pictures")
    raise ComparisonModelUnsupportedError(name, f"its config.json names a {found}")


def _weights_paths(folder: Path, name: str) -> list[Path]:
    """The files with the weights; pickle files are named and refused, never opened."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / SHARDED_WEIGHTS).is_file():
        return [_present(folder, file, name) for file in _shards(folder, name)]
    if any(folder.glob("*.bin")):
        cause = "its weights are a pickle file (.bin), which can run foreign code and is never opened"
        raise ComparisonModelUnsupportedError(name, cause)
    raise ComparisonModelMissingError(name, WEIGHTS)


def _shards(folder: Path, name: str) -> list[str]:
    try:
        index = json.loads((folder / SHARDED_WEIGHTS).read_text(encoding="utf-8"))
        files = {str(file) for file in index["weight_map"].values()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ComparisonModelDamagedError(name, f"{SHARDED_WEIGHTS} cannot be read") from error
    if not files or any(Path(file).name != file or not file.endswith(".safetensors") for file in files):
        raise ComparisonModelUnsupportedError(name, f"{SHARDED_WEIGHTS} names files that are not safetensors beside it")
    return sorted(files)


def _present(folder: Path, file: str, name: str) -> Path:
    if not (folder / file).is_file():
        raise ComparisonModelMissingError(name, file)
    return folder / file
