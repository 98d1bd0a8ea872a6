"""Pictures arrive upright and in every format, also from files that nobody copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from digital_negative import cameras_own, digital_negative
from PIL import Image
from pytestqt.qtbot import QtBot

from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader


@pytest.fixture(autouse=True)
def _heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def _load(path: Path, qtbot: QtBot) -> tuple[int, int]:
    loader = ThumbnailLoader(64)
    with qtbot.waitSignal(loader.ready):
        loader.pixmap("key", lambda: path)
    picture = loader.pixmap("key", lambda: path)
    assert picture is not None
    loader.deleteLater()
    return picture.width(), picture.height()


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.heic", "a.tif"])
def test_that_a_picture_of_any_format_is_shown(tmp_path: Path, qtbot: QtBot, name: str) -> None:
    picture = Image.new("CMYK" if name.endswith("tif") else "RGB", (300, 200))
    picture.save(tmp_path / name)

    width, height = _load(tmp_path / name, qtbot)

    assert height >= 60 and abs(width / height - 1.5) < 0.05


def test_that_a_picture_that_lies_on_its_side_is_turned(tmp_path: Path, qtbot: QtBot) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 200)).save(tmp_path / "side.jpg", exif=exif)

    width, height = _load(tmp_path / "side.jpg", qtbot)

    assert width < height


def test_that_of_a_cameras_raw_file_the_whole_picture_is_shown_and_not_the_tiny_one(
    tmp_path: Path, qtbot: QtBot
) -> None:
    pytest.importorskip("rawpy")
    (tmp_path / "a.dng").write_bytes(digital_negative(640, 480, preview=cameras_own((32, 24)), is_jpeg=False))

    width, height = _load(tmp_path / "a.dng", qtbot)

    assert height >= 60 and abs(width / height - 4 / 3) < 0.05


def test_that_a_file_that_is_gone_gives_an_empty_picture(tmp_path: Path, qtbot: QtBot) -> None:
    assert _load(tmp_path / "gone.heic", qtbot) == (0, 0)
