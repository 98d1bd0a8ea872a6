"""Raw files of cameras: the camera's own picture, or developed; upright, and never mistaken for a tiny TIFF."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import UnreadableImageError
from calotype.domain.imageset import SubjectKind
from calotype.imagesets.pixels import read_upright
from calotype.services import library
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

SHORT, LONG, RATIONAL, SIGNED_RATIONAL, BYTE, ASCII = 3, 4, 5, 10, 1, 2
_FORMATS = {SHORT: "<H", LONG: "<I", BYTE: "<B"}


def _dng(width_px: int, height_px: int, orientation: int = 1) -> bytes:
    """A digital negative, by Adobe's specification: a red half at the left, a blue one at the right."""
    pixels = np.zeros((height_px, width_px), np.uint16)
    pixels[0::2, 0::2] = 400  # red, green, blue of a Bayer pattern
    pixels[1::2, 1::2] = 400
    pixels[0::2, 0 : width_px // 2 : 2] = 40_000
    pixels[1::2, width_px // 2 + 1 :: 2] = 40_000
    pixels[0::2, 1::2] = pixels[1::2, 0::2] = 3000
    matrix = [(v, 10_000) for v in (32404, -15371, -4985, -9692, 18760, 415, 556, -2040, 10572)]
    entries = [
        (254, LONG, [0]),
        (256, LONG, [width_px]),
        (257, LONG, [height_px]),
        (258, SHORT, [16]),
        (259, SHORT, [1]),
        (262, SHORT, [32803]),
        (271, ASCII, b"Testmaker\0"),
        (272, ASCII, b"Box\0"),
        (273, LONG, [0]),
        (274, SHORT, [orientation]),
        (277, SHORT, [1]),
        (278, LONG, [height_px]),
        (279, LONG, [pixels.nbytes]),
        (33421, SHORT, [2, 2]),
        (33422, BYTE, [0, 1, 1, 2]),
        (50706, BYTE, [1, 4, 0, 0]),
        (50708, ASCII, b"Testmaker Box\0"),
        (50714, SHORT, [0]),
        (50717, LONG, [65535]),
        (50721, SIGNED_RATIONAL, matrix),
        (50728, RATIONAL, [(1, 1), (1, 1), (1, 1)]),
        (50778, SHORT, [21]),
    ]
    return _tiff(entries, pixels.tobytes())


def _tiff(entries: list[tuple[int, int, object]], strip: bytes) -> bytes:
    start = 8 + 2 + 12 * len(entries) + 4
    extra = b""
    table = struct.pack("<H", len(entries))
    packed = {tag: _packed(kind, values) for tag, kind, values in entries}
    strip_at = start + sum(len(data) + len(data) % 2 for data in packed.values() if len(data) > 4)
    packed[273] = struct.pack("<I", strip_at)
    for tag, kind, values in entries:
        data = packed[tag]
        count = len(values) if isinstance(values, list | bytes) else 1
        if len(data) > 4:
            place, extra = struct.pack("<I", start + len(extra)), extra + data + b"\0" * (len(data) % 2)
        else:
            place = data.ljust(4, b"\0")
        table += struct.pack("<HHI", tag, kind, count) + place
    return struct.pack("<2sHI", b"II", 42, 8) + table + struct.pack("<I", 0) + extra + strip


def _packed(kind: int, values: object) -> bytes:
    if isinstance(values, bytes):
        return values
    assert isinstance(values, list)
    if kind in (RATIONAL, SIGNED_RATIONAL):
        return b"".join(struct.pack("<ii", *value) for value in values)
    return b"".join(struct.pack(_FORMATS[kind], value) for value in values)


def _left_and_right(data: bytes, name: str) -> tuple[tuple[int, int], str, str]:
    picture = read_upright(data, name).pixels
    width_px, height_px = picture.size
    colours = [
        picture.getpixel(place) for place in ((width_px // 5, height_px // 2), (4 * width_px // 5, height_px // 2))
    ]
    return picture.size, *("red" if colour[0] > colour[2] else "blue" for colour in colours)  # type: ignore[index,return-value,operator]


def test_that_a_raw_file_is_developed_in_its_colours() -> None:
    pytest.importorskip("rawpy")

    assert _left_and_right(_dng(640, 480), "IMG_1.DNG") == ((640, 480), "red", "blue")


def test_that_a_large_sensor_is_developed_at_half_its_size() -> None:
    pytest.importorskip("rawpy")

    assert _left_and_right(_dng(3600, 2400), "IMG_1.dng") == ((1800, 1200), "red", "blue")


def test_that_a_raw_file_is_turned_upright() -> None:
    pytest.importorskip("rawpy")

    picture = read_upright(_dng(640, 480, orientation=6), "IMG_1.dng").pixels

    assert picture.size == (480, 640)
    top, bottom = picture.getpixel((240, 120)), picture.getpixel((240, 520))
    assert top[0] > top[2] and bottom[2] > bottom[0]  # type: ignore[index,operator]


def test_that_a_raw_file_becomes_a_picture_of_the_project(workspace: Workspace, tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    project = create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")
    (tmp_path / "IMG_1.dng").write_bytes(_dng(640, 480))

    list(library.import_images(workspace, project, [tmp_path / "IMG_1.dng"], Control()))

    (image,) = library.image_set(workspace, project).images
    with Image.open(image.path) as kept:
        assert (image.path.suffix, kept.size) == (".png", (640, 480))


@pytest.mark.parametrize("data", [b"II*\0" + b"\xff" * 200, b"no raw file at all", _dng(640, 480)[:900]])
def test_that_a_damaged_raw_file_is_refused(data: bytes) -> None:
    pytest.importorskip("rawpy")

    with pytest.raises(UnreadableImageError):
        read_upright(data, "IMG_1.dng")


def test_that_without_the_extra_part_a_raw_file_is_no_tiny_tiff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    buffer = io.BytesIO()
    Image.new("RGB", (160, 120), "red").save(buffer, "TIFF")

    with pytest.raises(UnreadableImageError, match=r"pip install calotype\[raw\]"):
        read_upright(buffer.getvalue(), "DSC_0001.NEF")
