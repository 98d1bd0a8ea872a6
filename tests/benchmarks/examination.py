"""Looking at photographs in the background, and what is known of 100,000 pictures when a page opens with them."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from places import Place, sample_place
from table import Row, interleaved, quantile, report

from calotype.domain.buckets import TrainingSize
from calotype.domain.image_facts import WHOLE, Backdrop, ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import CaptionedImage, ImageSet, Split, SubjectKind
from calotype.domain.readiness import judge_readiness
from calotype.imagesets.examination import examine_file
from calotype.services import projects
from calotype.services.image_examination import known_facts
from calotype.storage import image_facts, image_sets

SIZE, TURNS, COUNT = (4000, 3000), 5, 100_000
MOST_LOAD_S, MOST_JUDGE_S, MOST_MB, MOST_LAG_S = 4.0, 4.0, 60, 0.05


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        report([*_looking(place.scratch), *_knowing(place)])


def _looking(folder: Path) -> list[Row]:
    path = _photograph(folder / "photograph.jpg")

    def look(*, with_faces: bool) -> float:
        began = time.process_time()
        examine_file(path, path, "", with_faces=with_faces)
        return time.process_time() - began

    ours, faces, bare = interleaved(
        TURNS, lambda: look(with_faces=False), lambda: look(with_faces=True), lambda: _bare(path, folder)
    )
    compared = f"{1000 * bare:.0f} ms, bare Pillow decode + thumbnail"
    name = "Looking at a photograph of 12 megapixels (processor time, in the background, once)"
    return [
        Row(name, f"{1000 * ours:.0f} ms", compared, ours / bare, ours <= 0.7 * bare),
        Row(f"{name}, faces too", f"{1000 * faces:.0f} ms", compared, faces / bare, faces <= 1.5 * bare),
    ]


def _knowing(place: Place) -> list[Row]:
    project = projects.create_project(place.workspace, "Many", SubjectKind.CHARACTER, "cat")
    images = tuple(_image(project.images_folder, number) for number in range(COUNT))
    image_sets.add_images(place.workspace.database, project, images)
    image_facts.save_facts(place.workspace.database, {image.content_hash: _facts(image) for image in images})
    pictures = ImageSet(project, images)
    gc.collect()
    before = psutil.Process().memory_info().rss
    found: dict[str, ImageFacts] = {}
    seconds, lag = _beside(lambda: found.update(known_facts(place.workspace, pictures)))
    megabytes = (psutil.Process().memory_info().rss - before) / 1e6
    assert len(found) == COUNT
    judged, judge_lag = _beside(lambda: judge_readiness(pictures, TrainingSize(512), Evidence(found)))
    return [
        _row("Facts of 100,000 pictures, read from the index", seconds, MOST_LOAD_S, "s"),
        _row("… memory that they take", megabytes, MOST_MB, "MB"),
        _row("Judging 100,000 pictures", judged, MOST_JUDGE_S, "s"),
        _row(
            "… longest pause of the window's thread meanwhile, p99", 1000 * max(lag, judge_lag), 1000 * MOST_LAG_S, "ms"
        ),
    ]


def _row(name: str, value: float, limit: float, unit: str) -> Row:
    return Row(name, f"{value:.1f} {unit}", f"at most {limit:.0f} {unit}", value / limit, value <= limit)


def _beside(work: Callable[[], object]) -> tuple[float, float]:
    """How long work takes in another thread, and how long this one waits for its turn meanwhile."""
    thread = threading.Thread(target=work)
    began = time.perf_counter()
    thread.start()
    lags: list[float] = []
    while thread.is_alive():
        asked = time.perf_counter()
        thread.join(0.002)
        lags.append(time.perf_counter() - asked - 0.002)
    return time.perf_counter() - began, quantile(lags, 0.99)


def _image(folder: Path, number: int) -> CaptionedImage:
    return CaptionedImage(
        path=folder / f"picture-{number:06d}.jpg",
        width_px=800 + number % 700,
        height_px=900 + number % 400,
        caption=f"cat, front view, number {number}",
        content_hash=f"{number:064x}",
        perceptual_hash=number * 7919,
        split=Split.VALIDATION if number % 10 == 0 else Split.TRAINING,
        original_name=f"picture-{number:06d}.jpg",
    )


def _facts(image: CaptionedImage) -> ImageFacts:
    number = image.perceptual_hash // 7919
    backdrop = Backdrop(number % 97, number % 31, number % 53, number % 17)
    return ImageFacts(number % 50 / 30, number % 60 / 1000, 0.0, WHOLE, backdrop)


def _bare(path: Path, scratch: Path) -> float:
    began = time.process_time()
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((256, 256))
    picture.save(scratch / "thumbnail.jpg")
    return time.process_time() - began


def _photograph(path: Path) -> Path:
    """Shapes and shades with some grain."""
    chance = np.random.default_rng(1)
    coarse = Image.fromarray(chance.integers(0, 256, (24, 32, 3), dtype=np.uint8)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    grain = chance.normal(0, 6, (SIZE[1], SIZE[0], 1))
    Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8)).save(path, quality=90)
    return path


if __name__ == "__main__":
    main()
