"""The copy of a picture that goes into a project: byte for byte where possible, else encoded again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from calotype.imagesets.capture import Capture
from calotype.imagesets.fingerprints import fingerprint
from calotype.imagesets.pixels import UprightImage, read_upright
from calotype.imagesets.sources import Source
from calotype.imagesets.thumbnails import thumbnail_bytes

COPY_SUFFIXES = frozenset({".png", ".jpg", ".webp"})  # what the pictures of a project end in
_SMALL_PIXELS = 1_048_576
_JPEG_QUALITY = 95
_PNG_LEVEL = 1  # half the time of the usual 6 for a tenth more bytes


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """Everything about one picture that goes into a project; no pixels, so that many may wait."""

    name: str
    data: bytes
    suffix: str
    width_px: int
    height_px: int
    was_turned: bool
    content_hash: str
    perceptual_hash: int
    signature: bytes
    thumbnail: bytes
    capture: Capture
    caption: str | None
    is_copy: bool  # the bytes of the source as they are
    path: Path | None  # of the source, if it is a file of its own


def prepare(source: Source) -> PreparedPicture:
    """Read, check, decode and encode one picture. Raises an ImageSetError that says why it cannot be used."""
    data = source.read()
    upright = read_upright(data, source.name)
    prints = fingerprint(upright.pixels)
    suffix, copy = (upright.plain_suffix, data) if upright.is_plain else _encoded(upright)
    return PreparedPicture(
        name=source.name,
        data=copy,
        suffix=suffix,
        width_px=upright.pixels.width,
        height_px=upright.pixels.height,
        was_turned=upright.was_turned,
        content_hash=prints.content_hash,
        perceptual_hash=prints.perceptual_hash,
        signature=prints.signature,
        thumbnail=thumbnail_bytes(prints.thumbnail),
        capture=upright.capture,
        caption=source.read_caption(),
        is_copy=upright.is_plain,
        path=source.path,
    )


def _encoded(upright: UprightImage) -> tuple[str, bytes]:
    pixels: Image.Image = upright.pixels
    buffer = io.BytesIO()
    if upright.is_lossless or pixels.width * pixels.height <= _SMALL_PIXELS:
        pixels.save(buffer, "PNG", compress_level=_PNG_LEVEL, icc_profile=None, exif=b"")
        return ".png", buffer.getvalue()
    pixels.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4", icc_profile=None, exif=b"")
    return ".jpg", buffer.getvalue()
