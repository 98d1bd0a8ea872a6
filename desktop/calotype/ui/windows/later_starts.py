"""Answers later starts of the program: brings the window to the front, and takes in the files that they were given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from calotype.domain.errors import CalotypeError
from calotype.services.later_starts import open_letters, take_letters
from calotype.ui.models.session import Session

if TYPE_CHECKING:
    from calotype.ui.windows.incoming import Incoming


class LaterStarts(QObject):
    """Watches the folder of letters as long as the window is there; some may have come before it was."""

    def __init__(self, session: Session, incoming: Incoming, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._incoming = incoming
        self._window = window
        try:
            folder = open_letters(session.workspace)
        except CalotypeError:
            return  # a disk that is full: later starts say that a window is open
        self._watcher = QFileSystemWatcher([str(folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._look())
        QTimer.singleShot(0, self, self._look)

    def _look(self) -> None:
        for letter in take_letters(self._session.workspace):
            bring_to_front(self._window, letter.leave)
            self._incoming.take_as_dropped(letter.files)


def bring_to_front(window: QWidget, leave: str) -> None:
    """Show a window before all others, out of the task bar too; `leave` is what the desktop gave for that, or empty.

    A desktop that keeps windows from coming up by themselves marks it in the task bar instead.
    """
    if leave:
        os.environ["XDG_ACTIVATION_TOKEN"] = leave  # where Qt looks for it, and forgets it, on Wayland
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
