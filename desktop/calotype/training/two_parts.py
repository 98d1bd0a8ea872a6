"""Ask once, when the run has learned what its pictures share, whether part of them still pulls another way."""

from __future__ import annotations

import time
from collections.abc import Generator

import torch

from calotype.domain.control import Control
from calotype.domain.events import PartsCompared, Stage, StageChanged, TrainingEvent
from calotype.domain.imageset import SubjectKind
from calotype.domain.plan import TrainingPlan
from calotype.training.examination import LEAST_STEPS
from calotype.training.job import TrainingJob
from calotype.training.kinship import LATER_LOOK, Pulls, kinships, least_kin_parts, pulls
from calotype.training.parts import Parts

ASKED = 12  # pictures to learn from


def is_due(plan: TrainingPlan, step: int) -> bool:
    """True at the measurement that is nearest to a third of the run.

    Measured with the starter at step 60 and at the end of 180: by then two subjects were told apart by their
    backgrounds, and pulled together again.
    """
    return step == plan.validate_every * max(1, round(plan.step_count / 3 / plan.validate_every))


def compare_parts(job: TrainingJob, parts: Parts, step: int, control: Control) -> Generator[TrainingEvent, None, None]:
    """Report PartsCompared; nothing for a style, which may show anything, with too few pictures, or after a Stop.

    A run that was too short to be examined is not asked either.
    """
    if job.image_set.project.kind is SubjectKind.STYLE or job.plan.step_count < LEAST_STEPS:
        return
    began, asked = time.perf_counter(), parts.training[:ASKED]
    found: list[Pulls] = []
    parts.model.unet.eval()
    for pull in pulls(parts, asked, LATER_LOOK):
        found.append(pull)
        yield StageChanged(Stage.EXAMINING_SET, len(found), len(asked))
        if control.is_stopping:
            return
    kinship = kinships(found)
    split = least_kin_parts(kinship) if torch.isfinite(kinship).all() else None
    if split is not None:
        yield PartsCompared(step, split.contrast, split.smaller(asked), time.perf_counter() - began)
