"""What a project is on disk, which is the truth: `project.json`, `set.json`, a `.txt` beside each picture."""

from __future__ import annotations

import json
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from calotype.domain.courtesy import courteous
from calotype.domain.errors import InvalidProjectError
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.imagesets.caption_text import decode_caption

SCHEMA = 1
PROJECT_FILE = "project.json"
SET_FILE = "set.json"
SET_IS_OLD_FILE = ".set-is-old"  # beside it while the index knows something newer
WITHOUT_SIDE_FILE = ".without-side"  # beside it while images wait for the choice of what is held out: content hashes
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}

logger = logging.getLogger(__name__)


def project_text(project: Project) -> str:
    """Write a project as the text of its `project.json`."""
    values = {
        "schema": SCHEMA,
        "id": project.id,
        "name": project.name,
        "kind": project.kind.value,
        "trigger_word": project.trigger_word,
        "created_at": project.created_at,
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def read_project(folder: Path) -> Project | None:
    """Read the project of a folder; None if its `project.json` is missing or damaged."""
    try:
        values = json.loads((folder / PROJECT_FILE).read_text(encoding="utf-8"))
        return Project(
            id=str(values["id"]),
            name=str(values["name"]),
            kind=SubjectKind(values["kind"]),
            trigger_word=str(values["trigger_word"]),
            folder=folder,
            created_at=float(values["created_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError, InvalidProjectError) as error:
        logger.info("no project in %s: %s", folder, error)
        return None


def set_text(images: Iterable[CaptionedImage]) -> str:
    """Write everything about the images but their captions as the text of `set.json`, one image a line."""
    return "".join(set_lines(images))


def set_lines(images: Iterable[CaptionedImage]) -> Iterator[str]:
    """The text of `set.json` piece by piece, for those who need not hold all of it."""
    yield f'{{"schema": {SCHEMA}, "images": [\n'
    separator = ""
    for image in courteous(images):
        yield separator + json.dumps(_image_values(image), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def read_images(project: Project) -> list[CaptionedImage]:
    """Read the images of a project; damaged entries and those whose file is gone are left out."""
    try:
        entries = json.loads((project.folder / SET_FILE).read_text(encoding="utf-8"))["images"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.info("no image set in %s: %s", project.folder, error)
        return []
    images = (_image(entry, project) for entry in entries)
    # An image that is used where it is stays known while its drive is away.
    return [image for image in images if image is not None and (image.linked_to or image.path.is_file())]


def caption_path(image_path: Path) -> Path:
    """The `.txt` that belongs to a picture."""
    return image_path.with_suffix(".txt")


def read_caption(image_path: Path) -> str | None:
    """The caption beside a picture as it is on disk now; None if there is none."""
    try:
        # Plain `open` with bytes: three times faster than Path.read_text, and a set has thousands.
        with open(os.path.splitext(image_path)[0] + ".txt", "rb") as file:  # noqa: PTH122, PTH123
            data = file.read()
    except OSError:
        return None
    text = decode_caption(data)
    return data.decode("cp1252", errors="replace").strip() if text is None else text


def folder_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """Make a folder name that every system accepts out of a project's name."""
    return free_name(_plain(name) or "project", "", is_taken)


def image_file_name(original_name: str, suffix: str, is_taken: Callable[[str], bool]) -> str:
    """Make a file name that every system accepts out of a picture's name."""
    return free_name(_plain(Path(original_name).stem) or "picture", suffix, is_taken)


def free_name(stem: str, suffix: str, is_taken: Callable[[str], bool]) -> str:
    """The first of `stem`, `stem-2`, `stem-3` … that is not taken, with its suffix."""
    name, number = stem, 1
    while is_taken(name + suffix):
        number += 1
        name = f"{stem}-{number}"
    return name + suffix


def _plain(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", ascii_name).strip("-_")[:60]
    return f"{plain}-" if plain.lower() in _RESERVED else plain


def _image_values(image: CaptionedImage) -> dict[str, object]:
    return {
        "file": image.path.name,
        "original_name": image.original_name,
        "width_px": image.width_px,
        "height_px": image.height_px,
        "content_hash": image.content_hash,
        "perceptual_hash": f"{image.perceptual_hash:016x}",
        "split": image.split.value,
        **_choices(image),
    }


def _choices(image: CaptionedImage) -> dict[str, object]:
    """What differs from what every image has at first, so that the file stays short."""
    values = {
        "rating": image.rating or None,
        "is_excluded": image.is_excluded or None,
        "repeats": image.repeats if image.repeats != 1 else None,
        "linked_to": str(image.linked_to) if image.linked_to else None,
        "taken_at": image.taken_at,
        "camera": image.camera or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _image(entry: dict[str, Any], project: Project) -> CaptionedImage | None:
    try:
        path = project.images_folder / Path(str(entry["file"])).name
        return CaptionedImage(
            path=path,
            width_px=int(entry["width_px"]),
            height_px=int(entry["height_px"]),
            caption=project.trigger_word if (caption := read_caption(path)) is None else caption,
            content_hash=str(entry["content_hash"]),
            perceptual_hash=int(entry["perceptual_hash"], 16),
            split=Split(entry["split"]),
            original_name=str(entry["original_name"]),
            rating=int(entry.get("rating", 0)),
            is_excluded=bool(entry.get("is_excluded", False)),
            repeats=int(entry.get("repeats", 1)),
            linked_to=Path(entry["linked_to"]) if entry.get("linked_to") else None,
            taken_at=float(entry["taken_at"]) if "taken_at" in entry else None,
            camera=str(entry.get("camera", "")),
        )
    except (KeyError, ValueError, TypeError) as error:
        logger.info("left out a damaged entry of %s: %s", project.folder / SET_FILE, error)
        return None
