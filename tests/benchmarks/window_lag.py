"""How late a timer of the window comes while a run trains behind the live Train page."""

from __future__ import annotations

import time
from dataclasses import replace

from places import sample_place
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from table import Row, quantile, report

from calotype.app import make_application, make_window
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.workers.background_job import wait_for_all_jobs

INTERVAL_MS = 10
STEPS = 80
P99_GOAL_MS, MAX_GOAL_MS, LOADING_GOAL_MS = 50, 250, 700


class Pulse(QObject):
    """A timer that writes down by how many milliseconds each tick came late, before and after the first step."""

    def __init__(self) -> None:
        super().__init__()
        self.loading: list[float] = []
        self.training: list[float] = []
        self._into = self.loading
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def see_step(self, step: int) -> None:
        """From the first step on, ticks count as training."""
        if step >= 1:
            self._into = self.training

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._into.append(max(0.0, (now - self._last) * 1000 - INTERVAL_MS))
        self._last = now


def main() -> None:
    """Measure and report."""
    app = make_application()
    with sample_place() as place:
        session, window = make_window(app, place.workspace)
        training = session.findChild(TrainingRunModel)
        window.resize(1440, 900)
        window.show()
        session.open_project(place.project)
        window.show_page("train")
        pulse, done = Pulse(), QEventLoop()
        training.changed.connect(lambda: pulse.see_step(training.step))
        training.finished.connect(done.quit)
        training.start(
            replace(place.plan, step_count=STEPS, validate_every=20, preview=replace(place.plan.preview, every=20))
        )
        done.exec()
        pulse.stop()
        assert training.failure is None, training.failure
        window.close()
        app.processEvents()
        wait_for_all_jobs()
        window.deleteLater()
        session.deleteLater()
        app.processEvents()
    report(_rows(pulse))


def _rows(pulse: Pulse) -> list[Row]:
    p50, p95, p99 = (quantile(pulse.training, share) for share in (0.5, 0.95, 0.99))
    highest, loading = max(pulse.training), max(pulse.loading)
    return [
        Row(
            f"Window lag while training, {len(pulse.training)} ticks: p50 / p95 / p99",
            f"{p50:.1f} / {p95:.1f} / {p99:.1f} ms",
            f"goal p99 {P99_GOAL_MS} ms",
            p99 / P99_GOAL_MS,
            p99 <= P99_GOAL_MS,
        ),
        Row(
            "… its maximum",
            f"{highest:.0f} ms",
            f"goal {MAX_GOAL_MS} ms",
            highest / MAX_GOAL_MS,
            highest <= MAX_GOAL_MS,
        ),
        Row(
            "… the maximum while torch loads, once",
            f"{loading:.0f} ms",
            f"goal {LOADING_GOAL_MS} ms",
            loading / LOADING_GOAL_MS,
            loading <= LOADING_GOAL_MS,
        ),
    ]


if __name__ == "__main__":
    main()
