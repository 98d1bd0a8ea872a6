"""Tries growing learning rates while one looks on, and offers the one that it finds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from calotype.domain.plan import TrainingPlan
from calotype.ui.look.rate_words import is_as_good, measured_rate_text, rate_advice, rate_headline, rate_text
from calotype.ui.look.verdicts import stage_text
from calotype.ui.look.wording import duration
from calotype.ui.models.rate_range_model import RateRangeModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.rate_plot import RatePlot
from calotype.ui.windows.task_dialog import TaskDialog


class RateRangeDialog(TaskDialog):
    """A test of one plan. rate_chosen: the rate to use instead of the plan's.

    It goes when its thread has, so that no run can start beside the test.
    """

    rate_chosen = Signal(float)

    def __init__(self, session: Session, plan: TrainingPlan, parent: QWidget | None = None) -> None:
        self.model = RateRangeModel(session)
        super().__init__(self.model, parent)
        self._plan = plan
        self.setWindowTitle(self.tr("Find a good learning rate"))
        self.setMinimumSize(700, 580)
        self._make_parts()
        self._lay_out()
        self.show_state()

    def start(self) -> None:
        """Begin the test, or begin it again."""
        self.banner.clear()
        self.model.start(self._plan)

    def _make_parts(self) -> None:
        self.plot = RatePlot(self._plan.learning_rate)
        self.headline = label("", "display")
        self.words.setMinimumHeight(3 * self.words.fontMetrics().lineSpacing())  # so that nothing moves at the end
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
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
        column = self.lay_out(text, [self.plot], [self.stop_button, None, self.keep_button, self.use_button])
        column.setStretchFactor(self.plot, 1)
        column.insertWidget(column.indexOf(self.words), self.headline)

    def show_state(self) -> None:
        """Show the model as it is now."""
        model = self.model
        answer = model.result.answer if model.result else None
        self.plot.show_points(model.points, answer)
        self.headline.setText(self._headline())
        self.show_progress(len(model.points), model.step_count, self._words())
        self.words.show()  # also if empty, so that nothing moves at the end
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

    def ended(self) -> None:
        """Lead on to the button that is meant."""
        (self.use_button if self.use_button.property("kind") == "primary" else self.keep_button).setFocus()
