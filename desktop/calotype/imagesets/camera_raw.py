"""Raw files of cameras, through rawpy where it is installed: the camera's own preview, or developed by LibRaw."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from calotype.domain.errors import ImageTooLargeError, UnreadableImageError

RAW_SUFFIXES = frozenset(
    (".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw", ".3fr", ".iiq")
)
_LARGE_PX = 1600  # more than any model here learns from
_TURNS = {3: Image.Transpose.ROTATE_180, 5: Image.Transpose.ROTATE_90, 6: Image.Transpose.ROTATE_270}


def is_raw(name: str) -> bool:
    """True for a file that a camera calls raw; most would pass for a TIFF with a tiny picture in it."""
    return PurePath(name).suffix.lower() in RAW_SUFFIXES


def developed(data: bytes, name: str, limit_megapixels: int) -> Image.Image:
    """The picture in a raw file: the camera's own JPEG if it is large, else developed with the camera's white balance.

    A sensor with more than enough pixels is developed at half its size, which needs no guessing of colours between
    them. Raises UnreadableImageError, also if rawpy is not installed, or ImageTooLargeError.
    """
    try:
        import rawpy
    except ImportError as error:
        cause = "raw files of cameras need an extra part, which “pip install calotype[raw]” adds"
        raise UnreadableImageError(name, cause) from error
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            width_px, height_px = raw.sizes.width, raw.sizes.height
            if width_px * height_px > limit_megapixels * 1_000_000:
                raise ImageTooLargeError(name, round(width_px * height_px / 1e6), limit_megapixels)
            preview = _preview(raw)
            picture = preview if preview is not None else _develop(raw)
    except (rawpy.LibRawError, OSError, ValueError, MemoryError) as error:
        raise UnreadableImageError(name, "the file is damaged, or of a camera that is not known") from error
    picture.format = "RAW"  # so that the file's own bytes are never taken for the picture's
    return picture


def _preview(raw: Any) -> Image.Image | None:
    """The JPEG that the camera made, turned as the raw file says unless it says so itself; None if it is small."""
    import rawpy

    try:
        thumb = raw.extract_thumb()
        if thumb.format != rawpy.ThumbFormat.JPEG:
            return None
        picture: Image.Image = Image.open(io.BytesIO(thumb.data), formats=("JPEG",))
        if max(picture.size) < min(_LARGE_PX, max(raw.sizes.width, raw.sizes.height)):
            return None
        is_told = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1
    except (rawpy.LibRawError, UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    turn = None if is_told else _TURNS.get(raw.sizes.flip)
    return picture if turn is None else picture.transpose(turn)


def _develop(raw: Any) -> Image.Image:
    import rawpy

    is_half = max(raw.sizes.width, raw.sizes.height) >= 2 * _LARGE_PX
    pixels = raw.postprocess(use_camera_wb=True, half_size=is_half, output_color=rawpy.ColorSpace.sRGB, output_bps=8)
    return Image.fromarray(pixels)
