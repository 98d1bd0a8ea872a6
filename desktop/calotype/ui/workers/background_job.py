"""One stream of events on one thread; the only place that starts threads."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from calotype.domain.courtesy import window_first

logger = logging.getLogger(__name__)

_started: dict[_Worker, BackgroundJob] = {}
"""Keeps each thread alive until it has ended: Qt aborts when a running QThread is destroyed."""


class _Worker(QThread):
    reported = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, produce: Callable[[], Iterator[object]]) -> None:
        super().__init__()
        self._produce = produce

    def run(self) -> None:
        """Runs in the new thread."""
        try:
            for event in self._produce():
                self.reported.emit(event)
        except Exception as error:  # every failure must reach the window instead of ending the thread
            logger.info("background work failed", exc_info=error)
            _let_go(error)
            self.failed.emit(error)
        self.ended.emit()


def _let_go(error: BaseException) -> None:
    """Empty the frames that an error remembers: they would keep a whole model in memory as long as it is shown."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


class BackgroundJob(QObject):
    """Runs a generator in a thread of its own and repeats what it yields on the thread of the job.

    reported: each event, in order. failed: the exception, if one left the generator.
    finished: always last, after success and after failure.
    All three arrive on the job's own thread, so that any callable may be connected.
    """

    reported = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, produce: Callable[[], Iterator[object]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = _Worker(produce)
        queued = Qt.ConnectionType.QueuedConnection
        self._worker.reported.connect(self._report, queued)
        self._worker.failed.connect(self._fail, queued)
        self._worker.ended.connect(self._end, queued)
        self._is_running = False

    def start(self) -> None:
        """Begin; a job runs once."""
        _forget_ended()
        self._is_running = True
        _started[self._worker] = self
        self._worker.start()

    @property
    def is_running(self) -> bool:
        """True from `start` until just before `finished`."""
        return self._is_running

    def wait(self) -> None:
        """Block until the thread has ended; for the end of the program. What it told meanwhile arrives later."""
        self._worker.wait()

    @Slot(object)
    def _report(self, event: object) -> None:
        with window_first():
            self.reported.emit(event)

    @Slot(object)
    def _fail(self, error: object) -> None:
        self.failed.emit(error)

    @Slot()
    def _end(self) -> None:
        self._worker.wait()  # the generator is done; only the thread's own tidying up is left
        self._is_running = False
        _started.pop(self._worker, None)
        self.finished.emit()


def wait_for_all_jobs() -> None:
    """Block until every thread has ended; for the end of the program, after the work was asked to stop."""
    for worker in list(_started):
        worker.wait()
    _started.clear()


def _forget_ended() -> None:
    for worker in [worker for worker in _started if worker.isFinished()]:
        _started.pop(worker, None)
