"""Previews compared by a CLIP or DINOv2 model: the arithmetic by hand, the rest with tiny real models and pictures."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from calotype.domain.control import Control, Stop
from calotype.domain.events import PreviewsMeasured, RunFinished, StageChanged, StepFinished, TrainingEvent
from calotype.domain.imageset import ImageSet
from calotype.domain.plan import PreviewPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.vision_metrics import ModelNumbers, VisionMeter, VisionScale

MakeJob = Callable[..., TrainingJob]
MakeVisionFolder = Callable[[str], Path]
MakeMeter = Callable[..., VisionMeter]
PREVIEW = PreviewPlan(every=6, prompts=("disc, teal background", "disc"), sampling_steps=2)


def finish(work: Generator[StageChanged, None, ModelNumbers]) -> ModelNumbers:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            result: ModelNumbers = finished.value
            return result


def directions(*angles: float) -> torch.Tensor:
    """Vectors of length 1 in a plane, by their angles in degrees."""
    turned = torch.tensor(angles).deg2rad()
    return torch.stack([turned.cos(), turned.sin()], dim=1)


@pytest.fixture
def base(tmp_path: Path) -> list[Path]:
    """What a base model that knows nothing of discs might have drawn."""
    paths = [tmp_path / f"base-{number}.png" for number in range(2)]
    for place, path in enumerate(paths):
        Image.linear_gradient("L").rotate(90 * place).convert("RGB").resize((128, 128)).save(path)
    return paths


@pytest.fixture
def make_meter(image_set: ImageSet) -> MakeMeter:
    """A meter of the pictures of discs by the model in a folder."""

    def make(folder: Path | None, prompts: Sequence[str] = ("teal background", "")) -> VisionMeter:
        return VisionMeter(folder, torch.device("cpu"), image_set.training, image_set.held_out, prompts)

    return make


def measured(events: Sequence[TrainingEvent]) -> list[PreviewsMeasured]:
    return [event for event in events if isinstance(event, PreviewsMeasured)]


def test_that_similarity_runs_from_the_base_model_to_training_pictures() -> None:
    # What both share, (0.5, 0.5), is taken away: left is one direction for the subject and its opposite for the base.
    scale = VisionScale(training=directions(0, 0), held_out=directions(0), base=directions(90))

    found = [scale.similarity(torch.tensor([point])) for point in ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0))]

    assert found == [pytest.approx(value, abs=1e-6) for value in (0.0, 1.0, 0.5)]


def test_that_a_base_model_that_draws_the_subject_already_leaves_nothing_to_tell() -> None:
    scale = VisionScale(training=directions(0), held_out=directions(0), base=directions(0))

    assert scale.similarity(directions(5)) is None


def test_that_adherence_is_what_the_previews_gained_over_the_base_models() -> None:
    texts = (directions(0)[0], None, directions(0)[0])
    scale = VisionScale(directions(0), directions(0), base=directions(60, 0, 90), texts=texts)

    # Cosines: 0.5 became 1, the one without words does not count, and 0 became 0.5.
    assert scale.adherence(directions(0, 90, 60)) == pytest.approx(0.5, abs=1e-6)
    assert replace(scale, texts=()).adherence(directions(0, 90, 60)) is None
    assert replace(scale, texts=(None, None, None)).adherence(directions(0, 90, 60)) is None


def test_that_vectors_that_are_no_numbers_give_none() -> None:
    good, bad = directions(0, 90), torch.full((2, 2), torch.nan)

    for training, held_out, base, previews in ((bad, good, good, good), (good[:1], good[:1], good[1:], bad)):
        scale = VisionScale(training, held_out, base, texts=(good[0], good[1]))
        assert scale.similarity(previews) is None
        assert previews is good or scale.adherence(previews) is None


@pytest.mark.parametrize("kind", ["clip", "clip_vision_model", "dinov2", "dinov2_with_registers"])
def test_that_each_kind_of_model_compares_real_pictures(
    kind: str, vision_folder: MakeVisionFolder, make_meter: MakeMeter, base: list[Path], image_set: ImageSet
) -> None:
    meter = make_meter(vision_folder(kind))
    discs = [image.path for image in image_set.held_out]

    before, after = (finish(meter.measure(previews, base, Control())) for previews in (base, discs))

    assert before.similarity == 0.0
    assert after.similarity is not None and after.similarity > 0.5
    assert before.adherence == (0.0 if kind == "clip" else None)
    assert (after.adherence is not None and after.adherence != 0.0) == (kind == "clip")


def test_that_only_prompts_with_words_of_their_own_count(
    vision_folder: MakeVisionFolder, make_meter: MakeMeter, base: list[Path], image_set: ImageSet
) -> None:
    discs = [image.path for image in image_set.held_out]

    def adherence(*prompts: str) -> float | None:
        return finish(make_meter(vision_folder("clip"), prompts).measure(discs, base, Control())).adherence

    first, both, none = adherence("teal background", ""), adherence("teal background", "gold"), adherence("", "")

    assert none is None
    assert first is not None and both is not None and first != both


def test_that_a_stop_while_pictures_are_looked_at_is_heard(
    vision_folder: MakeVisionFolder, make_meter: MakeMeter, base: list[Path]
) -> None:
    control, seen = Control(), list[StageChanged]()
    work = make_meter(vision_folder("dinov2")).measure(base, base, control)

    for stage in work:
        seen.append(stage)
        control.send(Stop())

    assert [stage.done for stage in seen] == [1]


def test_that_weights_that_are_no_numbers_cost_only_the_numbers(
    vision_folder: MakeVisionFolder, make_meter: MakeMeter, base: list[Path], image_set: ImageSet, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(vision_folder("clip"), tmp_path / "broken"))
    known = load_file(folder / "model.safetensors")
    broken = {name: torch.full_like(value, torch.nan) for name, value in known.items()}
    save_file(broken, folder / "model.safetensors", {"format": "pt"})

    found = finish(make_meter(folder).measure([image.path for image in image_set.held_out], base, Control()))

    assert found == ModelNumbers(None, None)


@pytest.mark.parametrize("spoil", ["gone", "pickle", "other size"])
def test_that_a_folder_that_became_bad_is_told_once_and_costs_no_run(
    spoil: str,
    vision_folder: MakeVisionFolder,
    make_meter: MakeMeter,
    base: list[Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = Path(shutil.copytree(vision_folder("dinov2"), tmp_path / "my model"))
    if spoil == "gone":
        shutil.rmtree(folder)
    elif spoil == "pickle":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    else:
        text = (folder / "preprocessor_config.json").read_text(encoding="utf-8")
        (folder / "preprocessor_config.json").write_text(text.replace("32", "4"), encoding="utf-8")
    meter = make_meter(folder)

    with caplog.at_level(logging.WARNING):
        found = [finish(meter.measure(base, base, Control())) for _ in range(2)]

    assert found == [ModelNumbers()] * 2
    assert len(caplog.records) == 1
    assert "my model" in caplog.text and "previews are compared by the base model only" in caplog.text


def test_that_a_picture_that_is_gone_costs_one_comparison(
    vision_folder: MakeVisionFolder, make_meter: MakeMeter, base: list[Path], image_set: ImageSet, tmp_path: Path
) -> None:
    meter = make_meter(vision_folder("dinov2"))
    discs = [image.path for image in image_set.held_out]

    without = finish(meter.measure([tmp_path / "gone.png"], base, Control()))
    again = finish(meter.measure(discs, base, Control()))

    assert without == ModelNumbers()
    assert again.similarity is not None


def test_that_a_run_learns_the_same_with_a_model_and_measures_the_same_when_it_goes_on(
    make_job: MakeJob, vision_folder: MakeVisionFolder
) -> None:
    job = replace(make_job("with", preview=PREVIEW), comparison_model=vision_folder("clip"))
    plain = list(train(make_job("without", preview=PREVIEW), Control()))
    events, control = list(train(job, Control())), Control()
    half = replace(job, folder=job.folder.with_name("half"))
    for event in train(half, control):
        if isinstance(event, StepFinished) and event.step == 4:
            control.send(Stop())

    resumed = list(train(replace(half, continues=True), Control()))

    losses = [[event.loss for event in run if isinstance(event, StepFinished)] for run in (plain, events)]
    assert losses[0] == losses[1]
    assert [(one.model_similarity, one.adherence) for one in measured(plain)] == [(None, None)] * 2
    assert [one.adherence is not None for one in measured(events)] == [True] * 2
    assert measured(events)[0].adherence == 0.0
    assert [replace(one, seconds=0.0) for one in measured(resumed)] == [replace(measured(events)[-1], seconds=0.0)]


def test_that_a_run_with_a_folder_that_is_gone_ends_as_without_one(
    make_job: MakeJob, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = replace(make_job(preview=PREVIEW), comparison_model=tmp_path / "gone")

    events = list(train(job, Control()))

    assert isinstance(events[-1], RunFinished)
    assert [one.model_similarity for one in measured(events)] == [None] * 2
    assert [record.levelno for record in caplog.records if record.levelno >= logging.WARNING] == [logging.WARNING]
