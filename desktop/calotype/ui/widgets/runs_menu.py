"""The runs of a project, to open one of them again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from calotype.domain.runs import Run, RunState
from calotype.ui.look.wording import when


class RunsMenu(QMenu):
    """Runs by number, newest first. run_chosen: the id of a run."""

    run_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}
        self.triggered.connect(self._announce)

    def show_runs(self, runs: Sequence[Run], without: str = "") -> None:
        """Offer these runs, newest first, except the one with the id `without`; the oldest is number 1."""
        self.clear()
        self._names = {
            run.id: self.tr("Run {number}").format(number=len(runs) - place) for place, run in enumerate(runs)
        }
        for run in runs:
            if run.id == without:
                continue
            action = QAction(self._describe(run), self)
            action.setData(run.id)
            self.addAction(action)

    def name_of(self, run_id: str) -> str:
        """The number of a run in words."""
        return self._names.get(run_id, self.tr("New run"))

    def _describe(self, run: Run) -> str:
        states = {
            RunState.RUNNING: self.tr("running"),
            RunState.COMPLETED: self.tr("completed"),
            RunState.STOPPED: self.tr("stopped"),
            RunState.FAILED: self.tr("failed"),
            RunState.INTERRUPTED: self.tr("interrupted"),
        }
        ratio = self.tr("best {ratio}").format(ratio=f"{run.best_ratio:.2f}") if run.best_ratio is not None else ""
        parts = [self.name_of(run.id), when(run.started_at), states[run.state], ratio]
        return "  ·  ".join(part for part in parts if part)

    def _announce(self, action: QAction) -> None:
        self.run_chosen.emit(str(action.data()))
