"""Drift, on numbers worked out by hand and on a run with a rate far too high."""

from collections.abc import Callable

import pytest
import torch

from calotype.domain.control import Control
from calotype.domain.events import ValidationFinished
from calotype.domain.plan import PreviewPlan
from calotype.training.drift import drift_between
from calotype.training.engine import train
from calotype.training.job import TrainingJob


def test_that_drift_is_the_difference_over_the_prediction_with_each_timestep_counting_the_same() -> None:
    base = torch.tensor([[3.0, 4.0], [0.0, 2.0]]).reshape(2, 1, 1, 2)
    now = torch.tensor([[3.0, 5.0], [0.0, 2.0]]).reshape(2, 1, 1, 2)

    # 1 / 5 at the first timestep and 0 at the second
    assert drift_between([now], [base]) == pytest.approx(0.1)
    assert drift_between([base], [base]) == 0.0


def test_that_drift_begins_at_nothing_and_grows_with_the_rate(make_job: Callable[..., TrainingJob]) -> None:
    drifts = []
    for rate in (1e-4, 1e-1):
        job = make_job(f"rate-{rate}", learning_rate=rate, step_count=3, preview=PreviewPlan(every=100, prompts=()))
        points = [event for event in train(job, Control()) if isinstance(event, ValidationFinished)]
        drifts.append([point.drift for point in points])

    (start, gentle), (_, wild) = drifts
    assert start == 0.0 and gentle is not None and wild is not None
    assert 0 < gentle < wild
