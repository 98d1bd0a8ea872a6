"""Work that a page or dialog begins, watches and stops: one at a time, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, QObject, Signal

from calotype.domain.control import Control, Stop
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class JobModel(QObject):
    """What all such work has in common; a subclass begins it with `run`, and takes its events in `apply`.

    changed: after every event, and when it begins, stops or fails. finished: always last, once the job's thread is
    gone.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._job: BackgroundJob | None = None
        self._control = Control()
        self.forget()
        # Leaving the program waits for every job.
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """True from the beginning until the job's thread has gone."""
        return self._job is not None

    def forget(self) -> None:
        """Leave nothing of the work before; a subclass adds what it knows."""
        self.failure: BaseException | None = None
        self.is_stopping = False

    def run(self, produce: Callable[[Control], Iterator[object]]) -> None:
        """Begin, unless something is going on. `produce` is called in the job's thread; its Control hears of a stop."""
        if self.is_running:
            return
        self.forget()
        self._control = control = Control()
        self._job = BackgroundJob(lambda: produce(control), self)
        self._job.reported.connect(self.apply)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()
        self.changed.emit()

    def stop(self) -> None:
        """End soon."""
        if self.is_running:
            self.is_stopping = True
            self._control.send(Stop())
            self.changed.emit()

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        self.changed.emit()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self.is_stopping = False
        self.changed.emit()
        self.tell_end()

    def tell_end(self) -> None:
        """Say that the work is over; a subclass may say what came of it."""
        self.finished.emit()
