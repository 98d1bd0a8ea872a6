"""When and with what a photograph was taken is read from the file, and nonsense there is no reason to refuse one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from calotype.domain.control import Control
from calotype.domain.imageset import SubjectKind
from calotype.imagesets.capture import NOT_KNOWN, Capture
from calotype.imagesets.pixels import read_upright
from calotype.services.library import image_set, import_images
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace, close_workspace, open_workspace


def _exif(
    date: object = "2026:03:04 10:11:12", fraction: object = "25", make: str = "Maker", turn: int = 1
) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = make
    exif[ExifTags.Base.Model] = "Model 5\0"
    exif[ExifTags.Base.Orientation] = turn
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = date
    details[ExifTags.Base.SubsecTimeOriginal] = fraction
    return exif


def _file(format_name: str, exif: Image.Exif | bytes) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 120, 150)).save(buffer, format_name, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_that_moment_and_camera_are_read(format_name: str) -> None:
    capture = read_upright(_file(format_name, _exif()), "one").capture

    assert capture == Capture(1772619072.25, "Maker Model 5")


def test_that_a_phone_picture_tells_its_moment() -> None:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48))).save(buffer, exif=_exif().tobytes())

    assert read_upright(buffer.getvalue(), "one.heic").capture == Capture(1772619072.25, "Maker Model 5")


@pytest.mark.parametrize("date", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", "9999:99:99 99:99:99", ""])
def test_that_a_date_that_is_none_is_not_known(date: str) -> None:
    assert read_upright(_file("JPEG", _exif(date=date)), "one").capture.taken_at is None


def test_that_a_fraction_that_is_none_counts_for_nothing() -> None:
    assert read_upright(_file("JPEG", _exif(fraction="²x")), "one").capture.taken_at == 1772619072.0


def test_that_a_file_that_tells_nothing_is_read() -> None:
    assert read_upright(_file("PNG", b""), "one").capture == NOT_KNOWN


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_that_a_damaged_block_is_not_known() -> None:
    whole = bytearray(_exif().tobytes())
    for place in range(14, len(whole)):
        whole[place] ^= 0x5A

    assert read_upright(_file("JPEG", bytes(whole)), "one").capture.taken_at is None


def test_that_it_is_kept_for_turned_pictures_and_without_the_index(workspace: Workspace, tmp_path: Path) -> None:
    project = create_project(workspace, "Mug", SubjectKind.PRODUCT, "mug")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "turned.jpg").write_bytes(_file("JPEG", _exif(turn=6)))
    list(import_images(workspace, project, [folder], Control()))
    known = image_set(workspace, project).images

    close_workspace(workspace)
    workspace.folder.database.unlink()
    reopened = open_workspace(workspace.folder.root)
    try:
        again = image_set(reopened, project).images
    finally:
        close_workspace(reopened)

    assert [(image.taken_at, image.camera) for image in known] == [(1772619072.25, "Maker Model 5")]
    assert again == known
