"""Garbage collection on the window's thread, and on no other."""

from __future__ import annotations

import gc

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

_EVERY_MS = 100
_WHOLE_EVERY_MS = 60_000  # a whole collection walks everything; it may hold the window for some milliseconds


class GarbageOnThisThread(QObject):
    """Collects garbage on the thread that it was made on, from then on.

    Left to itself, Python collects on whichever thread happens to ask for memory. A cycle that is found may hold a
    widget, and Qt crashes when a widget is destroyed on a worker's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._since_whole = QElapsedTimer()
        self._since_whole.start()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        """Collect what Python would have collected by now: its own thresholds say when a generation is due."""
        young, middle, old = (count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True))
        if old and self._since_whole.hasExpired(_WHOLE_EVERY_MS):
            self._since_whole.restart()
            gc.collect()
        elif middle:
            gc.collect(1)
        elif young:
            gc.collect(0)
