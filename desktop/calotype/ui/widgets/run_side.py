"""What stands beside a run that is going on: the time left with its buttons, and the verdict so far."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.run_progress import RunProgress
from calotype.ui.widgets.verdict_card import VerdictCard

EVIDENCE_FROM_PX = 760  # of the page; a lower one says what the verdict rests on where it is pointed at


class RunSide(QWidget):
    """A column of two cards; the verdict comes with the second measurement."""

    def __init__(self, model: TrainingRunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = RunProgress(model)
        self.verdict = VerdictCard()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.progress)
        layout.addWidget(self.verdict)
        layout.addStretch(1)

    def show_run(self, model: TrainingRunModel) -> None:
        """Draw the run as it is now."""
        self.progress.show_run(model)
        is_told = len(model.series.validations) > 1
        self.verdict.setVisible(is_told)
        if is_told:
            self.verdict.show_verdict(model.series.verdict(is_over=False))

    def make_room(self, page_px: int) -> None:
        """Say what the verdict rests on only where that does not push the numbers out of sight."""
        self.verdict.show_evidence(is_shown=page_px >= EVIDENCE_FROM_PX)
