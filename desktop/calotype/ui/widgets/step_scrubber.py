"""A slider through the steps of a run that have previews, and the numbers of the step that it is at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from calotype.ui.widgets.labels import label


class StepScrubber(QWidget):
    """Moves in equal strides from preview to preview, by mouse and by keyboard. step_chosen: the step it is at now."""

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[int] = []
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(self.tr("Go through the steps of the run"))
        self.slider.valueChanged.connect(self._announce)
        self._first, self._last = label("", "small"), label("", "small")
        self._numbers = label("", wraps=True)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._first)
        row.addWidget(self.slider, 1)
        row.addWidget(self._last)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._numbers)

    def show_steps(self, steps: Sequence[int]) -> None:
        """Go through these steps, in order; one step alone is nothing to go through."""
        if list(steps) == self._steps:
            return
        self._steps = list(steps)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(steps) - 1))
        self.slider.blockSignals(False)
        self.slider.setEnabled(len(steps) > 1)
        self._first.setText(self.tr("step {step}").format(step=f"{steps[0]:,}") if steps else "")
        self._last.setText(f"{steps[-1]:,}" if steps else "")

    def show_step(self, step: int | None, numbers: str) -> None:
        """Be at this step, and say its numbers."""
        if step in self._steps:
            self.slider.blockSignals(True)
            self.slider.setValue(self._steps.index(step))
            self.slider.blockSignals(False)
        self._numbers.setText(numbers)
        self.slider.setAccessibleDescription(numbers)

    @property
    def numbers(self) -> str:
        """What is said of the step."""
        return self._numbers.text()

    def _announce(self, place: int) -> None:
        if place < len(self._steps):
            self.step_chosen.emit(self._steps[place])
