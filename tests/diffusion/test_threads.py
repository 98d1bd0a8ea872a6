"""The number of threads is measured, and a slow network is not measured for long."""

from collections.abc import Iterator

import pytest
import torch

from calotype.diffusion import threads
from calotype.diffusion.device import device_name
from calotype.diffusion.threads import fastest_thread_count


@pytest.fixture(autouse=True)
def _same_threads_afterwards() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("seconds", "fastest"), [({1: 0.2, 2: 0.4}, 1), ({1: 0.4, 2: 0.2}, 2)])
def test_that_the_fastest_count_is_set(
    seconds: dict[int, float], fastest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(threads.time, "perf_counter", lambda: now[0])
    torch.set_num_threads(2)

    def predict() -> None:
        now[0] += seconds[torch.get_num_threads()]

    assert fastest_thread_count(predict) == fastest
    assert torch.get_num_threads() == fastest


def test_that_a_slow_network_is_asked_once_and_gets_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    now, calls = [0.0], [0]
    monkeypatch.setattr(threads.time, "perf_counter", lambda: now[0])
    torch.set_num_threads(2)

    def predict() -> None:
        now[0] += 5.0
        calls[0] += 1

    assert fastest_thread_count(predict) == 2
    assert calls == [1]


@pytest.mark.parametrize(("count", "name"), [(1, "CPU, 1 thread"), (2, "CPU, 2 threads")])
def test_that_the_processor_is_named_with_its_threads(count: int, name: str) -> None:
    torch.set_num_threads(count)

    assert device_name(torch.device("cpu")) == name
