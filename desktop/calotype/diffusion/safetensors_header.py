"""Read the header of a safetensors file without loading a tensor, and tell whether the file is whole."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from calotype.domain.errors import WeightsCorruptError

# Real headers have less than a megabyte, and some LoRAs two of captions. JSON grows up to thirty times in memory, so a
# larger one, or one of nothing but brackets and commas, is refused before it is parsed.
HEADER_LIMIT_BYTES = 8_000_000
_MARKS_LIMIT = 400_000
_DIMENSIONS_LIMIT = 8

_BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **{"F6_E2M3": 6, "F6_E3M2": 6, "F4": 4},
}


@dataclass(frozen=True, slots=True)
class SafetensorsHeader:
    """Names and shapes of the tensors, and the file's own metadata."""

    shapes: dict[str, tuple[int, ...]]
    dtypes: dict[str, str]
    metadata: dict[str, str]
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)  # where each tensor lies in the file


def read_header(path: Path, size_bytes: int | None = None) -> SafetensorsHeader:
    """Read the header. Raises WeightsCorruptError if the file is truncated or is not a safetensors file.

    `size_bytes` is what the file will have in the end, if it is still growing.
    Format: 8 bytes little-endian header length, JSON, tensor bytes without holes.
    Source: github.com/huggingface/safetensors, README.
    """
    try:
        size = path.stat().st_size if size_bytes is None else size_bytes
        with path.open("rb") as file:
            length = _header_length(path.name, file, size)
            entries = _parsed(path.name, file.read(length))
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error
    words = entries.pop("__metadata__", None)
    metadata = {str(name): str(word) for name, word in words.items()} if isinstance(words, dict) else {}
    spans, end = {}, 8 + length
    try:
        for name, first, last in _in_order(entries):
            if first != end - 8 - length:
                raise WeightsCorruptError(path.name, f"its header leaves a hole before {readable(name)}")
            spans[name] = (8 + length + first, 8 + length + last)
            end = 8 + length + last
        shapes = {name: tuple(entry["shape"]) for name, entry in entries.items()}
        dtypes = {name: entry["dtype"] for name, entry in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsCorruptError(path.name, "its header is not that of a safetensors file") from error
    _require_whole(path.name, size, end)
    return SafetensorsHeader(shapes, dtypes, metadata, spans)


def has_header(path: Path) -> bool:
    """Whether a file that is still growing is longer than its header, or no header that could be read begins it."""
    with path.open("rb") as file:
        first = file.read(8)
    return len(first) == 8 and path.stat().st_size >= 8 + min(int.from_bytes(first, "little"), HEADER_LIMIT_BYTES)


def readable(name: str) -> str:
    """The name of a tensor as a sentence can hold it, whatever a file calls it."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:81])
    return shown if len(name) <= 80 else f"{shown[:80]}…"


def of_bytes(part: int, whole: int) -> str:
    """Two sizes in the unit of the larger one: 3.1 of 4.3 GB."""
    unit, scale = ("GB", 1e9) if whole >= 1e9 else ("MB", 1e6)
    return f"{part / scale:.1f} of {whole / scale:.1f} {unit}"


def _header_length(name: str, file: BinaryIO, size: int) -> int:
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or not length:
        cause = "it begins with zeros, as files do whose download never ran" if size else "it is empty"
        raise WeightsCorruptError(name, cause if not length else "it is not a safetensors file")
    first = file.read(1)
    if first not in (b"{", b""):
        raise WeightsCorruptError(name, "it is not a safetensors file")
    if length > HEADER_LIMIT_BYTES:
        raise WeightsCorruptError(name, f"its header claims to be {length / 1e6:,.0f} MB long")
    if length > size - 8:
        raise WeightsCorruptError(name, "it is not a safetensors file, or only its beginning is there")
    file.seek(8)
    return length


def _parsed(name: str, text: bytes) -> dict[str, Any]:
    if sum(text.count(mark) for mark in (b"{", b"[", b",")) > _MARKS_LIMIT:
        raise WeightsCorruptError(name, "its header describes more tensors than any model has")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WeightsCorruptError(name, "its header is not that of a safetensors file") from error
    if not isinstance(entries, dict):
        raise WeightsCorruptError(name, "its header is not that of a safetensors file")
    return entries


def _in_order(entries: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Name, first byte and end of each tensor as they lie in the file. Raises ValueError if an entry has no meaning."""
    spans = []
    for name, entry in entries.items():
        first, last = entry["data_offsets"]
        shape, dtype = entry["shape"], entry["dtype"]
        if not isinstance(dtype, str) or not isinstance(shape, list) or len(shape) > _DIMENSIONS_LIMIT:
            raise ValueError(name)
        if not all(isinstance(number, int) and 0 <= number < 2**62 for number in (*shape, first, last)):
            raise ValueError(name)
        if dtype in _BITS and math.prod(shape) * _BITS[dtype] != (last - first) * 8:
            raise ValueError(name)
        spans.append((name, first, last))
    return sorted(spans, key=lambda span: span[1:])


def _require_whole(name: str, size: int, end: int) -> None:
    if end > size:
        raise WeightsCorruptError(name, f"only {of_bytes(size, end)} are there")
    if end < size:
        raise WeightsCorruptError(name, f"{size - end:,} bytes follow after its last tensor")
