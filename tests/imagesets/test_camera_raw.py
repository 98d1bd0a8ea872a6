"""Raw files of cameras: the camera's own picture, or developed; upright, and never mistaken for a tiny TIFF."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from digital_negative import cameras_own, digital_negative
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import UnreadableImageError
from calotype.domain.imageset import SubjectKind
from calotype.imagesets.pixels import read_upright
from calotype.services import library
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace


def _left_and_right(data: bytes, name: str) -> tuple[tuple[int, int], str, str]:
    picture = read_upright(data, name).pixels
    width_px, height_px = picture.size
    colours = [
        picture.getpixel(place) for place in ((width_px // 5, height_px // 2), (4 * width_px // 5, height_px // 2))
    ]
    return picture.size, *("red" if colour[0] > colour[2] else "blue" for colour in colours)  # type: ignore[index,return-value,operator]


def test_that_a_raw_file_is_developed_in_its_colours() -> None:
    pytest.importorskip("rawpy")

    assert _left_and_right(digital_negative(640, 480), "IMG_1.DNG") == ((640, 480), "red", "blue")


def test_that_a_large_sensor_is_developed_at_half_its_size() -> None:
    pytest.importorskip("rawpy")

    assert _left_and_right(digital_negative(3600, 2400), "IMG_1.dng") == ((1800, 1200), "red", "blue")


def test_that_a_raw_file_is_turned_upright() -> None:
    pytest.importorskip("rawpy")

    picture = read_upright(digital_negative(640, 480, orientation=6), "IMG_1.dng").pixels

    assert picture.size == (480, 640)
    top, bottom = picture.getpixel((240, 120)), picture.getpixel((240, 520))
    assert top[0] > top[2] and bottom[2] > bottom[0]  # type: ignore[index,operator]


def test_that_a_raw_file_becomes_a_picture_of_the_project(workspace: Workspace, tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    project = create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")
    (tmp_path / "IMG_1.dng").write_bytes(digital_negative(640, 480))

    list(library.import_images(workspace, project, [tmp_path / "IMG_1.dng"], Control()))

    (image,) = library.image_set(workspace, project).images
    with Image.open(image.path) as kept:
        assert (image.path.suffix, kept.size) == (".png", (640, 480))


def _colours_in(picture: Image.Image, *places: tuple[float, float]) -> list[str]:
    names = {(0, 160, 0): "green", (230, 220, 0): "yellow"}
    at = [picture.getpixel((round(x * picture.width), round(y * picture.height))) for x, y in places]
    return [
        next((n for c, n in names.items() if max(abs(a - b) for a, b in zip(c, p, strict=True)) < 12), "else")  # type: ignore[arg-type]
        for p in at
    ]


def test_that_the_cameras_own_picture_is_taken_if_it_is_large() -> None:
    pytest.importorskip("rawpy")
    data = digital_negative(2000, 1400, preview=cameras_own((1800, 1260)))

    picture = read_upright(data, "IMG_1.dng").pixels

    assert picture.size == (1800, 1260)
    assert _colours_in(picture, (0.2, 0.5), (0.8, 0.5)) == ["green", "yellow"]


def test_that_of_a_small_sensor_the_whole_preview_is_large_enough() -> None:
    pytest.importorskip("rawpy")

    picture = read_upright(digital_negative(640, 480, preview=cameras_own((640, 480))), "IMG_1.dng").pixels

    assert _colours_in(picture, (0.2, 0.5), (0.8, 0.5)) == ["green", "yellow"]


def test_that_a_small_preview_is_passed_over_and_the_sensor_developed() -> None:
    pytest.importorskip("rawpy")

    assert _left_and_right(digital_negative(640, 480, preview=cameras_own((160, 120))), "a.dng") == (
        (640, 480),
        "red",
        "blue",
    )


@pytest.mark.parametrize("is_told", [False, True])
def test_that_the_cameras_own_picture_is_turned_once(is_told: bool) -> None:
    pytest.importorskip("rawpy")
    preview = cameras_own((1800, 1260), 6 if is_told else 1)

    picture = read_upright(digital_negative(2000, 1400, orientation=6, preview=preview), "IMG_1.dng").pixels

    assert picture.size == (1260, 1800)
    assert _colours_in(picture, (0.5, 0.2), (0.5, 0.8)) == ["green", "yellow"]  # what was left is up


def test_that_a_damaged_preview_is_passed_over_and_the_sensor_developed() -> None:
    pytest.importorskip("rawpy")
    data = digital_negative(640, 480, preview=cameras_own((640, 480)))
    jpeg_at = data.index(b"\xff\xd8\xff")
    broken = data[: jpeg_at + 2] + b"\0" * 200 + data[jpeg_at + 202 :]

    assert _left_and_right(broken, "IMG_1.dng") == ((640, 480), "red", "blue")


@pytest.mark.parametrize("data", [b"II*\0" + b"\xff" * 200, b"no raw file at all", digital_negative(640, 480)[:900]])
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
