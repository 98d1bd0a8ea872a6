"""What stands beside a run that is going on: the time left with its buttons, and the verdict so far."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.metrics import judge
from calotype.ui.look.verdicts import advice, headline
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.run_progress import RunProgress


class RunSide(QWidget):
    """A column of two cards; the verdict comes with the second measurement."""

    def __init__(self, model: TrainingRunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = RunProgress(model)
        self._verdict = Card()
        self._verdict.set_emphasis(True)
        self._title = label("", "accent")
        self._text = label("", "", wraps=True)
        self._verdict.body.addWidget(self._title)
        self._verdict.body.addWidget(self._text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.progress)
        layout.addWidget(self._verdict)
        layout.addStretch(1)

    def show_run(self, model: TrainingRunModel) -> None:
        """Draw the run as it is now."""
        self.progress.show_run(model)
        points = model.series.validations
        self._verdict.setVisible(len(points) > 1)
        if len(points) > 1:
            verdict = judge(points, is_over=False)
            self._title.setText(headline(verdict, is_running=True))
            self._text.setText(advice(verdict, is_running=True))
