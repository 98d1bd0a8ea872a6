"""Importing photographs against bare Pillow that decodes each and makes a thumbnail."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from places import Place, sample_place
from table import Row, interleaved, report

from calotype.domain.control import Control
from calotype.domain.events import ImportFinished
from calotype.domain.imageset import SubjectKind
from calotype.services import library, projects

COUNT, SIZE, TURNS = 24, (4000, 3000), 5
GOAL = 0.85  # of the throughput of bare Pillow


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        folder = place.scratch / "photographs"
        folder.mkdir()
        paths = [_photograph(folder, number) for number in range(COUNT)]
        ours, theirs = interleaved(TURNS, lambda: _import(place, folder), lambda: _bare(paths, place.scratch))
    name = f"Import of {COUNT} photographs of {SIZE[0] * SIZE[1] / 1e6:.0f} megapixels"
    compared = (
        f"{COUNT / theirs:.1f} a second, bare Pillow decode + thumbnail in as many threads; goal: {GOAL:.0%} of it"
    )
    # Ours also hashes, compares, copies, splits and records.
    report([Row(name, f"{COUNT / ours:.1f} a second", compared, ours / theirs, ours <= theirs / GOAL)])


def _import(place: Place, folder: Path) -> float:
    name = projects.free_project_name(place.workspace, "Photographs")
    project = projects.create_project(place.workspace, name, SubjectKind.STYLE, "photo")
    began = time.perf_counter()
    events = list(library.import_images(place.workspace, project, [folder], Control()))
    seconds = time.perf_counter() - began
    ended = events[-1]
    assert isinstance(ended, ImportFinished)
    assert ended.accepted == COUNT, ended
    return seconds


def _bare(paths: list[Path], scratch: Path) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda path: _decode(path, scratch), paths))
    return time.perf_counter() - began


def _decode(path: Path, scratch: Path) -> None:
    with Image.open(path) as picture:
        picture.load()  # `thumbnail` alone would decode an eighth of it
        picture.thumbnail((256, 256))
        picture.save(scratch / f"{path.stem}.thumbnail.jpg")


def _photograph(folder: Path, number: int) -> Path:
    """Smooth colours with some grain, so that it weighs about as much as a photograph."""
    chance = np.random.default_rng(number)
    coarse = Image.fromarray(chance.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    grain = chance.normal(0, 6, (SIZE[1], SIZE[0], 1))
    pixels = np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8)
    path = folder / f"photograph-{number:03d}.jpg"
    Image.fromarray(pixels).save(path, quality=90)
    return path


if __name__ == "__main__":
    main()
