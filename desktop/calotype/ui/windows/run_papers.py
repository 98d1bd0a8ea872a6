"""What is written about a run: the user's notes on it, and reports of it to keep or pass on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from calotype.services import run_notes, run_report, tensorboard_export, training_runs
from calotype.ui.look.translations import say_report
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.notes_card import NotesCard
from calotype.ui.widgets.result_card import ResultCard
from calotype.ui.workers.background_job import BackgroundJob


class RunPapers(QObject):
    """Fills a NotesCard, keeps what is typed there, and writes reports where the user wants them."""

    def __init__(self, session: Session, notes: NotesCard, card: ResultCard, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._notes = notes
        self._card = card
        self._run_id = ""
        self._jobs: set[BackgroundJob] = set()
        notes.notes_written.connect(self._keep_notes)
        card.report_requested.connect(self._ask_for_report)
        card.events_requested.connect(self._ask_for_folder)

    def show_run(self, model: TrainingRunModel) -> None:
        """Be about this run from now on."""
        self._run_id = model.run_id
        if model.run_id != self._notes.run_id:
            self._session.tell_failure(lambda: self._show_notes(model.run_id))

    def write_report(self, destination: Path, *, has_captions: bool = True) -> None:
        """Write a report of the shown run, and say so."""
        workspace, run_id = self._session.workspace, self._run_id
        self._do(
            lambda: run_report.write_report(workspace, run_id, destination, has_captions=has_captions, say=say_report),
            self._tell_written,
        )

    def export_events(self, folder: Path) -> None:
        """Write what the shown run measured for TensorBoard, and say so."""
        workspace, run_id = self._session.workspace, self._run_id
        self._do(lambda: tensorboard_export.export_events(workspace, run_id, folder), self._tell_exported)

    def _show_notes(self, run_id: str) -> None:
        self._notes.show_notes(run_id, "")  # whatever happens below, the notes of another run are not these
        if run_id:
            run = training_runs.find_run(self._session.workspace, run_id)
            self._notes.show_notes(run_id, run_notes.read_notes(run))

    def _keep_notes(self, run_id: str, text: str) -> None:
        workspace = self._session.workspace
        self._session.tell_failure(lambda: run_notes.write_notes(training_runs.find_run(workspace, run_id), text))

    def _ask_for_report(self, has_captions: bool) -> None:
        self._notes.save()  # what was just typed is part of it
        project = self._session.project
        name = f"{project.trigger_word if project else 'lora'}-{self._run_id}.html"
        path, _filter = QFileDialog.getSaveFileName(
            self._card, self.tr("Save report"), str(Path.home() / name), self.tr("Report (*.html)")
        )
        if path:
            self.write_report(Path(path), has_captions=has_captions)

    def _tell_written(self, written: run_report.WrittenReport) -> None:
        text = self.tr("Saved as {name}. It opens in any browser.")
        self._card.set_progress_text(text.format(name=written.path))

    def _ask_for_folder(self) -> None:
        title = self.tr("Folder of logs for TensorBoard")
        folder = QFileDialog.getExistingDirectory(self._card, title, str(Path.home()))
        if folder:
            self.export_events(Path(folder))

    def _tell_exported(self, exported: tensorboard_export.ExportedEvents) -> None:
        text = self.tr("Saved in {folder}. Show it with: tensorboard --logdir {logs}")
        folder = exported.path.parent
        self._card.set_progress_text(text.format(folder=folder, logs=folder.parent))

    def _do(self, work: Callable[[], object], then: object) -> None:
        job = BackgroundJob(lambda: iter([work()]), self)
        job.reported.connect(then)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._forget_jobs)
        self._jobs.add(job)
        job.start()

    def _forget_jobs(self) -> None:
        for job in [job for job in self._jobs if not job.is_running]:
            self._jobs.discard(job)
            job.deleteLater()
