"""What can be done with a run that has ended: compare strengths, export the LoRA, use it in Create."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFileDialog

from calotype.domain.events import GenerationFinished, PictureReady
from calotype.domain.likeness import comparison_at
from calotype.domain.lora_export import ExportChoice
from calotype.domain.models import STARTER_ID, LoraCard
from calotype.domain.runs import Run
from calotype.domain.verdict import VerdictKind
from calotype.services import exports, generation, training_runs
from calotype.ui.look.exported import exported_text, file_kinds
from calotype.ui.look.likeness import likeness_text
from calotype.ui.look.verdicts import advice, evidence_text, headline
from calotype.ui.look.wording import sentence
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.result_card import STRENGTHS, ResultCard
from calotype.ui.windows.checkpoint_choice import CheckpointChoice
from calotype.ui.windows.run_facts import ending_text
from calotype.ui.workers.background_job import BackgroundJob

COMPARED = (0.0, *reversed(STRENGTHS))  # the pair that is shown first is drawn first


class RunResult(QObject):
    """Fills a ResultCard and does what its buttons ask. again_requested: the user wants another run."""

    again_requested = Signal()

    def __init__(
        self,
        session: Session,
        card: ResultCard,
        training: TrainingRunModel,
        create: GenerationModel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._training = training
        self._session = session
        self._card = card
        self._create = create
        self._model: TrainingRunModel | None = None
        self._shown = ""
        self._comparison_of = ""
        self._jobs: deque[tuple[BackgroundJob, Callable[[Any], None]]] = deque()  # the first one is at work
        self._has_lora = False
        self._told = False  # where the file is that is being exported: that stays to be read
        self._comparison = GenerationModel(session, self)
        self._comparison.picture_added.connect(self._add_picture)
        self._comparison.changed.connect(self._show_progress)
        self._comparison.finished.connect(self._end_comparison)
        training.started.connect(self._comparison.stop)
        training.finished.connect(self._compare_next)
        card.installEventFilter(self)
        card.continue_requested.connect(self._continue)
        card.use_requested.connect(self._use)
        card.export_requested.connect(self._export)
        card.again_requested.connect(self.again_requested)
        self.choice = CheckpointChoice(session, card, training, self)
        self.choice.opened.connect(self._comparison.stop)
        self.choice.closed.connect(self._compare_next)
        card.grid_requested.connect(lambda: self.choice.open(self._run, self._model))

    @property
    def comparison(self) -> GenerationModel:
        """The pictures at several strengths, as they are made."""
        return self._comparison

    def show_run(self, model: TrainingRunModel) -> None:
        """Show the result of a run that has ended; a run that goes on has none."""
        if model.phase not in (RunPhase.FINISHED, RunPhase.FAILED) or model.is_running:
            self._model, self._shown = None, ""
            self._comparison.stop()
            if self._comparison_of == model.run_id:
                self._comparison_of = ""  # it is being continued, so another LoRA will come of it
            return
        is_other, self._model, self._shown = self._shown != model.run_id, model, model.run_id
        self._show_words(model)
        self._show_continuation()
        if is_other:
            self._show_pictures(model)

    def _show_pictures(self, model: TrainingRunModel) -> None:
        best = model.best_step
        series = model.series
        closest = max((step for step in series.preview_steps() if step <= (best or 0)), default=None)
        self._card.begin(self._preview(0), self._preview(closest) if closest else None)
        self._card.show_prompt(series.prompts[0] if series.prompts else "")
        if self._comparison_of == self._shown:
            for picture in self._comparison.pictures:
                self._add_picture(picture)
        else:
            self._comparison.stop()
        self._show_progress()
        self._compare_next()

    def _preview(self, step: int | None) -> Path | None:
        if self._model is None or step is None:
            return None
        picture = self._model.series.previews.get(step, {}).get(0)
        return picture.path if picture else None

    def _show_words(self, model: TrainingRunModel) -> None:
        verdict = model.series.verdict(is_over=True)
        if model.phase is RunPhase.FAILED:
            reason = sentence(model.failure) if model.failure else model.failure_text
            self._card.show_verdict(self.tr("Training stopped"), reason, "")
        else:
            kept = comparison_at(list(model.series.comparisons.values()), verdict.best_step)
            told = f"{ending_text(model.result)} {likeness_text(kept)}".strip()
            facts = "\n".join(filter(None, [told, evidence_text(verdict)]))
            self._card.show_verdict(headline(verdict, is_running=False), advice(verdict, is_running=False), facts)
        self._has_lora = verdict.kind is not VerdictKind.TOO_EARLY or model.saved_step > 0
        self._card.set_can_use(self._has_lora)

    def _end_comparison(self, result: GenerationFinished | None) -> None:
        if result is not None and result.was_stopped:
            self._comparison_of = ""  # what is missing is drawn when the run is looked at again
        if self._shown != self._comparison_of:
            self._compare_next()

    def _compare_next(self) -> None:
        """Begin the comparison of the shown run, once the device is free."""
        model = self._model
        is_busy = self._comparison.is_running or self.choice.is_open
        if model is None or is_busy or self._comparison_of == model.run_id:
            return
        if model.result is None or model.result.lora_path is None or self._training.is_running:
            return
        if not (self._card.isVisible() or self._is_quick()):
            return
        self._comparison_of = model.run_id
        workspace, shelf, run = self._session.workspace, self._session.shelf, self._run()
        self._comparison.run(lambda control: generation.compare_strengths(workspace, run, COMPARED, control, shelf))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw with a large model only while someone looks: on a processor that takes minutes."""
        if event.type() == QEvent.Type.Hide and not self._is_quick():
            self._comparison.stop()
        if event.type() == QEvent.Type.Show:
            self._compare_next()
        return super().eventFilter(watched, event)

    def _is_quick(self) -> bool:
        plan = self._model.plan if self._model is not None else None
        return plan is None or plan.base_model == STARTER_ID

    def _run(self) -> Run:
        return training_runs.find_run(self._session.workspace, self._shown)

    def _add_picture(self, picture: PictureReady) -> None:
        if self._comparison_of == self._shown and 0 <= picture.index < len(COMPARED):
            self._card.add_picture(COMPARED[picture.index], picture.path)

    def _show_progress(self) -> None:
        made, total = len(self._comparison.pictures), self._comparison.total
        is_drawing = self._comparison.is_running and made < total and self._comparison_of == self._shown
        text = self.tr("Drawing the comparison, {made} of {total}").format(made=made, total=total)
        if not self._jobs:  # what is being saved is said until it is there
            self._card.set_progress_text(text if is_drawing else "")

    def _show_continuation(self) -> None:
        is_free = bool(self._shown) and not self._training.is_running
        self._card.set_can_continue(is_free and training_runs.can_continue(self._session.workspace, self._run()))

    def _continue(self) -> None:
        run_id = self._shown
        self._session.tell_failure(lambda: self._training.resume(run_id))

    def _use(self) -> None:
        if any(then == self._use_card for _, then in self._jobs):
            return
        workspace, run_id = self._session.workspace, self._shown
        self._do(BackgroundJob(lambda: iter([exports.keep_lora(workspace, run_id)]), self), self._use_card)

    def _use_card(self, card: LoraCard) -> None:
        self._session.loras_changed.emit()
        self._create.use_lora(card)
        self._session.page_requested.emit("create")

    def _export(self) -> None:
        project = self._session.project
        name = f"{project.trigger_word if project else 'lora'}.safetensors"
        kinds = file_kinds(self._run().plan.lora.adapter)
        path, kind = QFileDialog.getSaveFileName(
            self._card, self.tr("Export LoRA"), str(Path.home() / name), ";;".join(kinds), next(iter(kinds))
        )
        if path:
            self.export_to(Path(path), kinds.get(kind, exports.EVERYWHERE))

    def export_to(self, destination: Path, choice: ExportChoice = exports.EVERYWHERE) -> None:
        """Write the LoRA file where the user wants it, and say so."""
        workspace, run_id = self._session.workspace, self._shown
        job = BackgroundJob(lambda: iter([exports.export_lora(workspace, run_id, destination, choice)]), self)
        self._do(job, self._tell_exported)

    def _tell_exported(self, exported: exports.ExportedLora) -> None:
        self._told = True
        adapter = self._run().plan.lora.adapter
        self._card.set_progress_text(exported_text(exported.path, exported.layout, adapter, exported.left_out))

    def _do(self, job: BackgroundJob, then: Callable[[Any], None]) -> None:
        """Save in the background, one thing after the other; the buttons stay, so that the focus and the page do."""
        job.reported.connect(then)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._end_job)
        self._jobs.append((job, then))
        if len(self._jobs) == 1:
            self._start_job()

    def _start_job(self) -> None:
        self._card.set_progress_text(self.tr("Saving the LoRA, and comparing its file with the run…"))
        self._told = False
        self._jobs[0][0].start()

    def _end_job(self) -> None:
        job, _ = self._jobs.popleft()
        job.deleteLater()
        if self._jobs:
            self._start_job()
        elif not self._told:
            self._show_progress()
