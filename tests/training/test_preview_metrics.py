"""Previews compared with the pictures during a real run of the starter model."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image, ImageDraw

from calotype.diffusion.model_shelf import ModelLease, ModelShelf
from calotype.domain.control import Control, Stop
from calotype.domain.events import (
    PreviewReady,
    PreviewsMeasured,
    RunFinished,
    Stage,
    StageChanged,
    StepFinished,
    TrainingEvent,
)
from calotype.domain.imageset import CaptionedImage, ImageSet, Split
from calotype.domain.plan import PreviewPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts, assemble

Result = TypeVar("Result")
MakeJob = Callable[..., TrainingJob]
PREVIEW = PreviewPlan(every=3, prompts=("disc, teal background", "disc, gold background"), sampling_steps=2)


def _measured(events: list[TrainingEvent]) -> list[PreviewsMeasured]:
    return [event for event in events if isinstance(event, PreviewsMeasured)]


def _finish(work: Generator[object, None, Result]) -> Result:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            result: Result = finished.value
            return result


@pytest.fixture
def varied(image_set: ImageSet) -> ImageSet:
    """Pictures with other shapes in other places, of which the last one is held out."""
    images = []
    for number, image in enumerate(image_set.images):
        picture = Image.new("RGB", (128, 128), (40 * number, 200 - 30 * number, 90))
        pen = ImageDraw.Draw(picture)
        pen.ellipse((9 * number, 20, 60 + 9 * number, 110 - 8 * number), fill="teal", outline="white", width=4)
        pen.rectangle((5 * number, 90 - 14 * number, 30 + 14 * number, 120 - 12 * number), fill="orange")
        path = image.path.with_name(f"varied-{number}.png")
        picture.save(path)
        split = Split.VALIDATION if number == 5 else Split.TRAINING
        images.append(CaptionedImage(path, 128, 128, "disc", f"v{number}", 255 << 8 * number, split, path.name))
    return ImageSet(image_set.project, tuple(images))


def test_that_previews_are_measured_when_all_are_drawn_from_the_base_model_on(make_job: MakeJob) -> None:
    events = list(train(make_job(preview=PREVIEW), Control()))

    numbers = _measured(events)
    assert [event.step for event in numbers] == [0, 3, 6]
    drawn = [event for event in events if isinstance(event, PreviewReady | PreviewsMeasured)]
    assert [type(event) for event in drawn] == [PreviewReady, PreviewReady, PreviewsMeasured] * 3
    assert numbers[0].similarity in (0.0, None)
    assert all(event.nearest_hash in {"hash0", "hash1", "hash2", "hash3"} for event in numbers)
    assert all(event.diversity is not None and event.diversity >= 0 for event in numbers)


def test_that_a_run_that_goes_on_measures_what_it_would_have_measured(make_job: MakeJob) -> None:
    whole = _measured(list(train(make_job("whole", preview=PREVIEW), Control())))
    half, control = make_job("half", preview=PREVIEW), Control()
    for event in train(half, control):
        if isinstance(event, StepFinished) and event.step == 4:
            control.send(Stop())

    resumed = _measured(list(train(replace(half, continues=True), Control())))

    assert [replace(event, seconds=0.0) for event in resumed] == [replace(whole[-1], seconds=0.0)]


def test_that_previews_of_the_base_model_that_are_gone_cost_only_the_comparison(make_job: MakeJob) -> None:
    job, events = make_job(preview=PREVIEW), list[TrainingEvent]()
    for event in train(job, Control()):
        events.append(event)
        if isinstance(event, PreviewReady) and event.step == 0:
            job.preview_path(0, event.index).unlink()

    assert _measured(events) == []
    assert isinstance(events[-1], RunFinished)


def test_that_a_stop_while_pictures_are_looked_at_ends_the_run_cleanly(make_job: MakeJob) -> None:
    events, control = list[TrainingEvent](), Control()
    for event in train(make_job(), control):
        events.append(event)
        if isinstance(event, StageChanged) and event.stage is Stage.COMPARING_PREVIEWS:
            control.send(Stop())

    assert [event for event in events if isinstance(event, StepFinished | PreviewsMeasured)] == []
    assert isinstance(events[-1], RunFinished)


def test_that_a_preview_that_is_a_training_picture_is_named_and_a_held_out_one_is_not(
    make_job: MakeJob, varied: ImageSet, tmp_path: Path
) -> None:
    parts = _finish(assemble(replace(make_job(), image_set=varied), ModelLease(ModelShelf()), Control()))
    assert isinstance(parts, Parts)
    base = tmp_path / "base.png"
    Image.effect_noise((128, 128), 60).convert("RGB").save(base)

    def measure(picture: CaptionedImage) -> PreviewsMeasured:
        measured = _finish(parts.meter.measure(1, [picture.path], [base], Control()))
        assert measured is not None
        return measured

    copy, fresh = measure(varied.images[2]), measure(varied.images[5])

    assert (copy.is_memorised, copy.nearest_hash, copy.nearest_name) == (True, "v2", "varied-2.png")
    assert copy.nearest_distance == pytest.approx(0.0, abs=1e-3)
    assert not fresh.is_memorised
