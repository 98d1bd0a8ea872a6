"""The learning rate as a function of the step."""

from __future__ import annotations

import math

FLOOR = 0.05  # of the peak: the last steps still move, a little


def learning_rate_at(step: int, *, peak: float, warmup_steps: int, step_count: int) -> float:
    """Rise linearly over the warm-up, then fall along half a cosine to a twentieth of the peak.

    Steps count from 1, so that the first update already moves the weights.
    """
    if step <= warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / max(1, step_count - warmup_steps)
    return peak * (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))
