"""Pictures whose files stay where they are: nothing is copied, nothing is written there, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.buckets import TrainingSize
from calotype.domain.control import Control
from calotype.domain.errors import LinkedPicturesChangedError, LinkedPicturesMissingError
from calotype.domain.imageset import CaptionedImage, Project, SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.domain.plan import TrainingPlan
from calotype.domain.readiness import FIXES, FindingKind, Fix, Readiness, ReadinessVerdict, Severity
from calotype.domain.readiness_words import finding_text, good_texts
from calotype.imagesets.pixels import open_rgb
from calotype.services import library, linked_pictures, projects, training_runs
from calotype.services.folder_changes import look_again
from calotype.services.moved_folders import follow_folder
from calotype.services.set_checks import Seen, find_readiness
from calotype.services.workspace import Workspace, close_workspace, open_workspace

LINKED = ImportOptions(is_linked=True)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return projects.create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


@pytest.fixture
def folder(workspace: Workspace, project: Project, tmp_path: Path) -> Path:
    """Pictures that would be encoded again if they were copied, and plain ones, used where they are."""
    folder = tmp_path / "cats"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    _drawn(1).save(folder / "turned.jpg", exif=exif)
    _drawn(2).convert("CMYK").save(folder / "print.tif")
    _drawn(3).save(folder / "phone.heic")
    for number in range(4, 8):
        _drawn(number).save(folder / f"plain{number}.png")
    (folder / "plain4.txt").write_text("tomcat, from beside")
    list(library.import_images(workspace, project, [folder], Control(), LINKED))
    return folder


def _drawn(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((96, 64), Image.Resampling.BICUBIC)


def _images(workspace: Workspace, project: Project) -> dict[str, CaptionedImage]:
    return {image.original_name: image for image in library.image_set(workspace, project).images}


def _contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_that_only_captions_are_written_and_only_in_the_project(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    before = _contents(folder)
    images = _images(workspace, project)

    library.set_caption(workspace, project, images["plain4.png"], "tomcat, new words")
    library.set_caption(workspace, project, images["phone.heic"], "tomcat, on the phone")

    assert _contents(folder) == before
    assert {path.suffix for path in project.images_folder.iterdir()} == {".txt"}
    again = _images(workspace, project)
    assert again["plain4.png"].caption == "tomcat, new words"
    assert images["plain4.png"].caption == "tomcat, from beside"


def test_that_pixels_are_upright_srgb_whatever_the_file_is(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    images = _images(workspace, project)

    assert {name: open_rgb(image.pixels_path).size for name, image in images.items()} == {
        name: (image.width_px, image.height_px) for name, image in images.items()
    }
    assert (images["turned.jpg"].width_px, images["turned.jpg"].height_px) == (64, 96)
    shutil.rmtree(workspace.folder.thumbnails)
    assert all(library.thumbnail(workspace, image).is_file() for image in images.values())


def test_that_the_home_page_finds_a_cover(workspace: Workspace, project: Project, folder: Path) -> None:
    (summary,) = projects.list_projects(workspace)

    assert summary.cover is not None and summary.cover.parent == folder


def test_that_removing_and_undoing_leaves_the_file_alone(workspace: Workspace, project: Project, folder: Path) -> None:
    before = _contents(folder)
    image = _images(workspace, project)["plain5.png"]
    library.set_caption(workspace, project, image, "kept words")

    item = library.remove_images(workspace, project, [image])
    assert "plain5.png" not in _images(workspace, project) and _contents(folder) == before
    library.restore_images(workspace, project, item)

    assert _images(workspace, project)["plain5.png"].caption == "kept words"
    assert _images(workspace, project)["plain5.png"].linked_to == folder / "plain5.png"


def test_that_the_drive_may_be_away_while_the_index_is_built_anew(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    shutil.move(folder, folder.with_name("away"))
    close_workspace(workspace)
    workspace.folder.database.unlink()

    opened = open_workspace(workspace.folder.root)
    found = projects.find_project(opened, "Cat")
    assert len(library.image_set(opened, found).images) == 7
    close_workspace(opened)


def test_that_training_says_which_pictures_are_missing_or_edited(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    plan = TrainingPlan("starter", project.id, step_count=1)
    (folder / "plain6.png").rename(folder.with_name("elsewhere.png"))

    with pytest.raises(LinkedPicturesMissingError, match=r"have gone: 1, the first of them .*plain6\.png\. Connect"):
        next(training_runs.start(workspace, project, plan, Control()))

    shutil.copyfile(folder / "plain7.png", folder / "plain6.png")
    with pytest.raises(LinkedPicturesChangedError, match=r"were edited: 1, the first of them .*plain6\.png\. Press"):
        next(training_runs.start(workspace, project, plan, Control()))

    folder.with_name("elsewhere.png").replace(folder / "plain6.png")
    os.utime(folder / "plain6.png", ns=(5, 5))  # another date, the same picture
    linked_pictures.require_present(library.image_set(workspace, project))


def test_that_files_that_are_gone_are_named_and_block_until_they_are_back(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    images = _images(workspace, project)
    gone = {images["plain5.png"].content_hash, images["turned.jpg"].content_hash}
    size = TrainingSize(64)

    def judged() -> Readiness:
        return find_readiness(workspace, library.image_set(workspace, project), size, Seen())

    assert judged().missing == frozenset() and judged().verdict is not ReadinessVerdict.NOT_YET
    for name in ("plain5.png", "turned.jpg"):
        (folder / name).rename(folder.with_name(name))
    readiness = judged()
    assert readiness.missing == gone and readiness.verdict is ReadinessVerdict.NOT_YET
    (found,) = [finding for finding in readiness.findings if finding.kind is FindingKind.FILE_GONE]
    assert (found.images, found.severity, FIXES[found.kind]) == (gone, Severity.BLOCKS, (Fix.LOOK_AGAIN, Fix.REMOVE))
    assert finding_text(found) == "The files of 2 pictures are gone."
    assert good_texts(readiness)[0].startswith("5 usable pictures")

    for name in ("plain5.png", "turned.jpg"):
        folder.with_name(name).rename(folder / name)
    assert judged().missing == frozenset()


def test_that_a_folder_that_may_not_be_listed_is_asked_for_each_file(
    workspace: Workspace, project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "plain6.png").unlink()
    pictures = library.image_set(workspace, project)

    def refusing(path: str | Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refusing)

    names = {image.content_hash: image.original_name for image in pictures.images}
    assert [names[key] for key in linked_pictures.find_missing(pictures)] == ["plain6.png"]


def test_that_a_folder_that_is_away_takes_all_its_pictures_with_it_and_no_copies(
    workspace: Workspace, project: Project, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _drawn(30).save(tmp_path / "copied.png")
    list(library.import_images(workspace, project, [tmp_path / "copied.png"], Control()))
    folder.rename(folder.with_name("away"))

    pictures = library.image_set(workspace, project)
    with monkeypatch.context() as patched:
        patched.delattr(Path, "is_file")  # asking for 100,000 files of a server that is away would take for ever
        missing = linked_pictures.find_missing(pictures)

    names = {name for name, image in _images(workspace, project).items() if image.content_hash in missing}
    assert names == set(_images(workspace, project)) - {"copied.png"}


def test_that_moved_files_are_found_again_by_their_pixels(
    workspace: Workspace, project: Project, folder: Path, tmp_path: Path
) -> None:
    before = _images(workspace, project)
    new_place = tmp_path / "new drive" / "sorted"
    new_place.parent.mkdir()
    shutil.move(folder, new_place)
    (new_place / "plain7.png").rename(new_place / "another name.png")
    shutil.copyfile(new_place / "plain4.png", new_place / "plain5.png")  # the right name, the wrong picture

    hashes = [image.content_hash for image in before.values()]
    count = linked_pictures.find_again(workspace, project, hashes, tmp_path / "new drive")

    images = _images(workspace, project)
    assert count == 6
    assert images["plain7.png"].linked_to == new_place / "another name.png"
    assert images["plain5.png"].linked_to == folder / "plain5.png"  # still missing, still known
    assert {name: image.caption for name, image in images.items()} == {n: i.caption for n, i in before.items()}


def test_that_a_whole_folder_is_followed_to_its_new_place(
    workspace: Workspace, project: Project, folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "new drive"
    shutil.move(folder, moved)
    (tmp_path / "something else").mkdir()

    assert not follow_folder(workspace, project, folder, tmp_path / "something else")
    assert follow_folder(workspace, project, folder, moved)

    assert {image.pixels_path.parent for image in library.image_set(workspace, project).images} == {moved}
    assert look_again(workspace, project).is_nothing


def test_that_pictures_that_are_no_files_of_their_own_are_copied(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    _drawn(20).save(tmp_path / "in" / "zipped.png")
    archive = Path(shutil.make_archive(str(tmp_path / "set"), "zip", tmp_path / "in"))

    list(library.import_images(workspace, project, [archive], Control(), LINKED))

    (image,) = library.image_set(workspace, project).images
    assert image.linked_to is None and image.path.is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_that_a_name_that_cannot_be_written_down_is_copied(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    _drawn(21).save(path, "PNG")

    list(library.import_images(workspace, project, [path], Control(), LINKED))

    (image,) = library.image_set(workspace, project).images
    assert image.linked_to is None and image.path.is_file()


@pytest.fixture(autouse=True)
def _heif() -> Iterator[None]:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    yield
