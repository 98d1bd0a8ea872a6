"""Garbage collection on the window's thread, and on no other."""

from __future__ import annotations

import gc

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

_EVERY_MS, _SOON_MS = 50, 10
_BUSY = 2_000  # new objects since the last look: somebody loads a lot, and the next look comes soon
_AT_ONCE = 50_000  # new objects since the last look: walking through more would hold the window for too long
_MIDDLE = 15_000  # objects that are walked through together, within some milliseconds
_WHOLE_EVERY_MS = 60_000
_WHOLE = 100_000  # objects; walking through more would hold the window for too long


class GarbageOnThisThread(QObject):
    """Collects garbage on the thread that it was made on, from then on.

    Left to itself, Python collects on whichever thread happens to ask for memory. A cycle that is found may hold a
    widget, and Qt crashes when a widget is destroyed on a worker's thread.

    No collection walks through many objects: what came in large numbers, such as the pictures of a set, is put aside
    for good. It is freed when nobody holds it any more, as most objects are; only cycles in it would stay.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._middle_count = 0  # of objects in the second generation, or a little more
        self._since_whole = QElapsedTimer()
        self._since_whole.start()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()
        gc.freeze()  # the modules of the program, which stay to its end

    def _collect(self) -> None:
        """Collect what Python would have collected by now, and what has become much: thresholds say what is due."""
        new_count = gc.get_count()[0]
        young, middle, old = (count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True))
        self._timer.setInterval(_SOON_MS if new_count > _BUSY else _EVERY_MS)
        if new_count > _AT_ONCE:  # as when all pictures of a large set come out of the index
            gc.freeze()
            self._middle_count = 0
        elif old and self._since_whole.hasExpired(_WHOLE_EVERY_MS):
            self._collect_whole()
        elif middle or self._middle_count > _MIDDLE:
            gc.collect(1)
            self._middle_count = 0
        elif young:
            gc.collect(0)
            self._middle_count += new_count

    def _collect_whole(self) -> None:
        self._since_whole.restart()
        if sum(len(gc.get_objects(generation)) for generation in range(3)) > _WHOLE:
            gc.freeze()
        else:
            gc.collect()
        self._middle_count = 0
