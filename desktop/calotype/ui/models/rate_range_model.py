"""A learning-rate test as the window sees it: the curve so far, how long it may still take, and the answer."""

from __future__ import annotations

import math

from calotype.domain.events import StageChanged
from calotype.domain.plan import TrainingPlan
from calotype.domain.rate_range import RateMeasured, RateTestFinished, RateTestStarted
from calotype.services import rate_ranges
from calotype.ui.models.job_model import JobModel

_TIMED_STEPS = 10  # the newest ones: the first step warms up caches


class RateRangeModel(JobModel):
    """One test at a time."""

    def forget(self) -> None:
        """Leave nothing of the test before."""
        super().forget()
        self.points: list[RateMeasured] = []
        self.step_count = 0
        self.stage: StageChanged | None = None
        self.result: RateTestFinished | None = None

    @property
    def seconds_left(self) -> float | None:
        """The longest that it may still take, if the model never breaks; None before the second step."""
        if len(self.points) < 2:
            return None
        newest = self.points[1:][-_TIMED_STEPS:]
        per_step = sum(point.seconds for point in newest) / len(newest)
        seconds = (self.step_count - len(self.points)) * per_step
        return 5.0 * math.ceil(seconds / 5) if seconds > 10 else seconds

    def start(self, plan: TrainingPlan) -> None:
        """Begin a test on the open project; does nothing while one is going on."""
        project, workspace, shelf = self.session.project, self.session.workspace, self.session.shelf
        if not self.is_running and project is not None:
            self.run(lambda control: rate_ranges.find_rate(workspace, project, plan, control, shelf=shelf))

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
        match event:
            case StageChanged():
                self.stage = event
            case RateTestStarted():
                self.stage, self.step_count = None, event.step_count
            case RateMeasured():
                self.points.append(event)
            case RateTestFinished():
                self.result, self.stage = event, None
            case _:
                pass  # what else a training run reports says nothing about rates
        super().apply(event)

    def _fail(self, error: BaseException) -> None:
        self.stage = None
        super()._fail(error)
