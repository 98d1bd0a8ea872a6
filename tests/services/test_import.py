"""Pictures come into a project from files, folders, zips and the clipboard."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from noise_pictures import bring_in, noise_folder, noise_picture
from PIL import Image

from calotype.domain.control import Control, Stop
from calotype.domain.errors import NoUsableImagesError
from calotype.domain.events import (
    DuplicateSkipped,
    ImageAccepted,
    ImportEvent,
    ImportFinished,
    ImportStarted,
)
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.domain.import_options import NamedPicture
from calotype.imagesets.pixels import load_upright
from calotype.imagesets.project_folder import caption_path
from calotype.services import image_import
from calotype.services.library import (
    image_set,
    import_images,
    import_pictures,
    set_splits,
)
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

SAMPLE = Path(str(files("calotype_resources"))) / "sample"


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def test_that_a_folder_is_imported_in_the_order_in_which_people_count(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    events = bring_in(workspace, project, noise_folder(tmp_path, 12))

    assert events[0] == ImportStarted(12)
    assert [event.name for event in events if isinstance(event, ImageAccepted)] == [f"cat{n}.png" for n in range(12)]
    assert events[-1] == ImportFinished(accepted=12, duplicates=0, refused=0, was_stopped=False)


def test_that_what_is_reported_is_on_disk_and_in_the_index(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    for event in import_images(workspace, project, [noise_folder(tmp_path, 5)], Control()):
        if isinstance(event, ImageAccepted):
            assert event.path.is_file()
            assert event.path in {image.path for image in image_set(workspace, project).images}


def test_that_plain_files_are_copied_byte_for_byte_and_the_originals_untouched(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = noise_folder(tmp_path, 1)
    before = (folder / "cat0.png").read_bytes(), (folder / "cat0.png").stat().st_mtime_ns

    bring_in(workspace, project, folder)

    (image,) = image_set(workspace, project).images
    assert image.path.read_bytes() == before[0]
    assert ((folder / "cat0.png").read_bytes(), (folder / "cat0.png").stat().st_mtime_ns) == before


def test_that_other_files_are_encoded_again_upright_and_lossless_when_they_were(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    noise_picture(1, 1200).resize((1200, 900)).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    noise_picture(2).save(tmp_path / "scan.tif")

    bring_in(workspace, project, tmp_path / "turned.jpg", tmp_path / "scan.tif")

    turned, scan = image_set(workspace, project).images
    assert (turned.width_px, turned.height_px, turned.path.suffix) == (900, 1200, ".jpg")
    assert not load_upright(turned.path).was_turned and load_upright(turned.path).is_plain
    assert scan.path.suffix == ".png"
    assert np.array_equal(np.asarray(load_upright(scan.path).pixels), np.asarray(noise_picture(2)))


def test_that_captions_come_from_sidecars_or_the_trigger_word(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = noise_folder(tmp_path, 4)
    (folder / "cat0.txt").write_bytes("tomcat, häuser\r\nsecond line\r\n".encode())
    (folder / "cat1.txt").write_bytes("caf\xe9".encode("latin-1"))
    (folder / "cat2.txt").write_text("")

    bring_in(workspace, project, folder)

    captions = [image.caption for image in image_set(workspace, project).images]
    assert captions == ["tomcat, häuser\nsecond line", "café", "tomcat", "tomcat"]


def test_that_a_zip_brings_its_captions_along(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(SAMPLE.glob("zorbi-0[1-4].*")):
            archive.write(path, f"10_zorbi creature/{path.name}")

    bring_in(workspace, project, tmp_path / "set.zip")

    images = image_set(workspace, project).images
    assert [image.original_name for image in images] == [f"zorbi-0{n}.png" for n in range(1, 5)]
    assert images[0].caption == "zorbi, 3d render, standing, white background"


def test_that_exact_duplicates_are_skipped_and_named(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = noise_folder(tmp_path, 4)
    noise_picture(2).save(folder / "copy of 2.webp", lossless=True)
    bring_in(workspace, project, folder)

    events = bring_in(workspace, project, folder, folder / "cat1.png")

    skipped = [event for event in events if isinstance(event, DuplicateSkipped)]
    assert events[-1] == ImportFinished(accepted=0, duplicates=6, refused=0, was_stopped=False)
    assert {event.same_as for event in skipped if event.name.startswith("copy")} <= {"cat2.png", "copy of 2.webp"}
    assert len(list(project.images_folder.glob("*.png"))) + len(list(project.images_folder.glob("*.webp"))) == 4


@pytest.mark.parametrize("batch_size", [1, 32], ids=["that is recorded", "that is not recorded yet"])
def test_that_the_caption_beside_a_duplicate_goes_to_the_picture_without_one(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    monkeypatch.setattr(image_import, "BATCH_SIZE", batch_size)
    folder = noise_folder(tmp_path, 3)
    shutil.copy(folder / "cat1.png", folder / "cat copy.png")
    shutil.copy(folder / "cat2.png", folder / "cat3.png")
    (folder / "cat copy.txt").write_bytes("tomcat, weiß".encode("latin-1"))
    (folder / "cat2.txt").write_text("tomcat, black")
    (folder / "cat3.txt").write_text("tomcat, another one")

    events = bring_in(workspace, project, folder)

    images = {image.original_name: image for image in image_set(workspace, project).images}
    beside = {name: caption_path(image.path).read_text(encoding="utf-8") for name, image in images.items()}
    assert {name: image.caption for name, image in images.items()} == beside
    assert beside == {"cat0.png": "tomcat", "cat1.png": "tomcat, weiß", "cat2.png": "tomcat, black"}
    told = [event.captioned for event in events if isinstance(event, DuplicateSkipped)]
    assert told == ["", images["cat1.png"].content_hash]


def test_that_pictures_of_one_name_do_not_share_a_caption(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    for number, name in enumerate(["a/cat.png", "b/cat.png", "c/cat.jpg", "c/CAT.webp"]):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        noise_picture(number).save(path)
        path.with_suffix(".txt").write_text(f"in {name}")

    bring_in(workspace, project, *(tmp_path / letter for letter in "abc"))

    images = image_set(workspace, project).images
    assert len({image.path.stem.lower() for image in images}) == 4
    assert sorted(image.caption for image in images)[:2] == ["in a/cat.png", "in b/cat.png"]


def test_that_adding_pictures_keeps_the_earlier_split(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = noise_folder(tmp_path, 30)
    bring_in(workspace, project, *sorted(folder.iterdir())[:12])
    before = {image.content_hash: image.split for image in image_set(workspace, project).images}

    bring_in(workspace, project, folder)

    after = {image.content_hash: image.split for image in image_set(workspace, project).images}
    assert {content_hash: after[content_hash] for content_hash in before} == before
    assert 3 <= list(after.values()).count(Split.VALIDATION) <= 6


def test_that_what_is_chosen_while_pictures_come_in_stays(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = noise_folder(tmp_path, 40)
    bring_in(workspace, project, *sorted(folder.glob("cat[0-9].png")))
    before = image_set(workspace, project)

    events = import_images(workspace, project, [folder], Control())
    first = next(event for event in events if isinstance(event, ImageAccepted))
    chosen = {
        before.training[0].content_hash: Split.VALIDATION,
        before.held_out[0].content_hash: Split.TRAINING,
        first.content_hash: Split.VALIDATION,
    }
    set_splits(workspace, project, chosen)
    list(events)

    after = {image.content_hash: image.split for image in image_set(workspace, project).images}
    assert {content_hash: after[content_hash] for content_hash in chosen} == chosen


def test_that_a_stopped_import_keeps_what_it_had(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    control = Control()
    events: list[ImportEvent] = []

    for event in import_images(workspace, project, [noise_folder(tmp_path, 60)], control):
        events.append(event)
        if isinstance(event, ImageAccepted):
            control.send(Stop())

    finished = events[-1]
    assert isinstance(finished, ImportFinished) and finished.was_stopped
    assert 0 < finished.accepted < 60
    assert len(image_set(workspace, project).images) == finished.accepted
    assert image_set(workspace, project).held_out


def test_that_an_import_that_is_stopped_while_it_lists_ends_at_once(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    control = Control()
    control.send(Stop())

    events = list(import_images(workspace, project, [noise_folder(tmp_path, 9)], control))

    assert events == [ImportStarted(0), ImportFinished(0, 0, 0, was_stopped=True)]


def test_that_an_import_that_nobody_listens_to_any_more_is_recorded(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    importing = import_images(workspace, project, [noise_folder(tmp_path, 50)], Control())
    assert any(isinstance(event, ImageAccepted) for event in importing)

    importing.close()  # type: ignore[attr-defined]

    on_disk = {path.name for path in project.images_folder.glob("*.png")}
    assert {image.path.name for image in image_set(workspace, project).images} == on_disk
    assert len(json.loads((project.folder / "set.json").read_text())["images"]) == len(on_disk)


def test_that_a_pasted_picture_is_imported(workspace: Workspace, project: Project) -> None:
    buffer = io.BytesIO()
    noise_picture(1).save(buffer, "PNG")

    events = list(import_pictures(workspace, project, [NamedPicture("Pasted picture.png", buffer.getvalue())]))

    assert events[-1] == ImportFinished(accepted=1, duplicates=0, refused=0, was_stopped=False)
    assert image_set(workspace, project).images[0].original_name == "Pasted picture.png"


def test_that_dropping_nothing_that_could_be_a_picture_says_so(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no picture")

    with pytest.raises(NoUsableImagesError):
        bring_in(workspace, project, tmp_path / "empty", tmp_path / "notes.txt")


def test_that_pictures_copied_into_the_project_by_hand_are_taken_in_with_the_next_import(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = noise_folder(tmp_path, 8)
    (project.images_folder / "by hand.png").write_bytes((folder / "cat3.png").read_bytes())
    (project.images_folder / "by hand.txt").write_text("tomcat, copied by hand")

    events = bring_in(workspace, project, folder)

    images = image_set(workspace, project).images
    assert (images[0].path.name, images[0].caption) == ("by hand.png", "tomcat, copied by hand")
    assert DuplicateSkipped(name="cat3.png", same_as="by hand.png") in events
    assert len(images) == 8 and len(list(project.images_folder.glob("*.png"))) == 8
