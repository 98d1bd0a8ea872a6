"""The checks of an installation as the window sees them: one job after the other, each with its result."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from calotype.domain.checks import Check, CheckResult
from calotype.domain.errors import CalotypeError
from calotype.services.diagnostic_report import save_report
from calotype.services.self_check import SelfCheck
from calotype.ui.look.wording import sentence
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class Diagnosis(QObject):
    """Goes through all checks, whatever some of them say; what they make is deleted at the end.

    changed: a check has begun or ended. finished: all have ended, or it was stopped.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._tested = SelfCheck(Path())
        self._waiting: list[Check] = []
        self._job: BackgroundJob | None = None
        self._begun_at = 0.0
        self.checks = self._tested.checks
        self.current: Check | None = None
        self.results: dict[Check, CheckResult] = {}
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """True from the beginning until the last check has ended."""
        return self._folder is not None

    @property
    def failures(self) -> list[CheckResult]:
        """What did not work."""
        return [result for result in self.results.values() if result.failure]

    def start(self) -> None:
        """Begin from the start."""
        if self.is_running:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="calotype-selftest-", ignore_cleanup_errors=True)
        self._tested = SelfCheck(Path(self._folder.name), self._session.settings)
        self._waiting, self.results = list(self.checks), {}
        self._next()

    def stop(self) -> None:
        """End after the check that runs."""
        self._waiting = []

    def save(self, path: Path) -> bool:
        """Write the report; False if that was refused, and said."""
        results = list(self.results.values())
        return self._session.tell_failure(lambda: save_report(self._session.workspace, path, results))

    def _next(self) -> None:
        if not self._waiting:
            self._clean_up()
            return
        check = self.current = self._waiting.pop(0)
        tested = self._tested
        self._begun_at = time.monotonic()
        self._job = BackgroundJob(lambda: iter([tested.run(check)]))
        self._job.reported.connect(self._pass)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self.changed.emit()
        self._job.start()

    def _pass(self, detail: object) -> None:
        self._note(detail=str(detail))

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, CalotypeError):
            self._note(failure=sentence(error))
            return
        text = self.tr("{kind}: {words}. Install Calotype again; if it comes back, save the report and send it.")
        self._note(failure=text.format(kind=type(error).__name__, words=str(error).rstrip(".") or "?"))

    def _note(self, detail: str = "", failure: str = "") -> None:
        if self.current is not None:
            seconds = time.monotonic() - self._begun_at
            self.results[self.current] = CheckResult(self.current, detail, failure, seconds)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self._next()

    def _clean_up(self) -> None:
        self.current = None
        self._tested.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self.changed.emit()
        self.finished.emit()
