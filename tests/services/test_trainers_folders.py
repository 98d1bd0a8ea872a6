"""Folders that were made for other trainers come in as they were meant: repeats, masks, tables, sides, captions."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from calotype.domain.control import Control
from calotype.domain.events import FileRefused, ImageAccepted, ImportEvent, ImportFinished, ImportStarted
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.domain.import_options import CaptionChoice, ImportOptions
from calotype.imagesets.masks import mask_path
from calotype.services.folder_changes import look_again
from calotype.services.library import image_set, import_images, remove_images, restore_images
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Zorbi", SubjectKind.CHARACTER, "zorbi")


def _picture(path: Path, seed: int, size: tuple[int, int] = (96, 64), prompt: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    words = PngImagePlugin.PngInfo()
    if prompt:
        words.add_text(
            "parameters", f"{prompt}\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Seed: 1, Size: 96x64"
        )
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(path, pnginfo=words if prompt else None)
    return path


def _import(
    workspace: Workspace, project: Project, *paths: Path, captions: CaptionChoice = CaptionChoice.AUTO
) -> list[ImportEvent]:
    return list(import_images(workspace, project, paths, Control(), ImportOptions(captions)))


def _by_name(workspace: Workspace, project: Project) -> dict[str, CaptionedImage]:
    return {image.original_name: image for image in image_set(workspace, project).images}


def _zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def _kohya(tmp_path: Path) -> Path:
    folder = tmp_path / "train_data"
    for number in range(3):
        _picture(folder / "img" / "10_zorbi creature" / f"z{number}.png", number)
    (folder / "img" / "10_zorbi creature" / "z0.txt").write_text("zorbi, smiling")
    (folder / "img" / "10_zorbi creature" / "z1.caption").write_text("zorbi, asleep")
    (folder / "img" / "10_zorbi creature" / "z0.npz").write_bytes(b"a cache of latents")
    _picture(folder / "img" / "2_zorbi far away" / "far.png", 8)
    for number in range(4):
        _picture(folder / "reg" / "1_creature" / f"r{number}.png", 20 + number)
    return folder


@pytest.mark.parametrize("is_zipped", [False, True])
def test_that_a_kohya_folder_keeps_its_repeats_words_and_captions(
    workspace: Workspace, project: Project, tmp_path: Path, is_zipped: bool
) -> None:
    folder = _kohya(tmp_path)

    events = _import(workspace, project, _zipped(folder) if is_zipped else folder)

    images = _by_name(workspace, project)
    assert {name: (image.repeats, image.caption) for name, image in images.items()} == {
        "z0.png": (10, "zorbi, smiling"),
        "z1.png": (10, "zorbi, asleep"),
        "z2.png": (10, "zorbi creature"),
        "far.png": (2, "zorbi far away"),
    }
    (left_out,) = [event for event in events if isinstance(event, FileRefused)]
    assert (
        left_out.count == 4 and "reg/1_creature was left out: its 4 pictures are for regularisation" in left_out.reason
    )
    assert events[0] == ImportStarted(8) and events[-1] == ImportFinished(4, 0, 4, was_stopped=False)


def test_that_a_folder_for_regularisation_comes_in_if_it_is_dropped_alone(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _import(workspace, project, _kohya(tmp_path) / "reg" / "1_creature")

    assert [image.repeats for image in _by_name(workspace, project).values()] == [1] * 4


@pytest.mark.parametrize("name", ["2024_holiday", "0_nothing", "12_05", "07_july", "holiday_10"])
def test_that_dates_are_not_taken_for_repeats(
    workspace: Workspace, project: Project, tmp_path: Path, name: str
) -> None:
    _picture(tmp_path / name / "a.png", 1)

    _import(workspace, project, tmp_path / name)

    (image,) = _by_name(workspace, project).values()
    assert (image.repeats, image.caption) == (1, "zorbi")


@pytest.mark.parametrize("is_zipped", [False, True])
def test_that_masks_stay_beside_their_pictures_and_are_no_pictures(
    workspace: Workspace, project: Project, tmp_path: Path, is_zipped: bool
) -> None:
    folder = tmp_path / "masked"
    for number, name in enumerate(("a", "b", "c")):
        _picture(folder / f"{name}.png", number)
    Image.new("L", (96, 64), 255).save(folder / "a-masklabel.png")
    Image.new("RGB", (48, 32), (255, 255, 255)).save(folder / "b-masklabel.png")  # half the size, and not grey
    Image.new("L", (64, 96), 255).save(folder / "c-masklabel.png")  # another shape
    Image.new("L", (96, 64), 255).save(folder / "d-masklabel.png")  # no picture

    events = _import(workspace, project, _zipped(folder) if is_zipped else folder)

    images = _by_name(workspace, project)
    assert list(images) == ["a.png", "b.png", "c.png"]
    assert [mask_path(image.path).is_file() for image in images.values()] == [True, True, False]
    with Image.open(mask_path(images["b.png"].path)) as mask:
        assert (mask.mode, mask.size) == ("L", (48, 32))
    reasons = " ".join(event.reason for event in events if isinstance(event, FileRefused))
    assert "c-masklabel.png was left out: its shape" in reasons
    assert "d-masklabel.png was left out: there is no picture" in reasons
    assert [event.has_mask for event in events if isinstance(event, ImageAccepted)] == [True, True, False]


@pytest.mark.parametrize("way", ["folder", "zip", "files"])
def test_that_conditioning_images_are_no_pictures_and_are_said(
    workspace: Workspace, project: Project, tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "conditioned"
    for number, name in enumerate(("a", "a-condlabel", "b", "b-CONDLABEL", "c-condlabels")):
        _picture(folder / f"{name}.png", number)
    _picture(folder / "d-condlabel.jpg", 7)  # OneTrainer reads PNG alone, so that this is a picture
    dropped = {"folder": [folder], "zip": [_zipped(folder)], "files": sorted(folder.iterdir())}[way]

    events = _import(workspace, project, *dropped)

    assert set(_by_name(workspace, project)) == {"a.png", "b.png", "c-condlabels.png", "d-condlabel.jpg"}
    left_out = [event for event in events if isinstance(event, FileRefused)]
    assert sum(event.count for event in left_out) == 2
    assert all("Conditioning images of OneTrainer were left out (" in event.reason for event in left_out)
    assert events[0] == ImportStarted(6) and events[-1] == ImportFinished(4, 0, 2, was_stopped=False)


def test_that_a_conditioning_image_in_a_folder_is_never_called_new(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = _picture(tmp_path / "in" / "a.png", 1).parent
    _import(workspace, project, folder)
    _picture(folder / "a-condlabel.png", 2)

    assert look_again(workspace, project).is_nothing


def test_that_a_mask_is_turned_with_a_picture_that_a_camera_held_sideways(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(_picture(tmp_path / "p.png", 1, (400, 300))).save(tmp_path / "side.jpg", exif=exif)
    mask = Image.new("L", (400, 300), 0)
    mask.paste(255, (0, 0, 400, 30))  # the top as the camera stored it is the right side upright
    mask.save(tmp_path / "side-masklabel.png")

    _import(workspace, project, tmp_path / "side.jpg", tmp_path / "side-masklabel.png")

    (image,) = _by_name(workspace, project).values()
    with Image.open(mask_path(image.path)) as kept:
        assert kept.size == (300, 400) == (image.width_px, image.height_px)
        assert [kept.getpixel(place) for place in ((290, 200), (10, 200))] == [255, 0]


def test_that_a_mask_leaves_and_comes_back_with_its_picture(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _picture(tmp_path / "in" / "a.png", 1)
    Image.new("L", (96, 64), 255).save(tmp_path / "in" / "a-masklabel.png")
    _import(workspace, project, tmp_path / "in")
    (image,) = image_set(workspace, project).images

    item = remove_images(workspace, project, [image])
    assert list(project.images_folder.iterdir()) == []

    restore_images(workspace, project, item)
    assert mask_path(image.path).is_file()
    _import(workspace, project, _picture(tmp_path / "b.png", 2))  # a mask in the project is not taken for a new picture
    assert len(image_set(workspace, project).images) == 2


def _image_folder(tmp_path: Path, table: str) -> Path:
    folder = tmp_path / "dataset"
    for number, side in enumerate(("train", "train", "train", "validation", "test")):
        _picture(folder / side / f"{number}.png", number)
    rows = [{"file_name": f"{n}.png", "text": f"zorbi, number {n}"} for n in range(3)]
    if table == "metadata.jsonl":
        (folder / "train" / table).write_text("\n".join(map(json.dumps, rows)) + "\nnot json\n")
    else:
        (folder / "train" / table).write_text(
            "file_name,caption\n" + "".join(f'{n}.png,"zorbi, number {n}"\n' for n in range(3))
        )
    (folder / "metadata.jsonl").write_text(json.dumps({"file_name": "validation/3.png", "prompt": "zorbi, held out"}))
    return folder


@pytest.mark.parametrize("table", ["metadata.jsonl", "metadata.csv"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_that_a_data_set_of_hugging_face_keeps_captions_and_sides(
    workspace: Workspace, project: Project, tmp_path: Path, is_zipped: bool, table: str
) -> None:
    folder = _image_folder(tmp_path, table)

    _import(workspace, project, _zipped(folder) if is_zipped else folder)

    images = _by_name(workspace, project)
    learned, checked = Split.TRAINING, Split.VALIDATION
    assert {name: (image.split, image.caption) for name, image in images.items()} == {
        "0.png": (learned, "zorbi, number 0"),
        "1.png": (learned, "zorbi, number 1"),
        "2.png": (learned, "zorbi, number 2"),
        "3.png": (checked, "zorbi, held out"),
        "4.png": (checked, "zorbi"),
    }


def test_that_a_caption_with_a_separator_of_lines_is_read_whole(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = _picture(tmp_path / "dataset" / "0.png", 0).parent
    row = json.dumps({"file_name": "0.png", "text": "zorbi\u2028asleep"}, ensure_ascii=False)
    (folder / "metadata.jsonl").write_text(row, encoding="utf-8")

    _import(workspace, project, folder)

    assert _by_name(workspace, project)["0.png"].caption.split() == ["zorbi", "asleep"]


def test_that_a_folder_of_trains_is_no_side(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    for number in range(8):
        _picture(tmp_path / "toys" / "train" / f"{number}.png", number)

    _import(workspace, project, tmp_path / "toys")

    assert len(image_set(workspace, project).held_out) == 2


@pytest.mark.parametrize(
    ("choice", "captions"),
    [
        (CaptionChoice.AUTO, ["zorbi", "zorbi", "said beside"]),
        (CaptionChoice.METADATA, ["a zorbi, in snow", "zorbi", "said beside"]),
        (CaptionChoice.NAME, ["zorbi in snow", "zorbi", "said beside"]),
        (CaptionChoice.NONE, ["zorbi", "zorbi", "zorbi"]),
    ],
)
def test_that_captions_come_from_where_they_were_asked_for(
    workspace: Workspace, project: Project, tmp_path: Path, choice: CaptionChoice, captions: list[str]
) -> None:
    folder = tmp_path / "in"
    prompted = _picture(folder / "zorbi_in_snow (2).png", 1, prompt="a zorbi, <lora:detail:0.8>, in snow")
    camera = _picture(folder / "IMG_2041.png", 2)
    captioned = _picture(folder / "by hand.png", 3, prompt="not this")
    captioned.with_suffix(".txt").write_text("said beside")

    events = _import(workspace, project, prompted, camera, captioned, captions=choice)

    assert [image.caption for image in image_set(workspace, project).images] == captions
    if choice is CaptionChoice.AUTO:  # what was not asked for is offered
        offered = [event.words for event in events if isinstance(event, ImageAccepted)]
        assert [words and (words.prompt, words.name) for words in offered] == [
            ("a zorbi, in snow", "zorbi in snow"),
            ("", ""),
            None,
        ]


def test_that_a_zip_of_folders_without_end_is_refused(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    good = _picture(tmp_path / "a.png", 1)
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as archive:
        archive.writestr("a/" * 20_000 + "deep.png", good.read_bytes())
        archive.write(good, "top.png")

    events = _import(workspace, project, tmp_path / "deep.zip")

    assert [event.reason.count("folders deep") for event in events if isinstance(event, FileRefused)] == [1]
    assert list(_by_name(workspace, project)) == ["top.png"]
