"""Keeps what each run of the window learned, so that Library and Create offer it without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from calotype.domain.models import LoraCard
from calotype.services import exports
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session
    from calotype.ui.models.training_run_model import TrainingRunModel


class KeptLoras(QObject):
    """Copies the best LoRA of a run into the data folder when the run ends; the session says when it is there."""

    def __init__(self, session: Session, training: TrainingRunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._training = training
        self._jobs: set[BackgroundJob] = set()
        training.finished.connect(self._keep)

    def _keep(self) -> None:
        run_id, best = self._training.run_id, self._training.series.best
        if best is None or best.ratio.value >= 1:
            return  # it learned nothing that the base model does not know
        job = BackgroundJob(partial(_kept, self._session, run_id), self)
        job.reported.connect(self._tell)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._forget_ended)
        self._jobs.add(job)
        job.start()

    def _tell(self, card: LoraCard) -> None:
        self._session.loras_changed.emit()

    def _forget_ended(self) -> None:
        for job in [job for job in self._jobs if not job.is_running]:
            self._jobs.discard(job)
            job.deleteLater()


def _kept(session: Session, run_id: str) -> Iterator[LoraCard]:
    yield exports.keep_lora(session.workspace, run_id)
