"""Offers to go on with a run that a crash or a power cut ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from calotype.domain.errors import CalotypeError
from calotype.domain.runs import Run
from calotype.services import projects, training_runs
from calotype.ui.look.wording import when
from calotype.ui.models.session import Session
from calotype.ui.widgets.banner import Banner
from calotype.ui.widgets.buttons import primary_button, quiet_button

if TYPE_CHECKING:
    from calotype.ui.models.training_run_model import TrainingRunModel


class Interruption(QObject):
    """Looks for interrupted runs once, and shows one at a time in a banner."""

    def __init__(
        self, session: Session, training: TrainingRunModel, banner: Banner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._training = training
        self._banner = banner

    def look(self) -> None:
        """Offer the newest interrupted run, if there is one."""
        try:
            runs = training_runs.interrupted_runs(self._session.workspace)
        except CalotypeError as error:
            self._session.failure.emit(error)
            return
        if runs and not self._training.is_running:
            self._offer(runs[0])

    def _offer(self, run: Run) -> None:
        try:
            project = projects.find_project(self._session.workspace, run.project_id)
        except CalotypeError:
            return  # its project was removed, so there is nothing to go on with
        text = self.tr(
            "Training of “{name}” from {when} was interrupted at step {step} of {total}. Nothing up to there is lost."
        ).format(name=project.name, when=when(run.started_at), step=run.last_step, total=run.plan.step_count)
        resume = primary_button(self.tr("Resume"), "play")
        resume.clicked.connect(lambda: self._resume(run))
        later = quiet_button(self.tr("Not now"))
        later.clicked.connect(lambda: self._dismiss(run))
        self._banner.show_text(text, resume, later)

    def _resume(self, run: Run) -> None:
        self._banner.clear()
        workspace = self._session.workspace
        if self._session.tell_failure(
            lambda: self._session.open_project(projects.find_project(workspace, run.project_id), "train")
        ):
            self._session.tell_failure(lambda: self._training.resume(run.id))

    def _dismiss(self, run: Run) -> None:
        self._banner.clear()
        self._session.tell_failure(lambda: training_runs.dismiss_interrupted(self._session.workspace, run))
        self._session.runs_changed.emit()
        self.look()
