"""How far a run is: the time left, the step, and the commands that it understands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.control import MakePreview, Pause, Resume, Stop
from calotype.domain.events import Stage
from calotype.ui.look.verdicts import stage_text
from calotype.ui.look.wording import duration
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label

FULL = 1000


class RunProgress(Card):
    """Time left first, then steps; the buttons send commands straight to the model."""

    def __init__(self, model: TrainingRunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._model = model
        self._build()

    def show_run(self, model: TrainingRunModel) -> None:
        """Draw the run as it is now."""
        self._model = model
        self._line.setText(self._step_text())
        self._hero.setText(self._hero_text())
        self._bar.setValue(self._progress())
        self._bar.setAccessibleDescription(self._step_text())
        is_paused, is_stopping = model.phase is RunPhase.PAUSED, model.phase is RunPhase.STOPPING
        # While a command waits they stay enabled: the focus would go on to Stop, and a second press would end the run.
        self._pause.setText(self.tr("Resume") if is_paused else self.tr("Pause"))
        self._pause.set_icon("play" if is_paused else "pause")
        self._pause.setEnabled(model.phase in (RunPhase.RUNNING, RunPhase.PAUSED))
        self._preview.setEnabled(model.phase is RunPhase.RUNNING)
        self._stop.setEnabled(model.is_running and not is_stopping)

    def _hero_text(self) -> str:
        model = self._model
        match model.phase:
            case RunPhase.GETTING_READY:
                return self.tr("Getting ready")
            case RunPhase.PAUSED:
                return self.tr("Paused")
            case RunPhase.STOPPING:
                return self.tr("Stopping")
            case _:
                left = model.seconds_left
                if left is None:
                    return self.tr("Starting")
                if left < 1:  # what is kept is being drawn and saved
                    return self.tr("Almost done")
                return self.tr("{time} left").format(time=duration(left))

    def _step_text(self) -> str:
        model = self._model
        steps = self.tr("Step {step} of {count}").format(step=f"{model.step:,}", count=f"{model.step_count:,}")
        if model.phase is RunPhase.STOPPING:
            return self.tr("{steps} · saving what was learned").format(steps=steps)
        if isinstance(model.pending, Pause):
            return self.tr("{steps} · pausing after this step").format(steps=steps)
        if model.stage is not None:
            return (
                stage_text(model.stage)
                if model.phase is RunPhase.GETTING_READY
                else f"{steps} · {stage_text(model.stage)}"
            )
        return self.tr("Loading the programs that compute") if model.phase is RunPhase.GETTING_READY else steps

    def _progress(self) -> int:
        model = self._model
        if model.phase is not RunPhase.GETTING_READY:
            return round(FULL * model.step / max(1, model.step_count))
        if model.stage is None or not model.stage.total or model.stage.stage is Stage.SAVING:
            return 0
        return round(FULL * model.stage.done / model.stage.total)

    def _build(self) -> None:
        self._line = label("", "small", wraps=True)
        two_lines_px = 2 * self._line.fontMetrics().lineSpacing()
        self._line.setMinimumHeight(two_lines_px)  # so that nothing below moves when a long stage comes and goes
        self._line.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self._hero = label("", "hero")
        self._bar = QProgressBar()
        self._bar.setRange(0, FULL)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the run"))
        self._pause = quiet_button(self.tr("Pause"), "pause")
        self._pause.setToolTip(self.tr("Wait, and keep everything in memory"))
        self._preview = quiet_button(self.tr("Preview now"), "eye")
        self._preview.setToolTip(self.tr("Draw the previews after this step"))
        self._stop = quiet_button(self.tr("Stop and save"), "circle-stop")
        self._stop.setToolTip(self.tr("End after this step; what was learned is kept"))
        self._pause.clicked.connect(self._toggle_pause)
        self._preview.clicked.connect(self._ask_for_preview)
        self._stop.clicked.connect(self._ask_to_stop)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        for button in (self._pause, self._preview):
            # A narrow window must not cut their words; the usual policy would give both the same width.
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            pair.addWidget(button, 1)
        rows = QVBoxLayout()
        rows.setSpacing(8)
        rows.addLayout(pair)
        rows.addWidget(self._stop)
        self.body.setSpacing(8)
        self.body.addWidget(self._line)
        self.body.addWidget(self._hero)
        self.body.addWidget(self._bar)
        self.body.addSpacing(4)
        self.body.addLayout(rows)

    def _toggle_pause(self) -> None:
        if not isinstance(self._model.pending, Pause | Resume):
            self._model.send(Resume() if self._model.phase is RunPhase.PAUSED else Pause())

    def _ask_for_preview(self) -> None:
        if not isinstance(self._model.pending, MakePreview):
            self._model.send(MakePreview())

    def _ask_to_stop(self) -> None:
        self._model.send(Stop())
