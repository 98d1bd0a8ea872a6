"""Something that is looked at in the background, and again when it changes; only the newest answer counts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from calotype.ui.workers.background_job import BackgroundJob

_CALM_MS = 250


class QuickLook(QObject):
    """Asks in a job, one at a time; an answer to an older question is thrown away.

    answered: what the newest question brought. failed: the exception in place of that.
    """

    answered = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: BackgroundJob | None = None
        self._question: Callable[[], object] | None = None
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._begin)

    @property
    def is_looking(self) -> bool:
        """True until the newest question is answered."""
        return self._job is not None or self._question is not None

    def ask(self, question: Callable[[], object], *, waits: bool = False) -> None:
        """Ask this instead of what was asked before; with `waits` only when a moment passed without another one."""
        self._question = question
        if waits:
            self._calm.start()
        else:
            self._begin()

    def _begin(self) -> None:
        self._calm.stop()
        question = self._question
        if self._job is not None or question is None:
            return  # the job that runs begins the next one when it ends
        self._question = None
        # Without a parent: whoever asked may go while the answer is still looked for, as a dialog that is closed does.
        self._job = BackgroundJob(lambda: iter([question()]))
        self._job.reported.connect(self._report)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()

    def _report(self, answer: object) -> None:
        if self._question is None:
            self.answered.emit(answer)

    def _fail(self, error: object) -> None:
        if self._question is None:
            self.failed.emit(error)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        if self._question is not None and not self._calm.isActive():
            self._begin()
