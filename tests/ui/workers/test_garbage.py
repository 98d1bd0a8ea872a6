"""Proof that a cycle with a widget in it is never taken apart on a worker's thread."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.ui.workers import garbage
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


def test_that_many_objects_are_put_aside_and_freed_all_the_same(
    thresholds: None, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "_WHOLE_EVERY_MS", 0)
    monkeypatch.setattr(garbage, "_WHOLE", 1000)
    gc.set_threshold(10, 1, 1)
    collection = GarbageOnThisThread()
    frozen = gc.get_freeze_count()
    many = [_Part() for _ in range(5000)]
    gone = weakref.ref(many[0])

    kept = []
    while gc.get_freeze_count() < frozen + len(many):
        kept.append([[number] for number in range(20)])  # what makes a collection due
        collection._collect()
    many.clear()

    assert gone() is None
    collection.deleteLater()
    gc.unfreeze()


def test_that_what_came_in_at_once_is_put_aside_without_walking_through_it(
    thresholds: None, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "_AT_ONCE", 1000)
    collection = GarbageOnThisThread()
    walked: list[int] = []
    note = lambda phase, about: walked.append(about["generation"])  # noqa: E731  # it has to be taken out again
    gc.callbacks.append(note)
    frozen = gc.get_freeze_count()

    many = [[number] for number in range(5000)]
    collection._collect()

    assert walked == [] and gc.get_freeze_count() >= frozen + len(many)
    few = [[number] for number in range(100)]
    collection._collect()
    assert walked != [] and len(few) == 100
    gc.callbacks.remove(note)
    collection.deleteLater()
    gc.unfreeze()


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
