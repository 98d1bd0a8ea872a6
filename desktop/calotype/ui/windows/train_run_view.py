"""One run on the Train page, live or past: curves, previews along the steps, time left, and the result."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.likeness import comparison_at, newest_comparison
from calotype.ui.models.open_images import OpenImages
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.comparison_card import ComparisonCard
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.insight_card import InsightCard
from calotype.ui.widgets.memorised_notice import MemorisedNotice
from calotype.ui.widgets.metric_panel import MetricPanel
from calotype.ui.widgets.metric_plot import REDRAW_AFTER_MS
from calotype.ui.widgets.notes_card import NotesCard
from calotype.ui.widgets.result_card import ResultCard
from calotype.ui.widgets.run_pictures import OVER, RunPictures
from calotype.ui.widgets.run_side import RunSide
from calotype.ui.windows.run_facts import run_facts
from calotype.ui.windows.step_pointer import StepPointer

SIDE_WIDTH, NARROW_SIDE_WIDTH = 306, 288
NARROW = 1000  # px of the view, below which the side gives way to the curve
SPACING = 12


class TrainRunView(QWidget):
    """Draws a TrainingRunModel, at most ten times a second; what the result card asks for is left to the page."""

    def __init__(self, model: TrainingRunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: TrainingRunModel = model
        self._base_name = ""
        self._run_id = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_AFTER_MS)
        self._timer.timeout.connect(self.refresh)
        self._build()
        self.pointer = StepPointer(self, self.pictures.plot.plot, self.panel)
        self.pictures.step_chosen.connect(self._show_numbers)
        model.changed.connect(self._refresh_soon)

    @property
    def model(self) -> TrainingRunModel:
        """The run that is shown."""
        return self._model

    def show_run(self, model: TrainingRunModel, base_name: str) -> None:
        """Show a run from now on; `base_name` is how the user knows its base model."""
        is_other = model is not self._model or (self._run_id and model.run_id != self._run_id)
        self._model.changed.disconnect(self._refresh_soon)
        self._model, self._base_name, self._run_id = model, base_name, model.run_id
        model.changed.connect(self._refresh_soon)
        if is_other:
            self.pictures.forget()
        self.refresh()
        if is_other and model.phase in OVER and model.best_step is not None:
            self.pictures.choose_nearest(model.best_step)

    def refresh(self) -> None:
        """Draw the run as it is now."""
        model = self._model
        is_over = model.phase in OVER
        self.result.setVisible(is_over)
        self.notes.setVisible(is_over)
        self.side.setVisible(not is_over)
        self.pictures.show_run(model)
        self.side.show_run(model)
        self._show_numbers()
        self.insights.show_measurements(model.series.measurements(is_over=model.result is not None))
        self.pointer.show_series(model.series)
        self._facts.show_facts(run_facts(model, self._base_name))
        self._show_finding()

    def lead_to(self, images: OpenImages) -> None:
        """Take the pictures that findings are about from here, and ask here for the one that is wanted."""
        for finding in (self.notice, self.insights):
            finding.set_locate(images.path_of)
            finding.image_requested.connect(images.wanted)

    def make_room(self, page_px: int) -> None:
        """Make the most of a page of this height."""
        self.pictures.make_room(page_px)
        self.side.make_room(page_px)

    def focus_strip(self) -> None:
        """Put the keyboard on the strip."""
        self.pictures.strip.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the curve what a narrow window has."""
        super().resizeEvent(event)
        width = SIDE_WIDTH if self.width() >= NARROW else NARROW_SIDE_WIDTH
        for column in (self.side, self._facts_card):
            column.setFixedWidth(width)

    def _refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _show_numbers(self) -> None:
        """The newest ones of a run that goes on; of one that is over those of the step whose preview is shown."""
        model = self._model
        at_step = self.pictures.strip.chosen_step if model.phase in OVER else None
        self.panel.show_series(model.series, model.step, at_step)

    def _show_finding(self) -> None:
        series, comparisons = self._model.series, list(self._model.series.comparisons.values())
        newest, kept = newest_comparison(comparisons), comparison_at(comparisons, self._model.best_step or 0)
        preview = series.previews.get(newest.step, {}).get(newest.nearest_preview) if newest else None
        self.notice.show_finding(self._model.run_id, newest, kept, preview.path if preview else None)

    def _build(self) -> None:
        self.notice = MemorisedNotice()
        self.result = ResultCard()
        self.comparison = ComparisonCard()
        self.pictures = RunPictures()
        self.side = RunSide(self._model)
        self.panel = MetricPanel()
        self.insights = InsightCard()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.notice)
        layout.addWidget(self.result)
        layout.addWidget(self.comparison)
        layout.addLayout(_beside(self.pictures, self.side), 1)
        layout.addWidget(self.panel)
        layout.addLayout(self._build_papers())

    def _build_papers(self) -> QHBoxLayout:
        self._facts = Facts()
        self._facts_card = Card(self.tr("This run"))
        self._facts_card.body.addWidget(self._facts)
        self._facts_card.body.addStretch(1)
        self.notes = NotesCard()
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACING)
        rows.addWidget(self.insights, 1)
        rows.addWidget(self.notes)
        return _beside(column, self._facts_card)


def _beside(wide: QWidget, column: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACING)
    row.addWidget(wide, 1)
    row.addWidget(column)
    return row
