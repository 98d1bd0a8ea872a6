"""One picture that is added to a project with 100,000, which are used where they are."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image
from places import Place, sample_place
from table import Row, report

from calotype.domain.control import Control
from calotype.domain.events import ImportFinished
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.domain.look_alikes import COMPARISON_VERSION, SIGNATURE_VERSION
from calotype.imagesets import signatures
from calotype.services import library, projects
from calotype.services.large_sets import write_set_file
from calotype.services.set_file import save_set
from calotype.storage import image_sets, look_alikes

COUNT, TURNS = 100_000, 5
GOAL_S = 1.0


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        project = _project(place)
        seconds = sorted(_add(place, project, number) for number in range(TURNS))[TURNS // 2]
        began = time.perf_counter()
        write_set_file(place.workspace, project)
        written_s = time.perf_counter() - began
    name = f"One picture added to {COUNT:,} (`set.json` follows behind the window)".replace(",", " ")
    report(
        [Row(name, f"{seconds:.2f} s (+ {written_s:.1f} s)", f"goal {GOAL_S:g} s", seconds / GOAL_S, seconds <= GOAL_S)]
    )


def _add(place: Place, project: Project, number: int) -> float:
    path = place.scratch / f"new-{number}.png"
    noise = np.random.default_rng(COUNT + number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((512, 512), Image.Resampling.BICUBIC).save(path)
    began = time.perf_counter()
    *_, ended = library.import_images(place.workspace, project, [path], Control())
    seconds = time.perf_counter() - began
    assert isinstance(ended, ImportFinished) and ended.accepted == 1, ended
    return seconds


def _project(place: Place) -> Project:
    """As an import left it: every picture has its signature and was compared."""
    project = projects.create_project(place.workspace, "Many", SubjectKind.STYLE, "many")
    database, folder = place.workspace.database, Path("/pictures")
    images = [_image(project, folder, number) for number in range(COUNT)]
    looks = np.random.default_rng(1).normal(size=(COUNT, signatures.DIMENSIONS)).astype(np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    hashes = [image.content_hash for image in images]
    with database.transaction():
        image_sets.add_images(database, project, images)
        packed = (look.astype("<f2").tobytes() for look in looks)
        look_alikes.save_signatures(database, SIGNATURE_VERSION, zip(hashes, packed, strict=True))
        look_alikes.add_compared(database, project, COMPARISON_VERSION, hashes, [])
        save_set(project, images)
    return project


def _image(project: Project, folder: Path, number: int) -> CaptionedImage:
    return CaptionedImage(
        path=project.images_folder / f"picture-{number:06d}.jpg",
        width_px=800,
        height_px=600,
        caption=f"many, number {number}",
        content_hash=f"{number * 2654435761 % 2**64:064x}",
        perceptual_hash=number * 7919,
        split=Split.VALIDATION if number % 7 == 0 else Split.TRAINING,
        original_name=f"IMG_{number}.jpg",
        linked_to=folder / f"IMG_{number}.jpg",
        taken_at=1.6e9 + 60 * number,
        camera="Camera",
    )


if __name__ == "__main__":
    main()
