"""The Train page before a run: what to learn, what it will cost, and Start."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.errors import TooFewImagesError
from calotype.domain.imageset import ImageSet
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Estimate, Quality
from calotype.services import library, model_catalog, training_runs
from calotype.ui.look.wording import duration, file_size, sentence
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.plan_form import PlanForm
from calotype.ui.widgets.set_mosaic import SetMosaic
from calotype.ui.windows.rate_range_dialog import RateRangeDialog
from calotype.ui.workers.background_job import BackgroundJob

SIDE_WIDTH = 306
WORTH_SAVING = 0.8  # a run that can do with more than this share of the memory is not worth two numbers
ESTIMATE_AFTER_MS = 150  # while a number is being typed


class TrainPlanView(QWidget):
    """Shows the plan for the open project.

    start_requested: the TrainingPlan to start. images_requested: the user wants to add pictures.
    """

    start_requested = Signal(object)
    images_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self._busy_text = ""
        self._preset: TrainingPlan | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ESTIMATE_AFTER_MS)
        self._timer.timeout.connect(self._estimate)
        self._build()
        self.form.kind_chosen.connect(self._change_kind)
        self.form.preset_chosen.connect(self.refresh)
        self.form.plan_changed.connect(self._show_plan)
        self.form.rate_wanted.connect(self._find_rate)

    def refresh(self) -> None:
        """Make the preset for the pictures, base models and choices as they are now."""
        image_set = self._session.image_set
        if image_set is None:
            return
        self._mosaic.show_set(image_set)
        models = model_catalog.list_base_models(self._session.workspace)
        self.form.show_models(models)
        self.form.show_kind(image_set.project.kind)
        model = next((card for card in models if card.id == self.form.base_model_id), models[0])
        plans = {
            quality: training_runs.default_plan(self._session.workspace, image_set, quality, model)
            for quality in Quality
        }
        preset = plans[self.form.quality]
        if preset == self._preset:
            self._show_plan(self.form.plan)  # what the user changed in the drawer stays
            return
        self._preset = preset
        self.form.show_preset(preset, {quality: plan.step_count for quality, plan in plans.items()})

    def show_busy(self, text: str) -> None:
        """Say why a run cannot be started now; empty if it can."""
        self._busy_text = text
        self._show_plan(self.form.plan)

    def start(self) -> None:
        """Ask for the run that is shown, if it may start."""
        if self._start.isEnabled() and self.form.plan is not None:
            self.start_requested.emit(self.form.plan)

    def _find_rate(self) -> None:
        plan = self.form.plan
        if plan is None:
            return
        dialog = RateRangeDialog(self._session, plan, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.rate_chosen.connect(self.form.use_rate)
        dialog.open()
        dialog.start()

    def _change_kind(self, kind: object) -> None:
        project = self._session.project
        if project is not None and kind != project.kind:
            self._session.rename_project(project.name, type(project.kind)(str(kind)), project.trigger_word)

    def _show_plan(self, plan: TrainingPlan | None) -> None:
        image_set = self._session.image_set
        if image_set is None:
            return
        shortage = _shortage(image_set)
        problem = self._busy_text or (sentence(shortage) if shortage else "")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._add.setVisible(shortage is not None)
        self._start.setEnabled(plan is not None and not problem)
        self.form.set_can_find_rate(self._start.isEnabled())
        if plan is None:
            self._time.setText("–")
            return
        self._facts.show_facts(self._known_facts(plan, image_set))
        self._timer.start()

    def _known_facts(self, plan: TrainingPlan, image_set: ImageSet) -> dict[str, str]:
        seen = plan.step_count * plan.batch_size / max(1, sum(image_set.turns))
        steps = self.tr("{steps} steps of {batch} pictures").format(steps=f"{plan.step_count:,}", batch=plan.batch_size)
        split = self.tr("{trained} to learn from, {held_out} to check")
        return {
            self.tr("Pictures"): split.format(trained=len(image_set.training), held_out=len(image_set.held_out)),
            self.tr("Work"): steps,
            self.tr("Each seen"): self.tr("about {count} times").format(count=round(seen)),
        }

    def _estimate(self) -> None:
        image_set, plan = self._session.image_set, self.form.plan
        if image_set is None or plan is None:
            return
        if self._job is not None:
            self._timer.start()
            return
        workspace = self._session.workspace
        self._job = BackgroundJob(lambda: iter([training_runs.estimate(workspace, plan, image_set)]), self)
        self._job.reported.connect(self._show_estimate)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._end_estimate)
        self._job.start()

    def _show_estimate(self, estimate: Estimate) -> None:
        image_set, plan = self._session.image_set, self.form.plan
        if image_set is None or plan is None:
            return
        known = self._known_facts(plan, image_set)
        if estimate.seconds is None:
            self._time.setText(self.tr("Time unknown"))
            self._time_note.setText(self.tr("The first run with this base model measures how fast this computer is."))
        else:
            self._time.setText(self.tr("about {time}").format(time=duration(_rounded(estimate.seconds))))
            self._time_note.setText(self.tr("on this computer, left alone"))
        known[self.tr("Memory")] = self._memory_text(estimate)
        known[self.tr("Disk")] = file_size(estimate.disk_bytes)
        self._facts.show_facts(known)

    def _memory_text(self, estimate: Estimate) -> str:
        """What steps take, and how little they can take, where that makes a difference."""
        usual, least = estimate.memory_bytes, estimate.least_memory_bytes
        if least > WORTH_SAVING * usual:
            return file_size(usual)
        text = self.tr("{usual}; where less is free, {least} in slower steps")
        return text.format(usual=file_size(usual), least=file_size(least))

    def _end_estimate(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()

    def _build(self) -> None:
        self.form = PlanForm()
        workspace = self._session.workspace
        self._mosaic = SetMosaic(lambda image: library.thumbnail(workspace, image))
        self._time = label("", "hero")
        self._time_note = label("", "small", wraps=True)
        self._facts = Facts()
        self._problem = label("", "harm", wraps=True)
        self._add = quiet_button(self.tr("Add pictures"), "image-plus")
        self._start = primary_button(self.tr("Start training"), "play")
        self._start.setToolTip(self.tr("Ctrl+Enter"))
        self._start.setMinimumHeight(46)
        self._add.clicked.connect(self.images_requested)
        self._start.clicked.connect(self.start)
        card = Card(self.tr("This run will take"))
        card.body.addWidget(self._time)
        card.body.addWidget(self._time_note)
        card.body.addWidget(self._facts)
        side = QVBoxLayout()
        side.setSpacing(14)
        side.addWidget(card)
        side.addWidget(self._problem)
        side.addWidget(self._add)
        side.addWidget(self._start)
        side.addStretch(1)
        fixed: tuple[QWidget, ...] = (card, self._problem, self._add, self._start)
        for widget in fixed:
            widget.setFixedWidth(SIDE_WIDTH)
        left = QVBoxLayout()
        pictures = Card(self.tr("It learns from these, and is checked on those held out"))
        pictures.body.addWidget(self._mosaic)
        left.setSpacing(14)
        left.addWidget(self.form)
        left.addWidget(pictures)
        left.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(20)
        layout.addLayout(left, 1)
        layout.addLayout(side)


def _shortage(image_set: ImageSet) -> TooFewImagesError | None:
    try:
        image_set.require_trainable()
    except TooFewImagesError as error:
        return error
    return None


def _rounded(seconds: float) -> float:
    """Round an estimate: it is not known to the second."""
    return 5 * round(seconds / 5) if seconds < 120 else 30 * round(seconds / 30)
