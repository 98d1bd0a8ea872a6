"""A heartbeat of the window: how late does each tick of a timer come, and who held it up?"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer
from stack_watch import StackWatch

INTERVAL_MS = 10
_WATCHED_MS = 15  # ticks that come later are looked into


class Pulse(QObject):
    """A timer that writes down, in milliseconds, how late each of its ticks came.

    With `is_watched` it also finds out what was going on when one came late, for some hundredths of a millisecond each.
    """

    def __init__(self, *, is_watched: bool = False) -> None:
        super().__init__()
        self.late: list[float] = []
        self.watch = StackWatch(_WATCHED_MS, INTERVAL_MS) if is_watched else None
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def write_into(self, late: list[float]) -> None:
        """From now on, ticks belong to this list."""
        self.late = late

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()
        if self.watch is not None:
            self.watch.stop()

    def tell(self) -> None:
        """Write to the standard error what was going on at each late tick, if that was watched."""
        if self.watch is not None:
            self.watch.tell()

    @property
    def worst(self) -> str:
        """The latest tick in words: how late, and during what, if that was watched."""
        during = self.watch.worst if self.watch is not None else ""
        return f"{max(self.late):.0f} ms" + (f" (during {during})" if during else "")

    def _tick(self) -> None:
        now = time.perf_counter()
        late = max(0.0, (now - self._last) * 1000 - INTERVAL_MS)
        self.late.append(late)
        self._last = now
        if self.watch is not None:
            self.watch.alive(late)
