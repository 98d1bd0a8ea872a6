"""How hot an NVIDIA card is and what it draws, asked of its driver through NVML."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pynvml
import torch

logger = logging.getLogger(__name__)

SECONDS_BETWEEN = 1.0  # the driver itself averages over about as long, and a step may take a tenth of it


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sensors of a card tell; None for what they do not."""

    temperature_c: float | None = None
    power_watts: float | None = None


class GpuSensors:
    """Asks for a reading once a second at most, and repeats the last one in between."""

    def __init__(self, ask: Callable[[], Reading], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._asked_at: float | None = None
        self._last = Reading()

    def read(self) -> Reading:
        """The newest reading."""
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= SECONDS_BETWEEN:
            self._asked_at, self._last = now, self._ask()
        return self._last


def sensors_of(device: torch.device) -> GpuSensors:
    """The sensors of the card that a CUDA device is; of anything else, and without NVML, they tell nothing."""
    card = _card(device)
    return GpuSensors(lambda: Reading() if card is None else _reading(card))


def _card(device: torch.device) -> Any | None:
    """NVML's name for the same card, found by its UUID: CUDA counts in another order, and may be shown only some."""
    if device.type != "cuda":
        return None
    try:
        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
    except pynvml.NVMLError as error:
        logger.info("the sensors of %s are not read: %s", device, error)
        return None


def _reading(card: Any) -> Reading:
    milliwatts = _told(pynvml.nvmlDeviceGetPowerUsage, card)
    temperature = _told(pynvml.nvmlDeviceGetTemperatureV, card, pynvml.NVML_TEMPERATURE_GPU)
    if temperature is None:  # a driver older than the call that replaces this one
        temperature = _told(pynvml.nvmlDeviceGetTemperature, card, pynvml.NVML_TEMPERATURE_GPU)
    return Reading(temperature, None if milliwatts is None else milliwatts / 1000)


def _told(ask: Callable[..., int], card: Any, *which: int) -> float | None:
    """One answer; a card may have one sensor and lack another, or be lost while it is asked."""
    try:
        return float(ask(card, *which))
    except pynvml.NVMLError:
        return None
