"""Names and neighbours that only a file system thinks of: bytes that are no text, newlines, pipes, endless captions."""

from __future__ import annotations

import os
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.events import FileRefused, ImageAccepted, ImportEvent
from calotype.domain.imageset import Project, SubjectKind
from calotype.imagesets.dropped import open_sources
from calotype.imagesets.sources import Source
from calotype.services.library import image_set, import_images
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _good(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC).save(path, "PNG")
    return path


def _import(workspace: Workspace, project: Project, *paths: Path) -> list[ImportEvent]:
    return list(import_images(workspace, project, paths, Control()))


@needs_linux
def test_that_a_name_that_is_no_text_is_shown_as_far_as_it_is(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for seed, name in enumerate((b"caf\xe9.png", b"two\nlines.png")):
        _good(folder / os.fsdecode(name), seed)
    (folder / os.fsdecode(b"torn\xff.png")).write_bytes(b"\x89PNG")

    events = _import(workspace, project, folder)

    names = {event.name for event in events if isinstance(event, ImageAccepted)}
    (refused,) = [event for event in events if isinstance(event, FileRefused)]
    assert names == {"caf\N{REPLACEMENT CHARACTER}.png", "two lines.png"}
    assert refused.reason.startswith("torn\N{REPLACEMENT CHARACTER}.png was left out")
    assert {image.original_name for image in image_set(workspace, project).images} == names


def test_that_a_name_in_a_zip_stays_in_its_line(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("two\nlines.png", _good(tmp_path / "a.png", 1).read_bytes())

    events = _import(workspace, project, tmp_path / "odd.zip")

    assert [event.name for event in events if isinstance(event, ImageAccepted)] == ["odd.zip/two lines.png"]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.write_bytes(b"a" * 70_000)


@pytest.mark.skipif("__import__('os').name == 'nt'", reason="Windows has no such files")
@pytest.mark.parametrize("make", [_pipe, _endless])
def test_that_a_caption_that_is_none_is_not_read(
    workspace: Workspace, project: Project, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "cat.txt")

    _import(workspace, project, _good(tmp_path / "cat.png", 1))

    assert [image.caption for image in image_set(workspace, project).images] == ["tomcat"]


@pytest.mark.skipif("__import__('os').name == 'nt'", reason="Windows has no such files")
def test_that_a_pipe_called_zip_does_not_stop_the_import(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = _good(tmp_path / "in" / "c.png", 1).parent
    _pipe(folder / "b.zip")

    events = _import(workspace, project, folder)

    assert [event.name for event in events if isinstance(event, FileRefused)] == ["b.zip"]
    assert [event.name for event in events if isinstance(event, ImageAccepted)] == ["c.png"]


def test_that_a_folder_with_50_000_files_is_listed_in_order_and_in_a_moment(tmp_path: Path) -> None:
    for number in range(50_000):
        os.close(os.open(tmp_path / f"{number}.png", os.O_CREAT))
    (tmp_path / "7.txt").write_text("tomcat, asleep")
    began = time.process_time()

    with open_sources([tmp_path]) as found:
        sources = [source for source in found if isinstance(source, Source)]

    assert [source.name for source in sources] == [f"{number}.png" for number in range(50_000)]
    assert sources[7].read_caption() == "tomcat, asleep" and sources[8].read_caption() is None
    assert time.process_time() - began < 20  # it takes about one; what grows with the square of it would take minutes
