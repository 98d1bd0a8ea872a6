"""How fast bytes arrive, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_LOOKS_BACK_S = 8.0  # short enough to follow a change, long enough not to flicker


@dataclass(slots=True)
class TransferRate:
    """Remembers how much was there at which moment of the last seconds."""

    clock: Callable[[], float] = time.monotonic
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, done_bytes: int) -> None:
        """So much is there now."""
        now = self.clock()
        self._seen.append((now, done_bytes))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _LOOKS_BACK_S:
            self._seen.popleft()

    @property
    def bytes_per_s(self) -> float | None:
        """The mean of the last seconds; None while too little was seen to tell."""
        if len(self._seen) < 2:
            return None
        (since, before), (until, after) = self._seen[0], self._seen[-1]
        return (after - before) / (until - since) if until - since >= 0.5 else None

    def seconds_left(self, total_bytes: int) -> float | None:
        """The time until all is there; None while that cannot be told."""
        rate = self.bytes_per_s
        return (total_bytes - self._seen[-1][1]) / rate if rate else None
