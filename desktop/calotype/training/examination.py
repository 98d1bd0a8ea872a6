"""Look at pictures and captions before the first step, for what no curve tells: whether the check can be trusted."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch

from calotype.domain.captions import has_word
from calotype.domain.control import Control
from calotype.domain.events import Leak, SetExamined, Stage, StageChanged, TrainingEvent
from calotype.domain.imageset import SubjectKind
from calotype.training.caption_fit import caption_fits
from calotype.training.job import TrainingJob
from calotype.training.kinship import FIRST_LOOK, Pulls, kinships, least_kin_parts, pulls
from calotype.training.latent_cache import CachedImage
from calotype.training.parts import Parts

EXAMINED, CHECKED = 12, 4  # pictures to learn from, and held-out ones, that are looked at
LEAST_STEPS = 12  # looking costs about as much as so many of them
LEAST_COMPARISONS = 6  # of captions: fewer are no evidence
SAME_PICTURE = 0.1  # squared distance of latents over their squared size: below it two pictures are the same


@dataclass(frozen=True, slots=True)
class _Kinship:
    parts: float | None = None
    other: tuple[str, ...] = ()
    held_out: float | None = None


def examine(job: TrainingJob, parts: Parts, control: Control) -> Generator[TrainingEvent, None, None]:
    """Report SetExamined before the first step; nothing after a Stop, or for a run too short to be worth it."""
    if job.plan.step_count < LEAST_STEPS:
        return
    began, trigger = time.perf_counter(), job.image_set.project.trigger_word
    training, held_out = parts.training[:EXAMINED], parts.held_out.images[:CHECKED]
    total = 2 * len(training) + len(held_out)
    fits: list[tuple[int, int]] = []
    captions = {image.content_hash: image.caption for image in job.image_set.images}
    parts.model.unet.eval()
    for fit in caption_fits(parts.model.unet, parts.schedule, training, captions, parts.dtype):
        fits.append(fit)
        yield StageChanged(Stage.EXAMINING_SET, len(fits), total)
        if control.is_stopping:
            return
    found: list[Pulls] = []
    shows_one_thing = job.image_set.project.kind is not SubjectKind.STYLE  # a style may show anything
    for pull in pulls(parts, (*training, *held_out), FIRST_LOOK) if shows_one_thing else ():
        found.append(pull)
        yield StageChanged(Stage.EXAMINING_SET, len(fits) + len(found), total)
        if control.is_stopping:
            return
    kin = _kinship(found, training) if found else _Kinship()
    won, decided = (sum(fit[place] for fit in fits) for place in (0, 1))
    yield SetExamined(
        captions=len(job.image_set.training),
        with_trigger=sum(has_word(image.caption, trigger) for image in job.image_set.training),
        needs_trigger_word=shows_one_thing,
        caption_fit=won / decided if decided >= LEAST_COMPARISONS else None,
        kinship=kin.parts,
        other_part=kin.other,
        held_out_kinship=kin.held_out,
        leaks=tuple(leaks(parts.training, parts.held_out.images)),
        seconds=time.perf_counter() - began,
    )


def leaks(training: Sequence[CachedImage], held_out: Sequence[CachedImage]) -> list[Leak]:
    """Held-out pictures that are also learned from, for example saved again or slightly smaller; one leak for each."""
    found = []
    for image in held_out:
        distances = {other.content_hash: _distance(image, other) for other in training}
        nearest = min(distances, key=lambda name: distances[name], default=None)
        if nearest is not None and distances[nearest] < SAME_PICTURE:
            found.append(Leak(image.content_hash, nearest))
    return found


def _distance(one: CachedImage, other: CachedImage) -> float:
    if one.latents.shape != other.latents.shape:
        return math.inf
    candidates = [other.latents] if other.mirrored is None else [other.latents, other.mirrored]
    size = one.latents.square().sum().clamp(min=1e-12)
    return min(float((one.latents - candidate).square().sum() / size) for candidate in candidates)


def _kinship(found: Sequence[Pulls], training: Sequence[CachedImage]) -> _Kinship:
    """Kinship inside the pictures to learn from, and of the held-out ones, which come last in `found`, with them."""
    kinship, count = kinships(found), len(training)
    if not torch.isfinite(kinship).all():
        return _Kinship()
    held_out = float(kinship[:count, count:].mean()) if len(found) > count else None
    split = least_kin_parts(kinship[:count, :count])
    if split is None:
        return _Kinship(held_out=held_out)
    return _Kinship(split.between, split.smaller(training), held_out)
