"""Raw files of a made-up camera: digital negatives by Adobe's specification, with and without the camera's own JPEG."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

SHORT, LONG, RATIONAL, SIGNED_RATIONAL, BYTE, ASCII = 3, 4, 5, 10, 1, 2
_FORMATS = {SHORT: "<H", LONG: "<I", BYTE: "<B"}


Entry = tuple[int, int, object]


def digital_negative(
    width_px: int, height_px: int, orientation: int = 1, preview: Image.Image | None = None, *, is_jpeg: bool = True
) -> bytes:
    """A digital negative, by Adobe's specification: a red half at the left, a blue one at the right.

    With a preview it is made as cameras do it: the preview comes first, mostly as JPEG, and the sensor's values are in
    a part below it.
    """
    pixels = _sensor(width_px, height_px)
    if preview is None:
        return _tiff([*_about_sensor(pixels), *_about_camera(orientation)], pixels.tobytes())
    first = [*_about_preview(preview), *_about_camera(orientation)]
    if not is_jpeg:
        return _tiff_with_preview(_with(first, {259: 1, 262: 2}), preview.convert("RGB").tobytes(), pixels)
    buffer = io.BytesIO()
    preview.save(buffer, "JPEG", quality=92, exif=preview.getexif())
    return _tiff_with_preview(first, buffer.getvalue(), pixels)


def _sensor(width_px: int, height_px: int) -> np.ndarray:
    pixels = np.zeros((height_px, width_px), np.uint16)
    pixels[0::2, 0::2] = 400  # red, green, blue of a Bayer pattern
    pixels[1::2, 1::2] = 400
    pixels[0::2, 0 : width_px // 2 : 2] = 40_000
    pixels[1::2, width_px // 2 + 1 :: 2] = 40_000
    pixels[0::2, 1::2] = pixels[1::2, 0::2] = 3000
    return pixels


def _about_sensor(pixels: np.ndarray) -> list[Entry]:
    height_px, width_px = pixels.shape
    return [
        (254, LONG, [0]),
        (256, LONG, [width_px]),
        (257, LONG, [height_px]),
        (258, SHORT, [16]),
        (259, SHORT, [1]),
        (262, SHORT, [32803]),
        (273, LONG, [0]),
        (277, SHORT, [1]),
        (278, LONG, [height_px]),
        (279, LONG, [pixels.nbytes]),
        (33421, SHORT, [2, 2]),
        (33422, BYTE, [0, 1, 1, 2]),
        (50714, SHORT, [0]),
        (50717, LONG, [65535]),
    ]


def _about_camera(orientation: int) -> list[Entry]:
    matrix = [(v, 10_000) for v in (32404, -15371, -4985, -9692, 18760, 415, 556, -2040, 10572)]
    return [
        (271, ASCII, b"Testmaker\0"),
        (272, ASCII, b"Box\0"),
        (274, SHORT, [orientation]),
        (50706, BYTE, [1, 4, 0, 0]),
        (50708, ASCII, b"Testmaker Box\0"),
        (50721, SIGNED_RATIONAL, matrix),
        (50728, RATIONAL, [(1, 1), (1, 1), (1, 1)]),
        (50778, SHORT, [21]),
    ]


def _about_preview(preview: Image.Image) -> list[Entry]:
    return [
        (254, LONG, [1]),
        (256, LONG, [preview.width]),
        (257, LONG, [preview.height]),
        (258, SHORT, [8, 8, 8]),
        (259, SHORT, [7]),
        (262, SHORT, [6]),
        (273, LONG, [0]),
        (277, SHORT, [3]),
        (278, LONG, [preview.height]),
        (279, LONG, [0]),
        (330, LONG, [0]),
    ]


def _tiff(entries: list[Entry], strip: bytes) -> bytes:
    strip_at = 8 + len(_directory(entries, 8))
    return _header() + _directory(_with(entries, {273: strip_at}), 8) + strip


def _tiff_with_preview(first: list[Entry], shown: bytes, pixels: np.ndarray) -> bytes:
    sensor = _about_sensor(pixels)
    second_at = 8 + len(_directory(first, 8))
    shown_at = second_at + len(_directory(sensor, 0))
    shown += b"\0" * (len(shown) % 2)
    first = _with(first, {273: shown_at, 279: len(shown), 330: second_at})
    sensor = _with(sensor, {273: shown_at + len(shown)})
    return _header() + _directory(first, 8) + _directory(sensor, second_at) + shown + pixels.tobytes()


def _header() -> bytes:
    return struct.pack("<2sHI", b"II", 42, 8)


def _with(entries: list[Entry], numbers: dict[int, int]) -> list[Entry]:
    return [(tag, kind, [numbers[tag]] if tag in numbers else values) for tag, kind, values in entries]


def _directory(entries: list[Entry], at: int) -> bytes:
    """One directory of a TIFF that begins at this byte, with the values that have no room in it behind it."""
    entries = sorted(entries, key=lambda entry: entry[0])
    behind = at + 2 + 12 * len(entries) + 4
    table, extra = struct.pack("<H", len(entries)), b""
    for tag, kind, values in entries:
        data = _packed(kind, values)
        count = len(values) if isinstance(values, list | bytes) else 1
        place = data.ljust(4, b"\0")
        if len(data) > 4:
            place, extra = struct.pack("<I", behind + len(extra)), extra + data + b"\0" * (len(data) % 2)
        table += struct.pack("<HHI", tag, kind, count) + place
    return table + struct.pack("<I", 0) + extra


def _packed(kind: int, values: object) -> bytes:
    if isinstance(values, bytes):
        return values
    assert isinstance(values, list)
    if kind in (RATIONAL, SIGNED_RATIONAL):
        return b"".join(struct.pack("<ii", *value) for value in values)
    return b"".join(struct.pack(_FORMATS[kind], value) for value in values)


def cameras_own(size: tuple[int, int], orientation: int = 1) -> Image.Image:
    """What a camera makes of it, told from what LibRaw makes by its colours: green at the left, yellow at the right."""
    picture = Image.new("RGB", size, (0, 160, 0))
    picture.paste((230, 220, 0), (size[0] // 2, 0, *size))
    if orientation != 1:
        picture.getexif()[0x0112] = orientation
    return picture
