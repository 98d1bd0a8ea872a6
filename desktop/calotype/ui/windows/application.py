"""The application object, which macOS asks to open files; other systems name them on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

_MORE_COME_MS = 100  # several files come one by one


class Application(QApplication):
    """Collects the files that it is asked to open. files_asked_for: some are there, for whoever takes them."""

    files_asked_for = Signal()

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._files: list[Path] = []
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_MORE_COME_MS)
        self._calm.timeout.connect(self.files_asked_for)

    def take_files(self) -> list[Path]:
        """The files that nobody has taken yet: some may have come before there was a window."""
        taken, self._files = self._files, []
        return taken

    def event(self, event: QEvent) -> bool:
        """Take what the system sends to the whole program."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self._files.append(Path(event.file()))
            self._calm.start()
            return True
        return super().event(event)
