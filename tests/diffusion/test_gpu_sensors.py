"""The sensors of a graphics card. What a real card answers can only be seen where there is one."""

from __future__ import annotations

import pynvml
import pytest
import torch

from calotype.diffusion.gpu_sensors import GpuSensors, Reading, sensors_of


def has_driver() -> bool:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return False
    return True


def test_that_a_card_is_asked_once_a_second_at_most() -> None:
    times = iter([10.0, 10.4, 10.99, 11.0, 11.5, 30.0])
    answers = iter([Reading(50.0, 100.0), Reading(60.0, 200.0), Reading(None, None)])
    sensors = GpuSensors(lambda: next(answers), lambda: next(times))

    told = [sensors.read().temperature_c for _ in range(6)]

    assert told == [50.0, 50.0, 50.0, 60.0, 60.0, None]


def test_that_a_processor_has_no_sensors() -> None:
    assert sensors_of(torch.device("cpu")).read() == Reading(None, None)


@pytest.mark.skipif(has_driver(), reason="there is a driver")
def test_that_without_a_driver_nothing_is_told_and_nothing_fails() -> None:
    assert sensors_of(torch.device("cuda")).read() == Reading(None, None)


@pytest.mark.skipif(not torch.cuda.is_available() or not has_driver(), reason="needs an NVIDIA card")
def test_that_a_real_card_tells_believable_numbers() -> None:
    reading = sensors_of(torch.device("cuda")).read()

    assert reading.temperature_c is not None and 5 < reading.temperature_c < 110
    assert reading.power_watts is None or 1 < reading.power_watts < 2000
