"""A learning-rate test as the window sees it: the curve so far, how long it may still take, and the answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import StageChanged
from calotype.domain.plan import TrainingPlan
from calotype.domain.rate_range import RateEvent, RateMeasured, RateTestFinished, RateTestStarted
from calotype.services import rate_ranges
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session

_TIMED_STEPS = 10  # the newest ones: the first step warms up caches


class RateRangeModel(QObject):
    """One test at a time.

    changed: after every event, and when it begins, stops or fails. finished: always last, once the job's thread is
    gone.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._control = Control()
        self._job: BackgroundJob | None = None
        self._forget()
        # Leaving the program waits for every job.
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    def _forget(self) -> None:
        self.points: list[RateMeasured] = []
        self.step_count = 0
        self.stage: StageChanged | None = None
        self.result: RateTestFinished | None = None
        self.failure: BaseException | None = None
        self.is_stopping = False

    @property
    def is_running(self) -> bool:
        """True from Start until the job's thread has gone."""
        return self._job is not None

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
        project = self._session.project
        if self.is_running or project is None:
            return
        self._forget()
        workspace, control = self._session.workspace, Control()
        self._control = control
        self._job = BackgroundJob(lambda: rate_ranges.find_rate(workspace, project, plan, control), self)
        self._job.reported.connect(self.apply)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()
        self.changed.emit()

    def stop(self) -> None:
        """End after the current step."""
        if self.is_running:
            self.is_stopping = True
            self._control.send(Stop())
            self.changed.emit()

    def apply(self, event: RateEvent) -> None:
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
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.failure, self.stage = error, None
        self.changed.emit()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self.is_stopping = False
        self.changed.emit()
        self.finished.emit()
