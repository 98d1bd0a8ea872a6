"""Names and captions as people and old programs left them: all come in, nothing is garbled, nothing is lost."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.events import FileRefused, ImageAccepted, ImportEvent, ImportFinished
from calotype.domain.imageset import CaptionedImage, Project, SubjectKind
from calotype.services import library
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace, close_workspace, open_workspace

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
RIGHT_TO_LEFT, WOMAN = "\u202egnp.fox", "👩\u200d🎨"


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _draw(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC).save(path, "PNG")
    return path


def _import(workspace: Workspace, project: Project, *paths: Path) -> list[ImportEvent]:
    return list(library.import_images(workspace, project, paths, Control()))


def _images(workspace: Workspace, project: Project) -> list[CaptionedImage]:
    return list(library.image_set(workspace, project).images)


def _reasons(events: list[ImportEvent]) -> list[str]:
    return [event.reason for event in events if isinstance(event, FileRefused)]


@needs_linux
def test_that_every_name_keeps_its_own_caption_also_after_the_index_is_lost(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    longest = "é" * 125 + "x.png"  # 255 bytes with its ending
    names = [
        f"{WOMAN} {RIGHT_TO_LEFT}.png",
        "two\nlines.png",
        "Fox.png",
        "fox.png",
        "FOX.PNG",
        longest,
        " .png",
        "-.png",
    ]
    folder = tmp_path / "odd"
    for seed, name in enumerate(names):
        _draw(folder / name, seed).with_suffix(".txt").write_text(f"number {seed}", encoding="utf-8")
    for name in ("Fox", "fox"):  # .PNG and .png share what lies beside them where only the ending differs
        (folder / f"{name}.txt").write_text(name)

    events = _import(workspace, project, folder)

    images = _images(workspace, project)
    assert events[-1] == ImportFinished(len(names), 0, 0, was_stopped=False)
    assert len({image.path.stem.lower() for image in images}) == len(names)
    assert {image.caption for image in images} >= {"number 0", "number 1", "Fox", "fox", "number 5"}
    assert all(image.path.name.isascii() and len(image.path.name) < 80 for image in images)
    assert all(event.name.isprintable() for event in events if isinstance(event, ImageAccepted))

    close_workspace(workspace)
    workspace.folder.database.unlink()
    opened = open_workspace(workspace.folder.root)
    assert library.image_set(opened, project).images == tuple(images)
    close_workspace(opened)


@pytest.mark.parametrize(
    ("data", "caption"),
    [
        ("tomcat, schläft".encode("utf-16"), "tomcat, schläft"),
        ("tomcat, schläft".encode("latin-1"), "tomcat, schläft"),
        ("tomcat, 眠っている".encode("shift-jis"), "tomcat, 眠っている"),
        ("tomcat, 眠っている".encode(), "tomcat, 眠っている"),
    ],
)
def test_that_captions_are_converted_and_their_files_left_as_they_were(
    workspace: Workspace, project: Project, tmp_path: Path, data: bytes, caption: str
) -> None:
    sidecar = _draw(tmp_path / "in" / "cat.png", 1).with_suffix(".txt")
    sidecar.write_bytes(data)

    events = _import(workspace, project, tmp_path / "in")

    (image,) = _images(workspace, project)
    assert (image.caption, _reasons(events)) == (caption, [])
    assert image.path.with_suffix(".txt").read_text(encoding="utf-8") == caption
    assert sidecar.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "cause"),
    [("кот спит на диване".encode("cp1251"), "its encoding cannot be told"), (b"a" * 70_000, "larger than 64 KB")],
)
def test_that_a_caption_that_cannot_be_read_is_named_and_its_picture_comes_in(
    workspace: Workspace, project: Project, tmp_path: Path, data: bytes, cause: str
) -> None:
    sidecar = _draw(tmp_path / "in" / "cat.png", 1).with_suffix(".txt")
    sidecar.write_bytes(data)

    events = _import(workspace, project, tmp_path / "in")

    (image,) = _images(workspace, project)
    assert image.caption == "tomcat"
    assert ["cat.txt" in reason and cause in reason for reason in _reasons(events)] == [True]
    assert sidecar.read_bytes() == data


def test_that_read_only_originals_make_no_read_only_project(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    picture = _draw(tmp_path / "in" / "cat.png", 1)
    picture.with_suffix(".txt").write_text("tomcat, asleep")
    for path in (picture, picture.with_suffix(".txt")):
        path.chmod(0o444)
    (tmp_path / "in").chmod(0o555)

    _import(workspace, project, tmp_path / "in")
    (tmp_path / "in").chmod(0o755)

    (image,) = _images(workspace, project)
    library.set_caption(workspace, project, image, "tomcat, awake")
    assert _images(workspace, project)[0].caption == "tomcat, awake"
    assert picture.with_suffix(".txt").read_text() == "tomcat, asleep"
    library.remove_images(workspace, project, [image])


def test_that_a_folder_that_vanishes_during_the_import_costs_only_its_rest(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "stick"
    for number in range(200):
        _draw(folder / f"{number}.png", number)

    events: list[ImportEvent] = []
    for event in library.import_images(workspace, project, [folder], Control()):
        events.append(event)
        if isinstance(event, ImageAccepted) and folder.exists():
            shutil.rmtree(folder)

    finished = events[-1]
    assert isinstance(finished, ImportFinished) and not finished.was_stopped
    assert 0 < finished.accepted < 200 and finished.accepted + finished.refused == 200
    assert all("could not be opened" in reason for reason in _reasons(events))
    assert len(_images(workspace, project)) == finished.accepted


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_that_folders_behind_links_come_in_once(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    elsewhere = _draw(tmp_path / "elsewhere" / "far.png", 1).parent
    folder = _draw(tmp_path / "in" / "near.png", 2).parent
    (folder / "link").symlink_to(elsewhere, target_is_directory=True)
    (folder / "second link").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "back").symlink_to(folder, target_is_directory=True)
    (folder / "itself").symlink_to(folder / "itself")
    (folder / "nowhere.png").symlink_to(tmp_path / "gone.png")

    events = _import(workspace, project, folder)

    assert [event.name for event in events if isinstance(event, ImageAccepted)] == ["near.png", "far.png"]
    assert events[-1] == ImportFinished(accepted=2, duplicates=0, refused=2, was_stopped=False)


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "TIFF"])
def test_that_a_palette_keeps_its_colours(
    workspace: Workspace, project: Project, tmp_path: Path, format_name: str
) -> None:
    path = tmp_path / f"palette.{format_name.lower()}"
    picture = Image.new("P", (32, 32), 3)
    picture.putpalette([0, 0, 0, 255, 255, 255, 9, 9, 9, 200, 30, 60])
    picture.save(path, format_name)

    _import(workspace, project, path)

    (image,) = _images(workspace, project)
    with Image.open(image.path) as kept:
        assert kept.convert("RGB").getpixel((5, 5)) == (200, 30, 60)


def test_that_broken_exif_and_profile_are_no_reason_to_refuse(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    whole = Image.open(_draw(tmp_path / "whole.png", 5))
    whole.save(tmp_path / "exif.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\x12" * 40)
    whole.save(tmp_path / "profile.jpg", icc_profile=b"no profile" * 20)

    events = _import(workspace, project, tmp_path / "exif.jpg", tmp_path / "profile.jpg")

    (finished,) = [event for event in events if isinstance(event, ImportFinished)]
    assert (finished.accepted + finished.duplicates, finished.refused) == (2, 0)
