"""Reads the events of past runs in a thread, each run once however often it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from calotype.domain.runs import Run
from calotype.services import training_runs
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class RunOpening(QObject):
    """opened: a run (a Run) and its events; those that failed are said in the window."""

    opened = Signal(object, object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs: dict[BackgroundJob, Run] = {}

    def open(self, run: Run) -> None:
        """Read a run, unless it is being read."""
        if run in self._jobs.values():
            return
        workspace = self._session.workspace
        job = BackgroundJob(lambda: iter([(run, training_runs.history(workspace, run))]), self)
        job.reported.connect(self._report)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._forget_jobs)
        self._jobs[job] = run
        job.start()

    def _report(self, found: tuple[Run, object]) -> None:
        self.opened.emit(*found)

    def _forget_jobs(self) -> None:
        for job in [job for job in self._jobs if not job.is_running]:
            del self._jobs[job]
            job.deleteLater()
