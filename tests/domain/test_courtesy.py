"""Proof that courteous work answers the same, and leaves the interpreter to others in between."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from calotype.domain.courtesy import courteous, free_courteously, sorted_courteously

T = TypeVar("T")
_COUNT = 5000


def _beside(work: Callable[[], T]) -> T:
    """What work answers in another thread than the window's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def test_that_a_courteous_loop_hands_out_everything_in_order() -> None:
    assert list(courteous(range(_COUNT))) == list(range(_COUNT))
    assert _beside(lambda: list(courteous(range(_COUNT)))) == list(range(_COUNT))


def test_that_sorting_in_many_steps_answers_what_sorting_at_once_does() -> None:
    values = [(number * 7919 % 101, number) for number in range(_COUNT)]  # many are equal in the key

    found = _beside(lambda: sorted_courteously(values, key=lambda value: value[0]))

    assert found == sorted(values, key=lambda value: value[0])


def test_that_everything_is_freed() -> None:
    numbers, names = list(range(_COUNT + 1)), dict.fromkeys(range(_COUNT + 1), "name")

    _beside(lambda: (free_courteously(numbers), free_courteously(names)))

    assert numbers == [] and names == {}


def test_that_a_courteous_loop_lets_another_thread_in_before_python_would() -> None:
    """By itself Python would go on for as long as the switch interval says."""
    before = sys.getswitchinterval()
    begun = threading.Event()

    def work() -> None:
        end = time.perf_counter() + 0.2
        for _ in courteous(iter(int, 1)):
            begun.set()
            if time.perf_counter() > end:
                break

    thread = threading.Thread(target=work)
    sys.setswitchinterval(60)
    try:
        thread.start()
        begun.wait()
        during = thread.is_alive()
    finally:
        sys.setswitchinterval(before)
        thread.join()

    assert during
