"""How long work will still take, from what it has taken so far: the steps, checks and drawings of a run, or a share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from calotype.domain.plan import TrainingPlan
from calotype.ui.models.run_series import RunSeries

_SURE_S = 2.0  # before which a forecast would be a guess


@dataclass(slots=True)
class TimeLeft:
    """Times the drawing of previews, which no event states, and adds up what lies ahead."""

    clock: Callable[[], float] = time.monotonic
    _drawing_since: float | None = None
    _drawing_seconds: float = 0.0

    def begin_drawing(self) -> None:
        """Previews are being drawn; said again for each of them."""
        if self._drawing_since is None:
            self._drawing_since = self.clock()

    def end_drawing(self) -> None:
        """Something else is going on."""
        if self._drawing_since is not None:
            self._drawing_seconds = self.clock() - self._drawing_since
            self._drawing_since = None

    def seconds(self, series: RunSeries, plan: TrainingPlan, step: int) -> float | None:
        """The time to the end; None while no step was taken."""
        per_step = series.seconds_per_step()
        if per_step is None:
            return None
        checks = plan.step_count // plan.validate_every - step // plan.validate_every
        drawings = plan.step_count // plan.preview.every - step // plan.preview.every
        per_check = series.validations[-1].seconds if series.validations else 0.0
        steps = max(0, plan.step_count - step)
        return _calm(steps * per_step + max(0, checks) * per_check + max(0, drawings) * self._drawing_seconds)


def _calm(seconds: float) -> float:
    """Round, so that the largest number of the page does not flicker."""
    return 5.0 * round(seconds / 5) if seconds > 30 else seconds


@dataclass(slots=True)
class ShareLeft:
    """How long work will still take that tells what share of it is done; shares come in order, the first at once."""

    clock: Callable[[], float] = time.monotonic
    _first: tuple[float, float] | None = None

    def seconds(self, share: float) -> float | None:
        """The time to the end; None until enough is done to say so."""
        now = self.clock()
        if self._first is None:
            self._first = (now, share)
        began, at_first = self._first
        done = share - at_first
        return _calm((now - began) / done * (1 - share)) if now - began > _SURE_S and done > 0 else None
