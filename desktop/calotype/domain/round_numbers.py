"""Round numbers for the axes of a diagram."""

from __future__ import annotations

import math


def round_numbers(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers from `low` to `high`, which must be finite and apart."""
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    stride = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(low / stride - 1e-9)
    return [round(index * stride, 12) for index in range(first, math.floor(high / stride + 1e-9) + 1)]
