"""Pictures of every kind as upright 8-bit sRGB pixels, or a reason why not."""

from __future__ import annotations

import functools
import io
import math
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError

from calotype.domain.errors import FolderNotReadableError, ImageTooLargeError, UnreadableImageError
from calotype.imagesets.camera_raw import developed, is_raw
from calotype.imagesets.capture import NOT_KNOWN, Capture, read_capture
from calotype.imagesets.colours import to_srgb
from calotype.imagesets.picture_prompts import prompt_inside

LIMIT_MEGAPIXELS = 100
SMALLEST_SIDE_PX = 8
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "HEIF", "JPEG2000")
_PLAIN_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp"}
_UPRIGHT = {  # EXIF orientation -> what undoes it
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DRAFT_REST = 1.5  # what is decoded coarsely has to be made so much smaller afterwards, or its edges are not true
_LOSSLESS = {"PNG", "TIFF", "BMP", "GIF"}
# What decoders were seen to raise on files with random damage; Pillow promises no single class.
_DECODER_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    RuntimeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    struct.error,
    zlib.error,
)

# A damaged EXIF block is read as far as it goes; nobody can do anything about it.
warnings.filterwarnings("ignore", message="(Possibly c|C)orrupt EXIF data", category=UserWarning)
# The header of a bomb is enough to refuse it: Pillow warns above this and raises above twice as much.
Image.MAX_IMAGE_PIXELS = LIMIT_MEGAPIXELS * 1_000_000


@dataclass(frozen=True, slots=True)
class UprightImage:
    """The pixels of a picture as a person sees it. `is_plain`: the file itself already holds exactly these."""

    pixels: Image.Image
    turn: Image.Transpose | None  # what made it upright
    is_plain: bool
    is_lossless: bool
    plain_suffix: str  # of a byte-for-byte copy; empty unless plain
    words: str  # the prompt, if it was generated and says so
    capture: Capture = NOT_KNOWN

    @property
    def was_turned(self) -> bool:
        """True if the file holds it in another position."""
        return self.turn is not None


def load_upright(path: Path) -> UprightImage:
    """Read a picture file. Raises UnreadableImageError, ImageTooLargeError or FolderNotReadableError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FolderNotReadableError(path.name, error.strerror or str(error)) from error
    return read_upright(data, path.name)


def open_rgb(path: Path) -> Image.Image:
    """The pixels of a picture of a project. Raises what `load_upright` raises."""
    return load_upright(path).pixels


def open_reduced(path: Path, area_px: int) -> Image.Image:
    """The pixels of a picture of a project, upright in sRGB, made smaller until they have this area at most.

    A JPEG is decoded at a half, quarter or eighth where that is enough, which saves most of the time. Raises what
    `load_upright` raises.
    """
    try:
        image = _opened(path.read_bytes(), path.name)
    except OSError as error:
        raise FolderNotReadableError(path.name, error.strerror or str(error)) from error
    _require_size(image, path.name)
    scale = min(1.0, math.sqrt(area_px / (image.width * image.height)))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image.draft(None, (round(_DRAFT_REST * size[0]), round(_DRAFT_REST * size[1])))
    _decode(image, path.name)
    try:
        converted = to_srgb(image)
    except _DECODER_FAILURES as error:
        raise UnreadableImageError(path.name, "its colours cannot be read") from error
    small = converted.resize(size, Image.Resampling.LANCZOS, reducing_gap=_DRAFT_REST) if scale < 1 else converted
    orientation = _orientation(image)
    return small.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else small


def read_upright(data: bytes, name: str) -> UprightImage:
    """Decode a picture whole, turn it upright by EXIF, and convert it to 8-bit sRGB.

    Only the first frame of an animation counts. Raises UnreadableImageError or ImageTooLargeError.
    """
    image = _opened(data, name)
    format_name = image.format or ""
    _require_size(image, name)
    _decode(image, name)
    turn = _UPRIGHT.get(_orientation(image))
    is_still, words = _is_still(image), prompt_inside(image)
    try:
        converted = to_srgb(image)
        upright = converted.transpose(turn) if turn is not None else converted
    except _DECODER_FAILURES as error:
        raise UnreadableImageError(name, "its colours cannot be read") from error
    is_plain = format_name in _PLAIN_SUFFIXES and upright is image and is_still
    return UprightImage(
        pixels=upright,
        turn=turn,
        is_plain=is_plain,
        is_lossless=format_name in _LOSSLESS,
        plain_suffix=_PLAIN_SUFFIXES[format_name] if is_plain else "",
        words=words,
        capture=_capture(image),
    )


def _opened(data: bytes, name: str) -> Image.Image:
    if not data:
        raise UnreadableImageError(name, "the file is empty")
    if is_raw(name):
        return developed(data, name, LIMIT_MEGAPIXELS)
    _register_heif()
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableImageError(name, "it is not a picture, or of a kind that cannot be read") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixel_count = int(re.findall(r"\d+", str(error))[0])
        raise ImageTooLargeError(name, round(pixel_count / 1e6), LIMIT_MEGAPIXELS) from error
    except _DECODER_FAILURES as error:
        raise UnreadableImageError(name, "the file is damaged") from error


def _require_size(image: Image.Image, name: str) -> None:
    width_px, height_px = image.size
    if width_px * height_px > LIMIT_MEGAPIXELS * 1_000_000:
        raise ImageTooLargeError(name, round(width_px * height_px / 1e6), LIMIT_MEGAPIXELS)
    if min(width_px, height_px) < SMALLEST_SIDE_PX:
        raise UnreadableImageError(name, f"it is only {width_px} × {height_px} pixels small")


def _decode(image: Image.Image, name: str) -> None:
    try:
        image.load()
    except MemoryError as error:
        raise UnreadableImageError(name, "there is not enough memory to decode it") from error
    except _DECODER_FAILURES as error:
        cause = "the file ends too early" if "truncated" in str(error).lower() else "the file is damaged"
        raise UnreadableImageError(name, cause) from error


def _is_still(image: Image.Image) -> bool:
    try:
        # A phone's MPO holds a second picture for depth or the preview; every program shows the first.
        return getattr(image, "n_frames", 1) == 1 or image.format == "MPO"
    except _DECODER_FAILURES:
        return False  # damage behind the first frame, which is whole


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DECODER_FAILURES:
        return 1  # a broken EXIF block says nothing; the pixels are whole


def _capture(image: Image.Image) -> Capture:
    try:
        return read_capture(image.getexif())
    except _DECODER_FAILURES:
        return NOT_KNOWN


@functools.cache
def _register_heif() -> None:
    # Only when a picture is opened: the library takes a moment to load, and the window must not wait for it.
    import pi_heif

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pi_heif.register_heif_opener(thumbnails=False)
