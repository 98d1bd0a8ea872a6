"""What the Train page shows of one run: its events, live or from history, turned into series and a phase."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal

from calotype.domain.control import Command, Control, MakePreview, Pause, Resume, Stop
from calotype.domain.events import (
    CheckpointSaved,
    LoraChecked,
    ModelLoaded,
    PartsCompared,
    PreviewReady,
    PreviewsMeasured,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SetExamined,
    Stage,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.plan import TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.services import training_runs
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.time_left import TimeLeft
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


class RunPhase(StrEnum):
    """Where a shown run stands."""

    NONE = "none"  # nothing was started or opened yet
    GETTING_READY = "getting ready"  # from Start to the first measurement
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"  # Stop was asked for; the current step is ending
    FINISHED = "finished"
    FAILED = "failed"


class TrainingRunModel(QObject):
    """One run as the window sees it.

    started: a job was started. changed: after every event, and when the phase changes; redraw at your own rate.
    preview_added: a PreviewReady. failed: the exception that ended it. finished: always last, once the job's thread
    is gone; carries the RunFinished, or None after a failure.
    """

    started = Signal()
    changed = Signal()
    preview_added = Signal(object)
    finished = Signal(object)
    failed = Signal(object)

    def __init__(
        self, session: Session, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self._control = Control()
        self._job: BackgroundJob | None = None
        self._forget("", None)

    def _forget(self, run_id: str, plan: TrainingPlan | None) -> None:
        self.run_id = run_id
        self.plan = plan
        self.series = RunSeries()
        self.phase = RunPhase.NONE
        self.stage: StageChanged | None = None
        self.model: ModelLoaded | None = None
        self.last_step: StepFinished | None = None
        self.saved_step = 0
        self.result: RunFinished | None = None
        self.failure: BaseException | None = None
        self.failure_text = ""
        self.pending: Command | None = None
        self.images_trained = 0
        self.images_held_out = 0
        self._step_count = plan.step_count if plan else 0
        self._time_left = TimeLeft(self._clock)

    @property
    def is_running(self) -> bool:
        """True from Start until the job's thread has gone."""
        return self._job is not None

    @property
    def step(self) -> int:
        """The last finished step."""
        return int(self.series.steps[-1]) if self.series.steps else 0

    @property
    def step_count(self) -> int:
        """How many steps the run is to take."""
        return self._step_count

    @property
    def best_step(self) -> int | None:
        """The step with the lowest validation ratio, None before the first measurement after step 0."""
        best = self.series.best
        return best.step if best else None

    @property
    def seconds_left(self) -> float | None:
        """The time to the end, with the measuring and drawing that lie ahead; None while nothing is known yet."""
        return self._time_left.seconds(self.series, self.plan, self.step) if self.plan is not None else None

    def start(self, plan: TrainingPlan) -> None:
        """Begin a run of the open project; does nothing while one is going on."""
        project = self._session.project
        if self.is_running or project is None:
            return
        self._forget("", plan)
        workspace, shelf, control = self._session.workspace, self._session.shelf, Control()
        self._run(control, lambda: training_runs.start(workspace, project, plan, control, shelf))

    def resume(self, run_id: str) -> None:
        """Go on with an interrupted run from its last checkpoint; its earlier curves are shown again first."""
        if self.is_running:
            return
        workspace, shelf, control = self._session.workspace, self._session.shelf, Control()
        run = training_runs.find_run(workspace, run_id)
        self.show_history(run, training_runs.history(workspace, run))
        self.result, self.failure, self.failure_text = None, None, ""
        self._run(control, lambda: training_runs.resume(workspace, run_id, control, shelf))

    def show_history(self, run: Run, events: Iterable[TrainingEvent]) -> None:
        """Fill the model from the stored events of a past run."""
        self._forget(run.id, run.plan)
        for event in events:
            self._take(event)
        self._step_count = run.plan.step_count
        self.failure_text = run.failure
        self.phase = RunPhase.FAILED if run.state is RunState.FAILED else RunPhase.FINISHED
        self.changed.emit()

    def send(self, command: Command) -> None:
        """Ask the run for something; it answers between steps."""
        if not self.is_running:
            return
        self._control.send(command)
        if isinstance(command, Stop):
            self.phase = RunPhase.STOPPING
        if isinstance(command, Pause | Resume | MakePreview):
            self.pending = command
        self.changed.emit()

    def apply(self, event: TrainingEvent) -> None:
        """Take one event of the running job and tell the views."""
        self._take(event)
        self.changed.emit()
        if isinstance(event, RunStarted):
            self._session.runs_changed.emit()
        if isinstance(event, PreviewReady):
            self.preview_added.emit(event)

    def _take(self, event: TrainingEvent) -> None:
        match event:
            case RunStarted():
                self._begin(event)
            case StageChanged():
                self._enter(event)
            case ModelLoaded():
                self.model = event
            case StepFinished():
                self._time_left.end_drawing()
                self.stage, self.last_step = None, event
                self.series.add_step(event)
                self._go_on(RunPhase.RUNNING)
            case ValidationFinished() | PreviewsMeasured() | SetExamined() | LoraChecked() | PartsCompared():
                self.series.add_measurement(event)
            case PreviewReady():
                self.series.add_preview(event)
                self._answered(MakePreview)
            case CheckpointSaved():
                self.saved_step = event.step
            case RunPaused():
                self._answered(Pause)
                self._go_on(RunPhase.PAUSED)
            case RunResumed():
                self._answered(Resume)
                self._go_on(RunPhase.RUNNING)
            case RunFinished():
                self.result, self.stage = event, None
                self.phase = RunPhase.FINISHED
            case _:
                assert_never(event)

    def _begin(self, event: RunStarted) -> None:
        if event.run_id != self.run_id and self.run_id:
            self._forget(event.run_id, self.plan)
        self.run_id = event.run_id
        self._step_count = event.step_count
        self.images_trained, self.images_held_out = event.images_trained, event.images_held_out
        # Steps after the last checkpoint are taken again, so what was measured there no longer holds.
        self.series.forget_from(event.first_step if event.first_step > 1 else 0)
        self.phase = RunPhase.GETTING_READY

    def _enter(self, event: StageChanged) -> None:
        if event.stage is Stage.DRAWING_PREVIEWS:
            self._time_left.begin_drawing()
        else:
            self._time_left.end_drawing()
        self.stage = event

    def _go_on(self, phase: RunPhase) -> None:
        if self.phase is not RunPhase.STOPPING:
            self.phase = phase

    def _answered(self, command: type[Command]) -> None:
        if isinstance(self.pending, command):
            self.pending = None

    def _run(self, control: Control, produce: Callable[[], Iterable[object]]) -> None:
        self._control = control
        self.phase = RunPhase.GETTING_READY
        self._job = BackgroundJob(lambda: iter(produce()), self)
        self._job.reported.connect(self.apply)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self.started.emit()
        self.changed.emit()
        self._job.start()

    def _fail(self, error: BaseException) -> None:
        self.failure, self.phase, self.stage = error, RunPhase.FAILED, None
        self.changed.emit()
        self.failed.emit(error)
        self._session.failure.emit(error)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self.pending = None
        self.changed.emit()
        self._session.runs_changed.emit()
        self.finished.emit(self.result if self.failure is None else None)
