"""Whatever is dropped, each bad thing gives one sentence, the rest goes on, and nothing is lost."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from full_disk import FilesLimitedTo
from noise_pictures import bring_in, noise_file, noise_picture, reasons_by_name
from PIL import Image

from calotype.domain.errors import DiskFullError, FolderNotWritableError, ProjectBusyError, ProjectNotFoundError
from calotype.domain.events import ImageAccepted, ImportFinished
from calotype.domain.imageset import Project, SubjectKind
from calotype.services.library import image_set, remove_images, set_caption
from calotype.services.projects import create_project, create_sample_project
from calotype.services.sides import without_side
from calotype.services.workspace import Workspace, close_workspace, open_workspace

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="a posix system is needed")


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _bomb() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")


def test_that_bad_files_are_refused_one_by_one_and_the_good_ones_come_in(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    good = noise_file(folder / "good.jpg", 1)
    noise_picture(2).convert("CMYK").save(folder / "print.jpg")
    Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 15).save(folder / "deep.png")
    noise_picture(3).save(folder / "moving.gif", save_all=True, append_images=[noise_picture(4)])
    (folder / "really a png.jpg").write_bytes(noise_file(tmp_path / "x.png", 5).read_bytes())
    (folder / "half.jpg").write_bytes(good.read_bytes()[:700])
    (folder / "zero.png").write_bytes(b"")
    (folder / "text.png").write_text("I am a text")
    (folder / "bomb.png").write_bytes(_bomb())
    (folder / "movie.mp4").write_bytes(os.urandom(5000))

    events = bring_in(workspace, project, folder)

    refused = reasons_by_name(events)
    assert set(refused) == {"half.jpg", "zero.png", "text.png", "bomb.png", "movie.mp4"}
    assert all(reason.startswith(name) and reason.endswith(".") for name, reason in refused.items())
    assert "the file is empty" in refused["zero.png"] and "ends too early" in refused["half.jpg"]
    assert "2500 megapixels" in refused["bomb.png"] and "not a picture" in refused["text.png"]
    assert events[-1] == ImportFinished(accepted=5, duplicates=0, refused=5, was_stopped=False)


def test_that_a_missing_path_is_refused(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    events = bring_in(workspace, project, tmp_path / "gone.png", noise_file(tmp_path / "a.png"))

    assert "could not be opened" in reasons_by_name(events)["gone.png"]
    assert len(image_set(workspace, project).images) == 1


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_that_an_unreadable_folder_is_named(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    noise_file(tmp_path / "drop" / "locked" / "a.png").parent.chmod(0)
    noise_file(tmp_path / "drop" / "b.png", 2)

    events = bring_in(workspace, project, tmp_path / "drop")
    (tmp_path / "drop" / "locked").chmod(0o700)

    assert "could not be opened" in reasons_by_name(events)["locked"]
    assert len(image_set(workspace, project).images) == 1


def test_that_a_folder_that_cannot_be_listed_is_named_and_the_rest_goes_on(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise_file(tmp_path / "drop" / "locked" / "a.png")
    noise_file(tmp_path / "drop" / "b.png", 2)
    listed = os.scandir

    def refusing(path: str | Path = ".") -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "locked":  # root may list everything, so that a real lock cannot be tested there
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)

    events = bring_in(workspace, project, tmp_path / "drop")

    assert "Permission denied" in reasons_by_name(events)["locked"]
    assert len(image_set(workspace, project).images) == 1


@needs_posix
def test_that_a_pipe_is_not_waited_for(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")

    events = bring_in(workspace, project, tmp_path)

    assert "it is not a file" in reasons_by_name(events)["pipe.png"]


@needs_posix
def test_that_a_folder_that_links_to_itself_ends(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = noise_file(tmp_path / "drop" / "a.png").parent
    (folder / "again").symlink_to(folder)

    assert bring_in(workspace, project, folder)[-1] == ImportFinished(1, 0, 0, was_stopped=False)


def test_that_a_full_disk_ends_the_import_with_a_sentence_and_keeps_what_came_in(
    workspace: Workspace, project: Project, tmp_path: Path, files_limited_to: FilesLimitedTo
) -> None:
    for number in range(6):
        noise_file(tmp_path / "drop" / f"{number}.png", number)
    noise = np.random.default_rng(1).integers(0, 255, (900, 900, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "drop" / "7 large.png")

    with files_limited_to(1_000_000), pytest.raises(DiskFullError, match="The disk is full"):
        bring_in(workspace, project, tmp_path / "drop")

    images = image_set(workspace, project).images
    assert len(images) == 6 and {image.content_hash for image in images} <= without_side(project)
    assert not list(project.images_folder.glob("*.tmp")) and not list(project.images_folder.glob(".*.tmp"))
    again = bring_in(workspace, project, tmp_path / "drop")
    assert again[-1] == ImportFinished(accepted=1, duplicates=6, refused=0, was_stopped=False)
    assert image_set(workspace, project).held_out and not without_side(project)


def test_that_a_folder_that_cannot_be_written_ends_the_import_with_a_sentence(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    project.images_folder.rmdir()
    project.images_folder.write_text("in the way")

    with pytest.raises(FolderNotWritableError):
        bring_in(workspace, project, noise_file(tmp_path / "a.png"))


def test_that_importing_into_a_project_that_was_taken_away_says_so(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    project.folder.rename(tmp_path / "taken")

    with pytest.raises(ProjectNotFoundError):
        bring_in(workspace, project, noise_file(tmp_path / "a.png"))


def test_that_a_caption_that_cannot_be_written_says_so_and_the_old_one_stays(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    image = image_set(workspace, project).images[0]
    image.path.with_suffix(".txt").unlink()
    image.path.with_suffix(".txt").mkdir()

    with pytest.raises(FolderNotWritableError):
        set_caption(workspace, project, image, "new")

    assert image_set(workspace, project).images[0].caption == image.caption


def test_that_images_already_gone_from_the_disk_can_be_removed(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    images = image_set(workspace, project).images
    images[0].path.unlink()

    remove_images(workspace, project, images[:2])

    assert len(image_set(workspace, project).images) == 16


_OTHER_IMPORT = """
import sys
from pathlib import Path
from calotype.domain.control import Control
from calotype.domain.events import ImageAccepted
from calotype.services.library import import_images
from calotype.services.projects import find_project
from calotype.services.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
for event in import_images(workspace, find_project(workspace, "Cat"), [Path(sys.argv[2])], Control()):
    if isinstance(event, ImageAccepted):
        print("importing", flush=True)
        sys.stdin.readline()
"""


def test_that_a_second_process_waits_its_turn_and_a_killed_one_leaves_a_usable_project(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    for number in range(40):
        noise_file(tmp_path / "drop" / f"{number}.png", number)
    arguments = [sys.executable, "-c", _OTHER_IMPORT, str(workspace.folder.root), str(tmp_path / "drop")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "importing\n"

        with pytest.raises(ProjectBusyError, match="“Cat” is busy"):
            bring_in(workspace, project, tmp_path / "drop")
        other.kill()
        other.wait()
    events = bring_in(workspace, project, tmp_path / "drop")

    images = image_set(workspace, project).images
    assert len(images) == len({image.content_hash for image in images}) == 40
    assert any(isinstance(event, ImageAccepted) for event in events)
    assert 4 <= len(image_set(workspace, project).held_out) <= 8


def test_that_two_open_copies_see_each_others_pictures(workspace: Workspace, tmp_path: Path) -> None:
    project = create_sample_project(workspace)
    other = open_workspace(workspace.folder.root)

    bring_in(other, project, noise_file(tmp_path / "a.png"))

    assert len(image_set(workspace, project).images) == 19
    close_workspace(other)
