"""When and with what a photograph was taken, as the camera wrote it into the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import ExifTags, Image

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Capture:
    """The moment by the camera's own clock, in seconds since 1970, or None; and the camera, or nothing."""

    taken_at: float | None = None
    camera: str = ""


NOT_KNOWN = Capture()


def read_capture(exif: Image.Exif) -> Capture:
    """Read what cameras write. Raises what Pillow raises for a damaged block; a date that is none is not known."""
    if not exif:
        return NOT_KNOWN
    details = exif.get_ifd(ExifTags.IFD.Exif)
    moment = _moment(details.get(ExifTags.Base.DateTimeOriginal), details.get(ExifTags.Base.SubsecTimeOriginal))
    names = (exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    camera = " ".join(_plain(name) for name in names if name).strip()
    return Capture(moment, camera[:_LONGEST_NAME])


def _moment(date: object, fraction: object) -> float | None:
    try:
        # The zone is left out: only pictures of one camera are compared, and few cameras know it.
        whole = datetime.strptime(_plain(date)[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    digits = _plain(fraction)
    return whole + (float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0)


def _plain(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
