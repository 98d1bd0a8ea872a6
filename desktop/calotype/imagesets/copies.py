"""The copy of a picture that goes into a project: byte for byte where possible, else encoded again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image

from calotype.domain.errors import ImageSetError
from calotype.domain.import_options import USUAL, ImportOptions
from calotype.domain.origins import FileState
from calotype.imagesets.capture import Capture
from calotype.imagesets.masks import MASK_ENDING, checked_mask
from calotype.imagesets.origins_file import state_of
from calotype.imagesets.picture_words import PictureWords, words_for
from calotype.imagesets.pixels import UprightImage, read_upright
from calotype.imagesets.sources import Refusal, Source
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
    is_copy: bool  # the bytes of the source as they are
    source: Source
    words: PictureWords
    mask: bytes | None
    left_out: tuple[Refusal, ...]  # a caption or a mask that cannot be used; the picture can
    state: FileState | None  # of the source, just before it was read

    @property
    def stays(self) -> bool:
        """True if nothing is copied."""
        return not self.data


def prepare(source: Source, options: ImportOptions = USUAL) -> PreparedPicture:
    """Read, check, decode and encode one picture. Raises an ImageSetError that says why it cannot be used.

    A picture that stays where it is is not encoded.
    """
    from calotype.imagesets.fingerprints import fingerprint  # with numpy, which the window opens without

    state = None if source.path is None else state_of(source.path)
    data = source.read()
    upright = read_upright(data, source.name)
    prints = fingerprint(upright.pixels)
    left_out: list[Refusal] = []
    words = words_for(source, upright.words, options.captions, left_out)
    mask = _mask(source, upright, left_out)
    stays = options.is_linked and can_stay(source)
    suffix, copy = (source_suffix(source), b"") if stays else _copied(upright, data)
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
        is_copy=upright.is_plain,
        source=source,
        words=words,
        mask=mask,
        left_out=tuple(left_out),
        state=state,
    )


def can_stay(source: Source) -> bool:
    """True for a file of its own, whose name can be written down."""
    try:
        return source.path is not None and bool(str(source.path).encode("utf-8"))
    except UnicodeEncodeError:
        return False


def source_suffix(source: Source) -> str:
    """The ending of the file, for the name of an image that stays where it is."""
    return PurePosixPath(source.file_name).suffix.lower() or ".png"


def _copied(upright: UprightImage, data: bytes) -> tuple[str, bytes]:
    return (upright.plain_suffix, data) if upright.is_plain else _encoded(upright)


def _mask(source: Source, upright: UprightImage, left_out: list[Refusal]) -> bytes | None:
    if source.read_mask is None:
        return None
    name = PurePosixPath(source.name).stem + MASK_ENDING
    try:
        return checked_mask(source.read_mask(), name, upright)
    except ImageSetError as error:
        left_out.append(Refusal(name, error))
        return None


def _encoded(upright: UprightImage) -> tuple[str, bytes]:
    pixels: Image.Image = upright.pixels
    buffer = io.BytesIO()
    if upright.is_lossless or pixels.width * pixels.height <= _SMALL_PIXELS:
        pixels.save(buffer, "PNG", compress_level=_PNG_LEVEL, icc_profile=None, exif=b"")
        return ".png", buffer.getvalue()
    pixels.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4", icc_profile=None, exif=b"")
    return ".jpg", buffer.getvalue()
