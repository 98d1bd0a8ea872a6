"""Adds model and LoRA files to the Library in a thread: a LoRA is copied, and from a slow disk that takes long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from calotype.services import model_catalog
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class FileAdding(QObject):
    """One file after the other; the session says what came, and of what was refused, why. The rest goes on."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: deque[Callable[[], object]] = deque()
        self._job: BackgroundJob | None = None

    def add(self, paths: Sequence[Path]) -> None:
        """Add what was dropped: a LoRA to the LoRAs, anything else as a base model."""
        self._begin([partial(model_catalog.add_file, self._session.workspace, path) for path in paths])

    def add_lora(self, path: Path) -> None:
        """Copy a LoRA file into the data folder; anything else is refused."""
        self._begin([partial(model_catalog.add_lora, self._session.workspace, path)])

    def _begin(self, works: Sequence[Callable[[], object]]) -> None:
        self._waiting.extend(works)
        if self._job is None:
            self._next()

    def _next(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        if self._waiting:
            work = self._waiting.popleft()
            self._job = BackgroundJob(lambda: iter([work()]), self)
            self._job.reported.connect(self._tell)
            self._job.failed.connect(self._session.failure)
            self._job.finished.connect(self._next)
            self._job.start()

    def _tell(self, _card: object) -> None:
        self._session.models_changed.emit()
        self._session.loras_changed.emit()
