"""What is said of pictures and captions before the first step, on the starter model itself."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image, ImageDraw

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.lora_adapter import up_layers
from calotype.domain.buckets import Bucket
from calotype.domain.control import Control, Stop
from calotype.domain.events import (
    Leak,
    PartsCompared,
    RunFinished,
    SetExamined,
    StageChanged,
    StepFinished,
    TrainingEvent,
)
from calotype.domain.imageset import CaptionedImage, ImageSet, Split, SubjectKind
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.domain.verdict import LEAST_CAPTION_FIT
from calotype.training.engine import train
from calotype.training.examination import LEAST_STEPS, leaks
from calotype.training.job import TrainingJob
from calotype.training.kinship import FIRST_LOOK, kinships, least_kin_parts, pulls
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import fixed_batch, losses_of
from calotype.training.parts import Parts
from calotype.training.two_parts import is_due

MakeJob = Callable[..., TrainingJob]

Assemble = Callable[[TrainingJob], Parts]


def examined(job: TrainingJob) -> SetExamined:
    """The report of a run that is stopped as soon as it has it."""
    control = Control()
    for event in train(job, control):
        if isinstance(event, SetExamined):
            control.send(Stop())
            return event
    raise AssertionError("the set was not examined")


def with_captions(job: TrainingJob, captions: list[str]) -> TrainingJob:
    images = tuple(replace(i, caption=c) for i, c in zip(job.image_set.images, captions, strict=True))
    return replace(job, image_set=ImageSet(job.image_set.project, images))


def test_that_captions_that_belong_to_their_pictures_win(make_job: MakeJob) -> None:
    found = examined(make_job(step_count=LEAST_STEPS))

    assert (found.captions, found.with_trigger, found.needs_trigger_word) == (4, 4, True)
    assert found.caption_fit is not None and found.caption_fit > LEAST_CAPTION_FIT
    assert found.leaks == ()


def test_that_captions_of_other_pictures_are_noticed(make_job: MakeJob) -> None:
    job = make_job(step_count=LEAST_STEPS)
    captions = [image.caption for image in job.image_set.images]

    found = examined(with_captions(job, [*captions[1:4], captions[0], *captions[4:]]))

    assert found.caption_fit is not None and found.caption_fit < LEAST_CAPTION_FIT


def test_that_captions_which_are_all_the_same_say_nothing(make_job: MakeJob) -> None:
    found = examined(with_captions(make_job(step_count=LEAST_STEPS), ["disc"] * 6))

    assert found.caption_fit is None
    assert found.with_trigger == 4


def test_that_captions_without_the_word_are_counted(make_job: MakeJob) -> None:
    found = examined(
        with_captions(make_job(step_count=LEAST_STEPS), ["discus", "a Disc!", "teal", "gold", "disc", "disc"])
    )

    assert (found.captions, found.with_trigger) == (4, 1)


def test_that_a_style_may_show_anything(make_job: MakeJob) -> None:
    job = make_job(step_count=LEAST_STEPS)
    style = replace(job.image_set.project, kind=SubjectKind.STYLE)

    found = examined(replace(job, image_set=replace(job.image_set, project=style)))

    assert (found.kinship, found.held_out_kinship, found.needs_trigger_word) == (None, None, False)


def test_that_held_out_pictures_of_the_same_thing_are_kin(make_job: MakeJob) -> None:
    found = examined(make_job(step_count=LEAST_STEPS))

    assert found.held_out_kinship is not None and 0.3 < found.held_out_kinship <= 1.0


def test_that_a_very_short_run_is_not_examined(make_job: MakeJob) -> None:
    events = list(train(make_job(step_count=2), Control()))

    assert not any(isinstance(event, SetExamined | PartsCompared) for event in events)


def test_that_a_run_that_goes_on_is_not_examined_again(make_job: MakeJob) -> None:
    job, control = make_job(step_count=LEAST_STEPS), Control()
    for event in train(job, control):
        if isinstance(event, StepFinished) and event.step == 2:
            control.send(Stop())

    later = list(train(replace(job, continues=True), Control()))

    assert not any(isinstance(event, SetExamined) for event in later)


def test_that_a_stop_while_it_examines_is_heard(make_job: MakeJob) -> None:
    control = Control()
    events: list[TrainingEvent] = []
    for event in train(make_job(step_count=LEAST_STEPS), control):
        events.append(event)
        if isinstance(event, StageChanged) and event.stage.value == "examining the set":
            control.send(Stop())

    assert not any(isinstance(event, SetExamined | StepFinished) for event in events)


def cached(name: str, latents: torch.Tensor, mirrored: torch.Tensor | None = None) -> CachedImage:
    return CachedImage(name, Bucket(64, 64), latents, mirrored, cast(Conditioning, torch.zeros(1, 1)))


def test_that_a_picture_saved_again_is_a_leak_and_another_one_is_not() -> None:
    chance = torch.Generator().manual_seed(1)
    pictures = [torch.randn(4, 8, 8, generator=chance) for _ in range(3)]
    again = pictures[1] + 0.1 * torch.randn(4, 8, 8, generator=chance)
    training = [cached(f"t{number}", latents) for number, latents in enumerate(pictures)]

    assert leaks(training, [cached("h0", again)]) == [Leak("h0", "t1")]
    assert leaks(training, [cached("h0", torch.randn(4, 8, 8, generator=chance))]) == []
    assert leaks(training, [cached("h0", torch.randn(4, 4, 8, generator=chance))]) == []


def test_that_a_mirrored_copy_is_a_leak_if_mirrored_pictures_are_learned_from() -> None:
    latents = torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(1))
    mirrored = latents.flip(-1)

    assert leaks([cached("t", latents, mirrored)], [cached("h", mirrored)]) == [Leak("h", "t")]
    assert leaks([cached("t", latents)], [cached("h", mirrored)]) == []


def pulled(directions: list[int], noise: float) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Pictures that pull along these axes of a space, twice each, with noise as long as `noise`."""
    chance = torch.Generator().manual_seed(2)
    axes = torch.eye(8, 512)
    return [
        (
            axes[axis] + noise * torch.nn.functional.normalize(torch.randn(512, generator=chance), dim=0),
            axes[axis] + noise * torch.nn.functional.normalize(torch.randn(512, generator=chance), dim=0),
        )
        for axis in directions
    ]


@pytest.mark.parametrize("noise", [0.1, 1.0])
def test_that_kinship_is_free_of_noise_and_two_subjects_fall_apart(noise: float) -> None:
    kinship = kinships(pulled([0, 1, 0, 1, 0, 1, 1], noise))

    assert float(kinship[0, 2]) == pytest.approx(1.0, abs=0.15)
    assert float(kinship[0, 1]) == pytest.approx(0.0, abs=0.15)
    split = least_kin_parts(kinship)
    assert split is not None
    assert split.inside.tolist() in ([True, False, True, False, True, False, False], [False, True] * 3 + [True])
    assert split.between == pytest.approx(0.0, abs=0.1)
    assert split.contrast == pytest.approx(1.0, abs=0.2)
    pictures = [cached(str(number), torch.zeros(1, 8, 8)) for number in range(7)]
    assert split.smaller(pictures) == ("0", "2", "4")


def test_that_one_odd_picture_is_no_second_subject() -> None:
    split = least_kin_parts(kinships(pulled([0, 0, 0, 0, 0, 1], 0.1)))

    assert split is None or split.between > 0.5


@pytest.mark.parametrize(
    ("step_count", "validate_every", "due"), [(180, 30, 60), (6, 3, 3), (100, 10, 30), (300, 50, 100)]
)
def test_that_parts_are_compared_once_after_a_third_of_the_run(step_count: int, validate_every: int, due: int) -> None:
    plan = TrainingPlan("starter", "p1", step_count=step_count, validate_every=validate_every)

    assert [step for step in range(0, step_count + 1, validate_every) if is_due(plan, step)] == [due]


def test_that_a_set_of_two_things_falls_apart_while_it_is_learned(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job(step_count=LEAST_STEPS, validate_every=4, preview=PreviewPlan(every=100))
    job = replace(job, image_set=replace(job.image_set, images=_discs_and_crosses(job, tmp_path)))

    events = list(train(job, Control()))

    compared = [event for event in events if isinstance(event, PartsCompared)]
    assert [event.step for event in compared] == [4]
    assert {"more1", "more3", "more5", "more7"} <= set(compared[0].other_part)  # the crosses
    kinds = [type(event) for event in events]
    assert kinds.index(SetExamined) < kinds.index(PartsCompared) < kinds.index(RunFinished)


def _discs_and_crosses(job: TrainingJob, folder: Path) -> tuple[CaptionedImage, ...]:
    """Eight more pictures to learn from: four discs and four crosses."""
    made = list(job.image_set.images)
    for number, colour in enumerate(["red", "green", "blue", "white", "black", "pink", "brown", "beige"]):
        picture = Image.new("RGB", (128, 128), colour)
        draw = ImageDraw.Draw(picture)
        if number % 2:
            draw.line((24, 24, 104, 104), fill="orange", width=30)
            draw.line((24, 104, 104, 24), fill="orange", width=30)
        else:
            draw.ellipse((32, 32, 96, 96), fill="white", outline="black", width=12)
        path = folder / f"more{number}.png"
        picture.save(path)
        name = f"more{number}"
        caption = f"disc, {colour} background"
        made.append(CaptionedImage(path, 128, 128, caption, name, 100 + number, Split.TRAINING, path.name))
    return tuple(made)


def test_that_each_picture_has_its_own_gradient_as_autograd_finds_it(make_job: MakeJob, assembled: Assemble) -> None:
    job = make_job(lora=LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ALL_LAYERS))
    parts = assembled(job)
    images = [image for image in parts.training if image.latents.shape[2] == 16]

    found = [first for first, _ in pulls(parts, images, FIRST_LOOK)]

    weights: list[Any] = [layer.weight for layer in up_layers(parts.model.unet, FIRST_LOOK.last_blocks)]
    for image, pull in zip(images, found, strict=True):
        batch = fixed_batch("pull", [(image, image.conditioning)], [int(FIRST_LOOK.timesteps[0] * 1000)])
        loss = losses_of(parts.model.unet, parts.schedule, batch, torch.float32).sum()
        gradients = torch.autograd.grad(loss / loss.detach(), weights)
        wanted = torch.cat([gradient.flatten() for gradient in gradients])
        assert torch.nn.functional.cosine_similarity(pull.float(), wanted, dim=0) > 0.9999
        assert pull.float().norm() == pytest.approx(float(wanted.norm()), rel=1e-2)
    assert len(images) == 3
