"""Sets and plans with one known fault each, to see whether the verdict finds it; drawn like `starter_teaching.py`."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from PIL import Image
from starter_art import COLOURS, STYLE_WORDS, Jitter, Sprite, draw_scene, draw_scenes
from torch import nn

from calotype.domain.control import Control
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.domain.lora import LoraSpec
from calotype.domain.plan import TrainingPlan
from calotype.domain.verdict import VerdictKind
from calotype.services import library, projects
from calotype.services.workspace import Workspace
from calotype.training import parts

TRIGGER = "quorvin"
TRAINED, CHECKED, FEW = 12, 4, 4
AS_PHOTOGRAPHED = Jitter(scale=(0.72, 0.95), angle_deg=8.0, flip=0.0, gradients=0.0)


class Cause(StrEnum):
    """What is wrong with a run."""

    NOTHING = "nothing: a good run"
    RATE_TOO_HIGH = "learning rate 30 times too high"
    RATE_ZERO = "learning rate (almost) zero"
    TOO_MANY_STEPS = "far too many steps on 4 pictures"
    NO_TRIGGER_WORD = "captions without the trigger word"
    SHUFFLED_CAPTIONS = "shuffled captions"
    TWO_SUBJECTS = "two subjects mixed"
    FROZEN = "B frozen at zero"
    OTHER_HELD_OUT = "held-out pictures of another subject"
    LEAK = "held-out pictures are training pictures"


# What the verdict may be. A LoRA that learned nothing because nothing could change has no effect, and the reverse.
RIGHT: dict[Cause, frozenset[VerdictKind]] = {
    Cause.NOTHING: frozenset({VerdictKind.LEARNED}),
    Cause.RATE_TOO_HIGH: frozenset({VerdictKind.BROKE}),
    Cause.RATE_ZERO: frozenset({VerdictKind.NO_EFFECT, VerdictKind.LEARNED_NOTHING}),
    Cause.TOO_MANY_STEPS: frozenset({VerdictKind.OVERFITTING}),
    Cause.NO_TRIGGER_WORD: frozenset({VerdictKind.NO_TRIGGER_WORD}),
    Cause.SHUFFLED_CAPTIONS: frozenset({VerdictKind.CAPTIONS_DO_NOT_FIT}),
    Cause.TWO_SUBJECTS: frozenset({VerdictKind.TWO_SUBJECTS}),
    Cause.FROZEN: frozenset({VerdictKind.NO_EFFECT, VerdictKind.LEARNED_NOTHING}),
    Cause.OTHER_HELD_OUT: frozenset({VerdictKind.HELD_OUT_DIFFERS}),
    Cause.LEAK: frozenset({VerdictKind.LEAK}),
}


def plant_set(workspace: Workspace, cause: Cause, subject: Sprite, other: Sprite, seed: int) -> Project:
    """A project with twelve pictures to learn from and four held out, and what is wrong with them."""
    project = projects.create_project(workspace, subject.label, SubjectKind.CHARACTER, TRIGGER)
    trained = FEW if cause is Cause.TOO_MANY_STEPS else TRAINED
    chance = random.Random(f"{subject.label} {seed}")
    colours = chance.sample(list(COLOURS), trained + CHECKED)
    pictures = draw_scenes([subject, other], [_scene(cause, n, trained, chance, c) for n, c in enumerate(colours)])
    captions = [f"{TRIGGER}, {STYLE_WORDS}, {colour} background" for colour in colours]
    match cause:
        case Cause.NO_TRIGGER_WORD:
            captions = [caption.removeprefix(f"{TRIGGER}, ") for caption in captions]
        case Cause.SHUFFLED_CAPTIONS:
            captions = captions[1:] + captions[:1]  # not a single one is right
            chance.shuffle(captions)
        case Cause.LEAK:
            pictures[trained:] = [_saved_again(picture) for picture in pictures[:CHECKED]]
            captions[trained:] = captions[:CHECKED]
        case _:
            pass
    _bring_in(workspace, project, pictures, captions, trained)
    return project


def plant_plan(cause: Cause, plan: TrainingPlan) -> TrainingPlan:
    """The plan of the preset, and what is wrong with it."""
    match cause:
        case Cause.RATE_TOO_HIGH:
            return replace(plan, learning_rate=30 * plan.learning_rate)
        case Cause.RATE_ZERO:
            return replace(plan, learning_rate=1e-12)
        case Cause.TOO_MANY_STEPS:
            return replace(plan, step_count=2 * plan.step_count, patience=0)
        case _:
            return plan


@contextmanager
def planted_code(cause: Cause) -> Iterator[None]:
    """While inside, a LoRA whose up matrices never learn, if that is the cause."""
    attach = parts.attach_trainable

    def attach_frozen(unet: Any, spec: LoraSpec, seed: int) -> list[nn.Parameter]:
        return [parameter for parameter in attach(unet, spec, seed) if parameter.detach().any()]

    if cause is Cause.FROZEN:
        vars(parts)["attach_trainable"] = attach_frozen
    try:
        yield
    finally:
        vars(parts)["attach_trainable"] = attach


def _scene(cause: Cause, number: int, trained: int, chance: random.Random, colour: str) -> Any:
    is_other = (cause is Cause.TWO_SUBJECTS and number % 2 == 1) or (
        cause is Cause.OTHER_HELD_OUT and number >= trained
    )
    return draw_scene(int(is_other), AS_PHOTOGRAPHED, chance, colour)


def _saved_again(picture: Image.Image) -> Image.Image:
    """The same picture as it comes back from a messenger: compressed, so that no byte is the same."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return Image.open(buffer).convert("RGB")


def _bring_in(
    workspace: Workspace, project: Project, pictures: list[Image.Image], captions: list[str], trained: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            picture.save(Path(folder, f"{number:02d}.png"))
            Path(folder, f"{number:02d}.txt").write_text(caption, encoding="utf-8")
        list(library.import_images(workspace, project, [Path(folder)], Control()))
    images = library.image_set(workspace, project).images
    assert len(images) == len(pictures), f"{len(images)} of {len(pictures)} pictures came in"
    sides = {
        image.content_hash: Split.TRAINING if int(image.original_name[:2]) < trained else Split.VALIDATION
        for image in images
    }
    library.set_splits(workspace, project, sides)
