"""How long a run will still take, from what its steps, checks and drawings have taken so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from calotype.domain.plan import TrainingPlan
from calotype.ui.models.run_series import RunSeries


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
