"""Weighs dropped folders in a thread, so that a person can choose before gigabytes are copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from calotype.services.folder_weight import LARGE_BYTES, weigh
from calotype.ui.models.intake import Intake
from calotype.ui.workers.background_job import BackgroundJob


class FolderScale(QObject):
    """Lets small folders and single files through. is_large: paths to ask about, and whether for a new project."""

    is_large = Signal(object, bool)

    def __init__(self, intake: Intake, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._intake = intake

    def take(self, paths: Sequence[Path], *, into_new: bool) -> None:
        """Take these in, or ask how."""
        if not any(path.is_dir() for path in paths):
            self._intake.take_paths(paths, into_new=into_new)
            return
        job = BackgroundJob(lambda: iter([weigh(paths)]), self)
        job.reported.connect(lambda size: self._go_on(size, paths, into_new))
        job.finished.connect(job.deleteLater)
        job.start()

    def _go_on(self, size_bytes: int, paths: Sequence[Path], into_new: bool) -> None:
        if size_bytes > LARGE_BYTES:
            self.is_large.emit(paths, into_new)
        else:
            self._intake.take_paths(paths, into_new=into_new)
