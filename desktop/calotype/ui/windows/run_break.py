"""A break that a run takes while pictures are made with its base model, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject

from calotype.domain.control import Pause, Resume
from calotype.domain.events import Stage
from calotype.domain.models import BaseModelCard
from calotype.ui.look.verdicts import stage_text
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel


class RunBreak(QObject):
    """Pauses the run before pictures are made and lets it go on after them; a pause of the user's own stays."""

    def __init__(self, training: TrainingRunModel, generation: GenerationModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._is_ours = False
        generation.finished.connect(self._end)

    @property
    def is_on(self) -> bool:
        """True from the request to the end of the pictures."""
        return self._is_ours

    def allows(self, model: BaseModelCard | None) -> bool:
        """Whether pictures can be made with this base model now: while a run is going on, only with the run's own."""
        plan = self._training.plan
        is_own = plan is not None and model is not None and model.id == plan.base_model
        return is_own or not self._training.is_running

    def begin(self) -> None:
        """Ask the run to pause after its step, unless it is paused or ending already."""
        training = self._training
        is_at_work = training.is_running and training.phase in (RunPhase.GETTING_READY, RunPhase.RUNNING)
        if is_at_work and not isinstance(training.pending, Pause):
            self._is_ours = True
            training.send(Pause())

    def hint(self, model: BaseModelCard | None, offered: Sequence[BaseModelCard]) -> str:
        """What becomes of the run that is going on, or why pictures have to wait for it."""
        if not self.allows(model):
            wanted = self._training.plan.base_model if self._training.plan else ""
            name = next((card.name for card in offered if card.id == wanted), wanted)
            return self.tr(
                "A run with {name} is training, and most cards have no memory for a second base model. Choose {name} "
                "here, or wait until the run has ended."
            ).format(name=name)
        if self._training.phase is RunPhase.PAUSED and not self._is_ours:
            return self.tr("A run is paused, and stays so. Its base model makes the pictures meanwhile.")
        return self.tr("A run is training. It pauses while pictures are made, and then goes on.")

    def _end(self) -> None:
        """Let the run go on that was paused here; the user may have done so before."""
        is_ours, self._is_ours = self._is_ours, False
        is_waiting = self._training.phase is RunPhase.PAUSED or isinstance(self._training.pending, Pause)
        if is_ours and is_waiting:
            self._training.send(Resume())


def progress_text(model: GenerationModel, *, is_pausing_run: bool) -> str:
    """What is being done for the pictures at the moment."""
    if model.stage is None:
        text = QCoreApplication.translate("RunBreak", "Picture {number} of {total}")
        return text.format(number=len(model.pictures) + 1, total=model.total)
    if model.stage.stage is Stage.WAITING_FOR_MODEL and is_pausing_run:
        return QCoreApplication.translate("RunBreak", "The run ends its step first")
    return stage_text(model.stage)
