"""Proof that work in another thread reports on the window's thread, in order, and harmlessly."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from calotype.ui.workers.background_job import BackgroundJob


def _numbers(count: int) -> Iterator[object]:
    yield from range(count)


def test_that_events_arrive_in_order_and_finished_is_last(qtbot: QtBot) -> None:
    seen: list[object] = []
    job = BackgroundJob(lambda: _numbers(100))
    job.reported.connect(seen.append)
    job.finished.connect(lambda: seen.append("finished"))

    with qtbot.waitSignal(job.finished):
        job.start()

    assert seen == [*range(100), "finished"]
    assert not job.is_running


def test_that_a_lambda_runs_on_the_thread_of_the_window_and_the_work_does_not(qtbot: QtBot) -> None:
    def work() -> Iterator[object]:
        yield threading.get_ident()

    idents: list[tuple[object, int]] = []
    job = BackgroundJob(work)
    job.reported.connect(lambda worker: idents.append((worker, threading.get_ident())))

    with qtbot.waitSignal(job.finished):
        job.start()

    [(worker, receiver)] = idents
    assert receiver == threading.get_ident()
    assert worker != receiver


def test_that_a_failure_arrives_whole_and_before_finished(qtbot: QtBot) -> None:
    def work() -> Iterator[object]:
        yield 1
        raise ValueError("seven")

    seen: list[object] = []
    job = BackgroundJob(work)
    job.reported.connect(seen.append)
    job.failed.connect(seen.append)
    job.finished.connect(lambda: seen.append("finished"))

    with qtbot.waitSignal(job.finished):
        job.start()

    assert seen[0] == 1
    assert isinstance(seen[1], ValueError)
    assert seen[2] == "finished"


def test_that_a_failure_before_the_first_event_arrives_too(qtbot: QtBot) -> None:
    def work() -> Iterator[object]:
        raise OSError("no such thing")

    failures: list[object] = []
    job = BackgroundJob(work)
    job.failed.connect(failures.append)

    with qtbot.waitSignal(job.finished):
        job.start()

    assert isinstance(failures[0], OSError)


def test_that_a_job_dropped_by_its_owner_ends_in_peace(qtbot: QtBot) -> None:
    gate = threading.Event()
    ended = threading.Event()

    def work() -> Iterator[object]:
        gate.wait(10)
        yield 1
        ended.set()

    job = BackgroundJob(work)
    job.start()

    job.deleteLater()
    del job
    gate.set()

    assert ended.wait(10)


def test_that_emitting_costs_no_reference_to_true(qtbot: QtBot) -> None:
    def work() -> Iterator[object]:
        for _ in range(100):
            yield True

    job = BackgroundJob(work)
    before = sys.getrefcount(True)

    with qtbot.waitSignal(job.finished):
        job.start()

    # A broken binding loses a reference at each emit; from 3.12 on True is immortal and the count stands.
    assert sys.getrefcount(True) > before - 50
