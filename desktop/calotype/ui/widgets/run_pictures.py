"""The curve of a run, its previews along the steps, and the chosen one of them large: all three at the same step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.step_reading import step_numbers
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.compare_slider import CompareSlider
from calotype.ui.widgets.plot_card import PlotCard
from calotype.ui.widgets.preview_strip import PreviewStrip
from calotype.ui.widgets.prompt_picker import WIDTH as PROMPT_WIDTH
from calotype.ui.widgets.prompt_picker import PromptPicker
from calotype.ui.widgets.step_scrubber import StepScrubber

LEAST_SIDE = 168  # px, of the large preview in a narrow window
LEAST_HEIGHT, ENOUGH_HEIGHT = 200, 300  # px, of the curve and the large preview
AROUND_PX = 426  # of the page: what is to be seen below them without scrolling, and the air between
CURVE_WIDTH = 470  # px that the numbers above the curve need; the large preview gets what is left of it
GAP = 18
OVER = (RunPhase.FINISHED, RunPhase.FAILED)


class Beside(QWidget):
    """The curve, and at its right a square picture as high as the curve; the curve keeps at least half the width.

    placed: both have their places now.
    """

    placed = Signal()

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
            self.placed.emit()
            return
        room = self.width() - GAP
        side = min(self.height(), room // 2, max(LEAST_SIDE, room - CURVE_WIDTH))
        self._plot.setGeometry(0, 0, self.width() - side - GAP, self.height())
        self._square.setGeometry(self.width() - side, (self.height() - side) // 2, side, side)
        self.placed.emit()


class RunPictures(Card):
    """Draws the curves and previews of a TrainingRunModel; a step chosen in one of the parts is shown by all.

    step_chosen: the step that all parts show now.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._series = RunSeries()
        self._best_step: int | None = None
        self._is_over = False
        self._build()
        self.strip.step_chosen.connect(self._show_step)
        self.strip.step_chosen.connect(self.step_chosen)
        self.plot.plot.step_picked.connect(self.choose_nearest)
        self.scrubber.step_chosen.connect(self.strip.choose)
        self._prompt.chosen.connect(self._choose_prompt)
        self._beside.placed.connect(self._line_up)

    def forget(self) -> None:
        """Another run comes: its newest preview is to be chosen."""
        self.strip.show_steps({}, None)

    def show_run(self, model: TrainingRunModel) -> None:
        """Draw the run as it is now."""
        self._is_over = is_over = model.phase in OVER
        self._series, self._best_step = model.series, model.best_step
        self._large.setVisible(not is_over or bool(self._series.previews))
        self.scrubber.setVisible(is_over and bool(self._series.previews))
        self._beside.place()
        self._say_what_is_awaited(is_over)
        self.plot.show_points(self._series.validations, self._series.best, model.step_count)
        self._prompt.show_prompts(self._series.prompts)
        self._show_strip()
        self._show_step(self.strip.chosen_step)

    def make_room(self, page_px: int) -> None:
        """Be as high as a page of this height allows before what stands below the numbers must be scrolled to."""
        self._beside.setMinimumHeight(min(ENOUGH_HEIGHT, max(LEAST_HEIGHT, page_px - AROUND_PX)))

    def choose_nearest(self, step: int) -> None:
        """Choose the preview that is nearest to a step."""
        steps = self.strip.steps
        if steps:
            self.strip.choose(min(steps, key=lambda known: abs(known - step)))

    def _line_up(self) -> None:
        """Have the prompt begin where the large preview does."""
        self._prompt.setFixedWidth(PROMPT_WIDTH if self._large.isHidden() else self._large.width())

    def _say_what_is_awaited(self, is_over: bool) -> None:
        curve = self.tr("The curve begins once the base model itself has been measured.")
        picture = self.tr("The first preview comes before the first step.")
        self.plot.set_waiting_text(self.tr("Nothing was measured in this run.") if is_over else curve)
        self.strip.set_waiting_text(self.tr("No preview was drawn in this run.") if is_over else picture)

    def _show_step(self, step: int | None) -> None:
        first = min(self.strip.steps, default=None)
        base = self.strip.pixmap(first)
        self._large.set_pictures(base if step != first else QPixmap(), self.strip.pixmap(step))
        label_now = self.tr("base model") if step == 0 else self.tr("step {step}").format(step=step)
        self._large.set_labels(self.tr("base model"), label_now if step is not None else "")
        self.plot.plot.mark_step(step)
        # While it trains, the newest measurement is what one waits for, and previews come more rarely.
        self.plot.tell_step(step if self._is_over else None)
        self.scrubber.show_step(step, step_numbers(self._series, step))

    def _show_strip(self) -> None:
        index = self._prompt.index
        paths = {step: self._series.previews[step][index].path for step in self._series.preview_steps(index)}
        self.strip.show_steps(paths, self._best_step)
        self.scrubber.show_steps(self.strip.steps)

    def _choose_prompt(self) -> None:
        self._show_strip()
        self._show_step(self.strip.chosen_step)

    def _build(self) -> None:
        self.plot = PlotCard()
        self._large = CompareSlider()
        self._large.setValue(0)
        self._large.set_waiting_text(self.tr("The first preview shows what the base model draws."))
        self._beside = Beside(self.plot, self._large)
        self.strip = PreviewStrip()
        self._prompt = PromptPicker()
        self.scrubber = StepScrubber()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.strip, 1)
        row.addWidget(self._prompt, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self._beside, 1)
        self.body.addLayout(row)
        self.body.addWidget(self.scrubber)
