"""Looks for a newer version: when the user presses a button, or once a day if they switched that on."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from calotype.services.updates import UpdateNews, is_due, look_for_update
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.models.session import Session


class UpdateWatch(QObject):
    """found: an UpdateNews. failed: why nothing was found; not emitted if nobody asked."""

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._was_asked = False
        self._look = QuickLook(self)
        self._look.answered.connect(self._report)
        self._look.failed.connect(self._fail)

    def look(self) -> None:
        """Ask now, because the user wants to know."""
        self._was_asked = True
        self._begin()

    def look_if_due(self) -> None:
        """Ask if that was switched on, and not asked today."""
        if is_due(self._session.workspace, self._session.settings, time.time()):
            self._begin()

    def _begin(self) -> None:
        workspace = self._session.workspace
        self._session.online_changed.emit(True)
        self._look.ask(lambda: look_for_update(workspace))

    def _report(self, news: object) -> None:
        self._session.online_changed.emit(False)
        if isinstance(news, UpdateNews) and (news.is_newer or self._was_asked):
            self.found.emit(news)
        self._was_asked = False

    def _fail(self, error: object) -> None:
        self._session.online_changed.emit(False)
        if self._was_asked:
            self.failed.emit(error)
        self._was_asked = False
