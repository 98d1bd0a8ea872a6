"""One run on the Train page, live or past: curves, previews along the steps, time left, and the result."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.likeness import comparison_at, newest_comparison
from calotype.ui.look.verdicts import advice, headline
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.compare_slider import CompareSlider
from calotype.ui.widgets.comparison_card import ComparisonCard
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.memorised_notice import MemorisedNotice
from calotype.ui.widgets.metric_plot import REDRAW_AFTER_MS
from calotype.ui.widgets.notes_card import NotesCard
from calotype.ui.widgets.number_tile import NumberTile
from calotype.ui.widgets.plot_card import PlotCard
from calotype.ui.widgets.preview_strip import PreviewStrip
from calotype.ui.widgets.preview_tiles import PreviewTiles
from calotype.ui.widgets.prompt_picker import PromptPicker
from calotype.ui.widgets.result_card import ResultCard
from calotype.ui.widgets.run_progress import RunProgress
from calotype.ui.widgets.step_scrubber import StepScrubber
from calotype.ui.windows.run_facts import run_facts, step_numbers

SIDE_WIDTH = 306
LEAST_SIDE = 180  # px, of the large preview in a narrow window
LEAST_HEIGHT = 240  # px, of the curve and the large preview
CURVE_WIDTH = 490  # px that the numbers above the curve need; the large preview gets what is left of it
OVER = (RunPhase.FINISHED, RunPhase.FAILED)


class _Beside(QWidget):
    """The curve, and at its right a square picture as high as the curve; the curve keeps at least half the width."""

    def __init__(self, plot: QWidget, square: QWidget) -> None:
        super().__init__()
        self._plot = plot
        self._square = square
        for widget in (plot, square):
            widget.setParent(self)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place both."""
        super().resizeEvent(event)
        self.place()

    def place(self) -> None:
        """Place both for the size as it is; called again when the square was shown or hidden."""
        if self._square.isHidden():
            self._plot.setGeometry(self.rect())
            return
        room = self.width() - 18
        side = min(self.height(), room // 2, max(LEAST_SIDE, room - CURVE_WIDTH))
        self._plot.setGeometry(0, 0, self.width() - side - 18, self.height())
        self._square.setGeometry(self.width() - side, (self.height() - side) // 2, side, side)


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
        self._strip.step_chosen.connect(self._show_step)
        self._plot.plot.step_picked.connect(self._choose_nearest)
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
            self._strip.show_steps({}, None)
        self.refresh()
        if is_other and model.phase in OVER and model.best_step is not None:
            self._choose_nearest(model.best_step)

    def refresh(self) -> None:
        """Draw the run as it is now."""
        model, series = self._model, self._model.series
        is_over = model.phase in OVER
        self.result.setVisible(is_over)
        self.notes.setVisible(is_over)
        self._progress.setVisible(not is_over)
        self._large.setVisible(not is_over or bool(series.previews))
        self._scrubber.setVisible(is_over and bool(series.previews))
        self._beside.place()
        self._say_what_is_awaited(is_over)
        self._verdict.setVisible(not is_over and len(series.validations) > 1)
        self._plot.show_points(series.validations, series.best, model.step_count)
        self._prompt.show_prompts(series.prompts)
        self._show_strip()
        self._progress.show_run(model)
        self._facts.show_facts(run_facts(model, self._base_name))
        self._show_tiles()
        self._show_comparisons()
        self._show_verdict()
        self._show_step(self._strip.chosen_step)

    def focus_strip(self) -> None:
        """Put the keyboard on the strip."""
        self._strip.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _say_what_is_awaited(self, is_over: bool) -> None:
        curve = self.tr("The curve begins once the base model itself has been measured.")
        picture = self.tr("The first preview comes before the first step.")
        self._plot.set_waiting_text(self.tr("Nothing was measured in this run.") if is_over else curve)
        self._strip.set_waiting_text(self.tr("No preview was drawn in this run.") if is_over else picture)

    def _show_tiles(self) -> None:
        series = self._model.series
        if not series.steps:
            for tile in (self._loss, self._rate, self._gradient):
                tile.show_value("–")
            return
        self._loss.show_value(f"{series.smoothed[-1]:.4f}", series.smoothed, series.losses)
        self._rate.show_value(f"{series.learning_rates[-1]:.1e}", series.learning_rates)
        self._gradient.show_value(f"{series.gradient_norms[-1]:.2f}", series.gradient_norms)

    def _show_comparisons(self) -> None:
        series, comparisons = self._model.series, list(self._model.series.comparisons.values())
        newest, kept = newest_comparison(comparisons), comparison_at(comparisons, self._model.best_step or 0)
        preview = series.previews.get(newest.step, {}).get(newest.nearest_preview) if newest else None
        self._preview_tiles.show_comparisons(comparisons)
        self.notice.show_finding(self._model.run_id, newest, kept, preview.path if preview else None)

    def _show_verdict(self) -> None:
        series = self._model.series
        if len(series.validations) < 2:
            return
        verdict = series.verdict(is_over=False)
        self._verdict_title.setText(headline(verdict, is_running=True))
        self._verdict_text.setText(advice(verdict, is_running=True))

    def _show_step(self, step: int | None) -> None:
        first = min(self._strip.steps, default=None)
        base = self._strip.pixmap(first)
        self._large.set_pictures(base if step != first else QPixmap(), self._strip.pixmap(step))
        label_now = self.tr("base model") if step == 0 else self.tr("step {step}").format(step=step)
        self._large.set_labels(self.tr("base model"), label_now if step is not None else "")
        self._plot.plot.mark_step(step)
        self._scrubber.show_step(step, step_numbers(self._model.series, step))

    def _show_strip(self) -> None:
        series, index = self._model.series, self._prompt.index
        paths = {step: series.previews[step][index].path for step in series.preview_steps(index)}
        self._strip.show_steps(paths, self._model.best_step)
        self._scrubber.show_steps(self._strip.steps)

    def _choose_prompt(self) -> None:
        self._show_strip()
        self._show_step(self._strip.chosen_step)

    def _choose_nearest(self, step: int) -> None:
        steps = self._strip.steps
        if steps:
            self._strip.choose(min(steps, key=lambda known: abs(known - step)))

    def _build(self) -> None:
        self.result = ResultCard()
        self.comparison = ComparisonCard()
        self._plot = PlotCard()
        self._large = CompareSlider()
        self._large.setValue(0)
        self._large.set_waiting_text(self.tr("The first preview shows what the base model draws."))
        self._strip = PreviewStrip()
        curves = Card()
        self._beside = _Beside(self._plot, self._large)
        curves.body.addWidget(self._beside)
        strip = Card()
        strip.body.addLayout(self._build_strip())
        self._scrubber = StepScrubber()
        self._scrubber.step_chosen.connect(self._strip.choose)
        strip.body.addWidget(self._scrubber)
        left = QVBoxLayout()
        left.setSpacing(14)
        left.addWidget(curves, 1)
        left.addWidget(strip)
        left.addLayout(self._build_tiles())
        self._preview_tiles = PreviewTiles()
        left.addWidget(self._preview_tiles)
        below = QHBoxLayout()
        below.setSpacing(20)
        below.addLayout(left, 1)
        below.addLayout(self._build_side())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        self.notice = MemorisedNotice()
        layout.addWidget(self.notice)
        layout.addWidget(self.result)
        layout.addWidget(self.comparison)
        layout.addLayout(below, 1)

    def _build_strip(self) -> QHBoxLayout:
        self._prompt = PromptPicker()
        self._prompt.chosen.connect(self._choose_prompt)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self._strip, 1)
        row.addWidget(self._prompt)
        return row

    def _build_tiles(self) -> QHBoxLayout:
        self._loss = NumberTile(self.tr("Training loss, smoothed"), "blue")
        self._rate = NumberTile(self.tr("Learning rate"), "accent")
        self._gradient = NumberTile(self.tr("Gradient norm"), "muted")
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self._loss, 2)
        row.addWidget(self._rate, 1)
        row.addWidget(self._gradient, 1)
        return row

    def _build_side(self) -> QVBoxLayout:
        self._progress = RunProgress(self._model)
        self._verdict = Card()
        self._verdict.set_emphasis(True)
        self._verdict_title = label("", "accent")
        self._verdict_text = label("", "", wraps=True)
        self._verdict.body.addWidget(self._verdict_title)
        self._verdict.body.addWidget(self._verdict_text)
        facts = Card(self.tr("This run"))
        self._facts = Facts()
        facts.body.addWidget(self._facts)
        side = QVBoxLayout()
        side.setSpacing(14)
        self.notes = NotesCard()
        for card in (self._progress, self._verdict, facts, self.notes):
            card.setFixedWidth(SIDE_WIDTH)
            side.addWidget(card)
        side.addStretch(1)
        return side
