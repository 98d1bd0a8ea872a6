"""Notices that the pictures of the open project were changed outside the window."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from calotype.ui.models.session import Session

_PAUSE_MS = 400  # programs write several files in a row
_LATER_MS = 5000


class FolderWatch(QObject):
    """Looks at the folder again soon after something in it was added, replaced or removed, and when the window is come
    back to: a system tells about the folder, and not about each of a hundred thousand files in it.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _: self._timer.start(_PAUSE_MS))
        session.project_changed.connect(self._follow)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._come_back)
        self._follow()

    def _follow(self) -> None:
        watched = self._watcher.directories()
        project = self._session.project
        wanted = [str(project.images_folder)] if project is not None and project.images_folder.is_dir() else []
        if watched == wanted:
            return
        if watched:
            self._watcher.removePaths(watched)
        if wanted:
            self._watcher.addPaths(wanted)

    def _come_back(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._timer.start(_PAUSE_MS)

    def _look(self) -> None:
        """Not while an import adds pictures, which says so itself."""
        is_busy = self._session.imports.is_running
        if is_busy or not self._session.open_images.look_again():
            self._timer.start(_LATER_MS)
