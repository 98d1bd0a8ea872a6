"""Whether the Starter can be taught: ten things that it never saw, each by the preset that a newcomer gets.

For each thing: a project of twelve pictures to learn from and four held out, all with a made-up word for a name; a run
of the balanced preset, timed from the click to the last event; then two pictures for each held-out caption, without
and with the LoRA. A picture is right if, among all held-out things, the taught one is most alike by colours and
gradients. Chance: 1 in 22. The pictures are kept as `build/starter-teaching/SUBJECT.png`: held out, without, with;
`all.jpg` shows every thing.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from starter_art import (
    COLOURS,
    HELD_OUT,
    ROOT,
    STYLE_WORDS,
    Jitter,
    Sprite,
    best_match,
    describe,
    draw_scene,
    draw_scenes,
    load_sprites,
    views_on,
)
from table import Row, report

from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.events import PictureReady, RunFinished
from calotype.domain.generation import LoraUse
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.domain.presets import Quality
from calotype.services import generation, library, model_catalog, projects, training_runs
from calotype.services.workspace import Workspace, close_workspace, open_workspace

SUBJECTS = {
    "robot": "mivok",
    "fox": "zelura",
    "octopus": "quorb",
    "cactus": "bivvit",
    "rocket": "tarnox",
    "owl": "hoomi",
    "strawberry": "frelli",
    "penguin": "dapnik",
    "panda": "womzo",
    "teapot": "keplit",
}
TRAINED, CHECKED, PICTURES_EACH = 12, 4, 2
AS_PHOTOGRAPHED = Jitter(scale=(0.72, 0.95), angle_deg=8.0, flip=0.0, gradients=0.0)
OUT = ROOT / "build" / "starter-teaching"
RATIO, SECONDS, AFTER, BEFORE = 0.80, 100.0, 0.80, 0.15


@dataclass(frozen=True, slots=True)
class Lesson:
    """How one thing was learned; `before` and `after` are shares of pictures that show it."""

    subject: str
    seconds: float
    ratio: float
    before: float
    after: float


def teach(workspace: Workspace, subject: str, sprites: list[Sprite]) -> Lesson:
    """Make the project, train, and judge pictures without and with the LoRA."""
    trigger = SUBJECTS[subject]
    project = projects.create_project(workspace, subject, SubjectKind.CHARACTER, trigger)
    colours = _fill(workspace, project, next(sprite for sprite in sprites if sprite.label == subject))
    pictures = library.image_set(workspace, project)
    plan = training_runs.default_plan(workspace, pictures, Quality.BALANCED, model_catalog.starter_card())
    began = time.perf_counter()
    events = list(training_runs.start(workspace, project, plan, Control()))
    seconds = time.perf_counter() - began
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.lora_path is not None
    drawn = {
        strength: _draw(workspace, trigger, colours, (LoraUse(finished.lora_path),) if strength else ())
        for strength in (0, 1)
    }
    place = next(number for number, sprite in enumerate(sprites) if sprite.label == subject)
    shares = [_share_right(drawn[strength], colours, sprites, place) for strength in (0, 1)]
    held_out = [Image.open(image.path).convert("RGB") for image in pictures.held_out]
    _sheet([held_out, drawn[0], drawn[1]]).save(OUT / f"{subject}.png")
    return Lesson(subject, seconds, finished.best_ratio, shares[0], shares[1])


def _fill(workspace: Workspace, project: Project, sprite: Sprite) -> list[str]:
    """Bring in the pictures with captions; the colours behind the held-out ones are returned."""
    chance = random.Random(sprite.label)
    colours = chance.sample(list(COLOURS), TRAINED + CHECKED)
    scenes = [draw_scene(0, AS_PHOTOGRAPHED, chance, colour) for colour in colours]
    with tempfile.TemporaryDirectory() as folder:
        for number, (picture, colour) in enumerate(zip(draw_scenes([sprite], scenes), colours, strict=True)):
            picture.save(Path(folder, f"{number:02d}.png"))
            caption = f"{project.trigger_word}, {STYLE_WORDS}, {colour} background"
            Path(folder, f"{number:02d}.txt").write_text(caption, encoding="utf-8")
        list(library.import_images(workspace, project, [Path(folder)], Control()))
    images = library.image_set(workspace, project).images
    assert len(images) == TRAINED + CHECKED, f"{len(images)} pictures came in"
    splits = {
        image.content_hash: Split.TRAINING if int(image.original_name[:2]) < TRAINED else Split.VALIDATION
        for image in images
    }
    library.set_splits(workspace, project, splits)
    return colours[TRAINED:]


def _draw(workspace: Workspace, trigger: str, colours: list[str], loras: tuple[LoraUse, ...]) -> list[Image.Image]:
    """Two pictures for each colour, in the order of colours."""
    shelf, drawn = ModelShelf(), []
    for colour in colours:
        prompt = f"{trigger}, {STYLE_WORDS}, {colour} background"
        request = generation.default_request(model_catalog.starter_card(), prompt)
        for number in range(PICTURES_EACH):
            asked = replace(request, loras=loras, seed=100 + number)
            with tempfile.TemporaryDirectory() as folder:
                events = generation.generate(workspace, asked, Control(), Path(folder), shelf)
                made = [event.path for event in events if isinstance(event, PictureReady)]
                drawn += [Image.open(path).convert("RGB") for path in made]
    return drawn


def _share_right(drawn: list[Image.Image], colours: list[str], sprites: list[Sprite], place: int) -> float:
    right = 0
    for number, picture in enumerate(drawn):
        views = views_on(sprites, colours[number // PICTURES_EACH])
        right += best_match(describe(picture), views) == place
    return right / len(drawn)


def _sheet(rows: list[list[Image.Image]]) -> Image.Image:
    side, gap = 128, 4
    width = max(len(row) for row in rows)
    sheet = Image.new("RGB", (width * (side + gap) - gap, len(rows) * (side + gap) - gap), "white")
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            sheet.paste(picture.resize((side, side)), (across * (side + gap), down * (side + gap)))
    return sheet


def main(subjects: list[str]) -> None:
    """Teach every subject and report."""
    OUT.mkdir(parents=True, exist_ok=True)
    sprites = load_sprites(("3d",), HELD_OUT)
    lessons = []
    for subject in subjects or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="calotype-starter-") as folder:
            workspace = open_workspace(Path(folder, "home"))
            try:
                lessons.append(teach(workspace, subject, sprites))
            finally:
                close_workspace(workspace)
        sys.stderr.write(f"{lessons[-1]}\n")
    _poster([lesson.subject for lesson in lessons]).save(OUT / "all.jpg", quality=90)
    report(_rows(lessons))


def _poster(subjects: list[str]) -> Image.Image:
    """The sheets of all things, two beside each other, at half their size."""
    sheets = [Image.open(OUT / f"{subject}.png").convert("RGB").reduce(2) for subject in subjects]
    width, height, gap = sheets[0].width, sheets[0].height, 12
    rows = (len(sheets) + 1) // 2
    poster = Image.new("RGB", (2 * width + gap, rows * (height + gap) - gap), "white")
    for number, sheet in enumerate(sheets):
        poster.paste(sheet, (number % 2 * (width + gap), number // 2 * (height + gap)))
    return poster


def _rows(lessons: list[Lesson]) -> list[Row]:
    times, ratios = [lesson.seconds for lesson in lessons], [lesson.ratio for lesson in lessons]
    after = statistics.fmean(lesson.after for lesson in lessons)
    before = statistics.fmean(lesson.before for lesson in lessons)
    of = f"{len(lessons)} things taught"
    return [
        Row(
            f"Validation ratio, {of}: median / worst",
            f"{statistics.median(ratios):.2f} / {max(ratios):.2f}",
            f"goal: worst {RATIO}",
            max(ratios) / RATIO,
            max(ratios) <= RATIO,
        ),
        Row(
            "Time of the preset: median / longest",
            f"{statistics.median(times):.0f} / {max(times):.0f} s",
            f"goal: longest {SECONDS:.0f} s",
            max(times) / SECONDS,
            max(times) <= SECONDS,
        ),
        Row(
            "Previews that show the right thing of 22, with the LoRA",
            f"{after:.1%}",
            f"goal: at least {AFTER:.0%}",
            AFTER / max(after, 1e-9),
            after >= AFTER,
        ),
        Row("… and without", f"{before:.1%}", f"goal: at most {BEFORE:.0%}", before / BEFORE, before <= BEFORE),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
