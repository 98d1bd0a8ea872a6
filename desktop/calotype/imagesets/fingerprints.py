"""What tells pictures apart: a hash of the pixels for exact copies, and what is known of the looks for near ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from calotype.imagesets.signatures import signature
from calotype.imagesets.thumbnails import shrunk

_HASHED_SIDE_PX = 1024
_DCT_PX = 32
_STRUCTURE_BITS = 40
_LEVELS = 8  # steps of each mean colour, counted in bits, so that near colours differ in few bits
_NEAR_BITS = 5  # of 64
_CHUNK = 256
_FAINT = 1.5  # grey levels; a structure fainter than this is noise


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Both hashes, the signature, and the small copy that was made on the way."""

    content_hash: str
    perceptual_hash: int
    signature: bytes
    thumbnail: Image.Image


def fingerprint(pixels: Image.Image) -> Fingerprint:
    """Take the fingerprints of an upright RGB picture.

    The content hash covers every pixel of pictures up to 1024 pixels; larger ones are averaged over small blocks
    first, which saves two thirds of the time, and still tells everything apart that a person could.
    """
    step = math.ceil(max(pixels.size) / _HASHED_SIDE_PX)
    reduced = pixels.reduce(step) if step > 1 else pixels
    digest = hashlib.sha256(f"{pixels.width}x{pixels.height}:".encode())
    digest.update(reduced.tobytes())
    thumbnail = shrunk(reduced)
    return Fingerprint(digest.hexdigest(), perceptual_hash(thumbnail), signature(thumbnail), thumbnail)


def perceptual_hash(pixels: Image.Image) -> int:
    """64 bits of what a picture looks like: 40 for the coarse structure, 24 for the mean colour.

    Resaving, resizing or slight cropping changes few of them; another pose or background changes many.
    """
    grey = np.asarray(pixels.convert("L").resize((_DCT_PX, _DCT_PX), Image.Resampling.BOX), dtype=np.float32)
    spectrum = (_DCT @ grey @ _DCT.T)[_ROWS, _COLUMNS]
    structure = spectrum > _FAINT * _DCT_PX / 8
    mean = np.asarray(pixels.resize((1, 1), Image.Resampling.BOX), dtype=np.float32)[0, 0]
    colour = mean[:, None] > (np.arange(_LEVELS) + 0.5) * (255 / _LEVELS)
    bits = np.concatenate([structure, colour.ravel()])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def group_by_look(perceptual_hashes: Sequence[int]) -> list[int]:
    """Number the groups of pictures whose hashes differ in few bits, also in chains.

    Coarse and quick, for judging previews; what must not be wrong compares pixels (`near_duplicates`).
    """
    hashes = np.array(perceptual_hashes, dtype=np.uint64)
    numbers = list(range(len(hashes)))
    for start in range(0, len(hashes), _CHUNK):
        distances = np.bitwise_count(hashes[start : start + _CHUNK, None] ^ hashes[None, start:])
        for first, second in np.argwhere(distances <= _NEAR_BITS):
            one, other = numbers[start + int(first)], numbers[start + int(second)]
            if one != other:
                numbers = [min(one, other) if number in (one, other) else number for number in numbers]
    return numbers


def _cosines() -> np.ndarray:
    """The orthonormal DCT-II matrix."""
    frequency, position = np.arange(_DCT_PX)[:, None], np.arange(_DCT_PX)[None, :]
    matrix: np.ndarray = np.cos(np.pi * frequency * (position + 0.5) / _DCT_PX) * np.sqrt(2 / _DCT_PX)
    matrix[0] /= np.sqrt(2)
    single: np.ndarray = matrix.astype(np.float32)
    return single


def _lowest_frequencies() -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the lowest frequencies in two dimensions, without the mean."""
    order = sorted((r + c, r, c) for r in range(12) for c in range(12))[1 : _STRUCTURE_BITS + 1]
    return np.array([r for _, r, _ in order]), np.array([c for _, _, c in order])


_DCT = _cosines()
_ROWS, _COLUMNS = _lowest_frequencies()
