"""Proof that a cycle with a widget in it is never taken apart on a worker's thread."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from calotype.ui.workers.background_job import BackgroundJob
from calotype.ui.workers.garbage import GarbageOnThisThread


class _Part:
    """One of two that hold each other, so that only a collection frees them."""

    def __init__(self) -> None:
        self.other: _Part | None = None


def _left_behind(freed_on: list[int]) -> None:
    one, two = _Part(), _Part()
    one.other, two.other = two, one
    weakref.finalize(one, lambda: freed_on.append(threading.get_ident()))


@pytest.fixture
def thresholds() -> Iterator[None]:
    before, was_enabled = gc.get_threshold(), gc.isenabled()
    gc.enable()
    gc.collect()
    gc.set_threshold(50, 5, 5)
    yield
    gc.set_threshold(*before)
    if not was_enabled:
        gc.disable()


def _busy(count: int) -> Iterator[object]:
    """Asks for so much memory that Python collects, here, if it is left to itself."""
    kept = [[number] for number in range(count)]
    yield len(kept)


def test_that_left_to_itself_python_collects_where_the_work_is(thresholds: None, qtbot: QtBot) -> None:
    freed_on: list[int] = []
    _left_behind(freed_on)
    job = BackgroundJob(lambda: _busy(5000))

    with qtbot.waitSignal(job.finished):
        job.start()

    assert freed_on != [] and freed_on[0] != threading.get_ident()


def test_that_garbage_is_collected_on_the_window_s_thread_only(thresholds: None, qtbot: QtBot) -> None:
    freed_on: list[int] = []
    collection = GarbageOnThisThread()
    _left_behind(freed_on)
    job = BackgroundJob(lambda: _busy(5000))

    with qtbot.waitSignal(job.finished):
        job.start()
    qtbot.waitUntil(lambda: freed_on != [])

    assert freed_on == [threading.get_ident()]
    collection.deleteLater()
