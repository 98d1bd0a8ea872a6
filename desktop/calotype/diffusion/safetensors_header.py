"""Read the header of a safetensors file without loading a tensor, and tell whether the file is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.domain.errors import WeightsCorruptError

HEADER_LIMIT_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class SafetensorsHeader:
    """Names and shapes of the tensors, and the file's own metadata."""

    shapes: dict[str, tuple[int, ...]]
    dtypes: dict[str, str]
    metadata: dict[str, str]


def read_header(path: Path) -> SafetensorsHeader:
    """Read the header. Raises WeightsCorruptError if the file is truncated or is not a safetensors file.

    Format: 8 bytes little-endian header length, JSON, tensor bytes. Source: github.com/huggingface/safetensors, README.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(size - 8, HEADER_LIMIT_BYTES):
                raise WeightsCorruptError(path.name, "it is not a safetensors file, or only its beginning is there")
            entries: dict[str, Any] = json.loads(file.read(length))
        words = entries.pop("__metadata__", None)
        metadata = {str(name): str(word) for name, word in words.items()} if isinstance(words, dict) else {}
        end = 8 + length + max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
        shapes = {name: tuple(entry["shape"]) for name, entry in entries.items()}
        dtypes = {name: str(entry["dtype"]) for name, entry in entries.items()}
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsCorruptError(path.name, "it is not a safetensors file") from error
    if end > size:
        raise WeightsCorruptError(path.name, f"only {size / 1e6:.1f} of {end / 1e6:.1f} MB are there")
    return SafetensorsHeader(shapes, dtypes, metadata)
