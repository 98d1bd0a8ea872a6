"""Tries growing learning rates while one looks on, and offers the one that it finds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from calotype.domain.plan import TrainingPlan
from calotype.ui.look.rate_words import is_as_good, measured_rate_text, rate_advice, rate_headline, rate_text
from calotype.ui.look.verdicts import stage_text
from calotype.ui.look.wording import duration
from calotype.ui.models.rate_range_model import RateRangeModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.rate_plot import RatePlot


class RateRangeDialog(QDialog):
    """A test of one plan. rate_chosen: the rate to use instead of the plan's.

    Closing it ends the test first: the dialog goes when its thread has, so that no run can start beside it.
    """

    rate_chosen = Signal(float)

    def __init__(self, session: Session, plan: TrainingPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._is_closing = False
        self.model = RateRangeModel(session, self)
        self.setWindowTitle(self.tr("Find a good learning rate"))
        self.setMinimumSize(700, 580)
        self._make_parts()
        self._lay_out()
        self.model.changed.connect(self._show)
        self.model.finished.connect(self._end)
        self._show()

    def start(self) -> None:
        """Begin the test, or begin it again."""
        self.banner.clear()
        self.model.start(self._plan)

    def reject(self) -> None:
        """Keep the plan's rate: close at once, or as soon as the test has ended."""
        if self.model.is_running:
            self._is_closing = True
            self.model.stop()
            return
        super().reject()

    def _make_parts(self) -> None:
        self.banner = FailureBanner()
        self.plot = RatePlot(self._plan.learning_rate)
        self.headline = label("", "display")
        self.words = label("", "muted", wraps=True)
        self.words.setMinimumHeight(3 * self.words.fontMetrics().lineSpacing())  # so that nothing moves at the end
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the test"))
        self.stop_button = quiet_button(self.tr("Stop"), "circle-stop")
        self.stop_button.clicked.connect(self._stop_or_start)
        self.keep_button = quiet_button(self.tr("Keep {rate}").format(rate=rate_text(self._plan.learning_rate)))
        self.keep_button.clicked.connect(self.reject)
        self.use_button = quiet_button(self.tr("Use this rate"))
        self.use_button.clicked.connect(self._use)

    def _lay_out(self) -> None:
        text = self.tr(
            "A short run on your pictures, with a rate that grows at each step until the model breaks. "
            "The curve is its error against the base model's; nothing of the run is kept."
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.stop_button)
        buttons.addStretch()
        buttons.addWidget(self.keep_button)
        buttons.addWidget(self.use_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(label(text, "muted", wraps=True))
        column.addWidget(self.banner)
        column.addWidget(self.plot, 1)
        column.addWidget(self.bar)
        column.addWidget(self.headline)
        column.addSpacing(-6)
        column.addWidget(self.words)
        column.addSpacing(2)
        column.addLayout(buttons)

    def _show(self) -> None:
        model = self.model
        answer = model.result.answer if model.result else None
        self.plot.show_points(model.points, answer)
        self.bar.setRange(0, model.step_count if model.step_count or not model.is_running else 0)
        self.bar.setValue(len(model.points))
        self.bar.setVisible(model.is_running)
        self.headline.setText(self._headline())
        self.words.setText(self._words())
        self.bar.setAccessibleDescription(self._words())
        self._show_buttons()

    def _show_buttons(self) -> None:
        model = self.model
        answer = model.result.answer if model.result else None
        self.stop_button.setText(self.tr("Stop") if model.is_running else self.tr("Try again"))
        self.stop_button.set_icon("circle-stop" if model.is_running else "rotate-ccw")
        self.stop_button.setEnabled(not model.is_stopping)
        has_rate = not model.is_running and answer is not None and answer.suggested_rate is not None
        self.use_button.setVisible(has_rate)
        if model.is_running:
            self.keep_button.set_kind("quiet")
            return
        wants_change = answer is not None and has_rate and not is_as_good(answer, self._plan.learning_rate)
        self.keep_button.set_kind("quiet" if wants_change else "primary")
        self.use_button.set_kind("primary" if wants_change else "quiet")

    def _headline(self) -> str:
        model = self.model
        if model.is_stopping:
            return self.tr("Stopping")
        if model.is_running:
            left = model.seconds_left
            return self.tr("At most {time} left").format(time=duration(left)) if left else self.tr("Getting ready")
        if model.result is not None:
            return rate_headline(model.result.answer, self._plan.learning_rate)
        return self.tr("The test could not be made") if model.failure else ""

    def _words(self) -> str:
        model = self.model
        if model.is_stopping:
            return self.tr("The current step is ending.")
        if model.is_running and model.points:
            last = model.points[-1]
            return self.tr("Step {step} of {count}, at a rate of {rate}. It ends as soon as the model breaks.").format(
                step=last.step, count=model.step_count, rate=measured_rate_text(last.rate)
            )
        if model.is_running:
            return stage_text(model.stage) if model.stage else self.tr("Loading the programs that compute")
        return rate_advice(model.result.answer, self._plan.learning_rate) if model.result else ""

    def _stop_or_start(self) -> None:
        if self.model.is_running:
            self.model.stop()
        else:
            self.start()

    def _use(self) -> None:
        result = self.model.result
        if result is not None and result.answer.suggested_rate is not None:
            self.rate_chosen.emit(result.answer.suggested_rate)
        self.accept()

    def _end(self) -> None:
        if self._is_closing:
            super().reject()
            return
        if self.model.failure is not None:
            self.banner.show_failure(self.model.failure)
        (self.use_button if self.use_button.property("kind") == "primary" else self.keep_button).setFocus()
