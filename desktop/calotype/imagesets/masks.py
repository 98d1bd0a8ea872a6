"""What OneTrainer keeps beside a picture: its mask, white where it is to be learned from, and conditioning images."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.courtesy import courteous
from calotype.domain.errors import ImageSetError, MaskNotUsableError
from calotype.imagesets.pixels import UprightImage, read_upright

MASK_ENDING = "-masklabel.png"
CONDITIONING_ENDING = "-condlabel.png"
_MOST_STRETCH = 0.02  # of the ratio of the sides: masks may be smaller than their pictures, and are rounded then


@dataclass(frozen=True, slots=True)
class _Shape:
    width_px: int
    height_px: int

    def fits(self, other: _Shape) -> bool:
        return abs(self.width_px * other.height_px / (self.height_px * other.width_px) - 1) <= _MOST_STRETCH


def is_mask(name: str) -> bool:
    """True for the name of a mask."""
    return name.lower().endswith(MASK_ENDING)


def is_conditioning(name: str) -> bool:
    """True for the name of a conditioning image, which shows no subject and is not used here."""
    return name.lower().endswith(CONDITIONING_ENDING)


def mask_path(image_path: Path) -> Path:
    """Where the mask of a picture lies, if it has one."""
    return image_path.with_name(image_path.stem + MASK_ENDING)


def mask_marks(images_folder: Path) -> dict[str, str]:
    """A mark for each mask of a project by the stem of its picture; it changes when the mask does."""
    if not images_folder.is_dir():
        return {}
    found = {}
    with os.scandir(images_folder) as entries:
        for entry in courteous(entries):
            if entry.name.endswith(MASK_ENDING):
                with contextlib.suppress(OSError):  # it may be taken away meanwhile
                    state = entry.stat()
                    found[entry.name.removesuffix(MASK_ENDING)] = f"{state.st_size:x}-{state.st_mtime_ns:x}"
    return found


def checked_mask(data: bytes, name: str, picture: UprightImage) -> bytes:
    """A mask as grey PNG, turned as its picture was. Raises MaskNotUsableError.

    Masks are painted on the upright picture; one that fits only the picture as the camera stored it is turned with it.
    """
    try:
        mask = read_upright(data, name).pixels.convert("L")
    except ImageSetError:
        raise MaskNotUsableError(name, "it is not a whole picture") from None
    seen = _Shape(*picture.pixels.size)
    if not _Shape(*mask.size).fits(seen):
        turned = mask.transpose(picture.turn) if picture.turn is not None else mask
        if not _Shape(*turned.size).fits(seen):
            raise MaskNotUsableError(name, "its shape is not that of its picture")
        mask = turned
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()
