"""Opens the grid of checkpoints of the shown run when its result asks for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from calotype.domain.errors import ProjectBusyError
from calotype.domain.runs import Run
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.result_card import ResultCard
from calotype.ui.windows.checkpoint_dialog import CheckpointDialog


class CheckpointChoice(QObject):
    """One grid at a time. opened, closed: the grid came and went; nothing else should draw in between."""

    opened = Signal()
    closed = Signal()

    def __init__(self, session: Session, card: ResultCard, training: TrainingRunModel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._card = card
        self._training = training
        self.dialog: CheckpointDialog | None = None

    @property
    def is_open(self) -> bool:
        """True while the grid is shown."""
        return self.dialog is not None

    def open(self, run: Callable[[], Run], model: TrainingRunModel | None) -> None:
        """Show the grid of a run; refused while another one is training, which needs the device."""
        project = self._session.project
        if model is None or project is None or self.is_open:
            return
        if self._training.is_running:
            plan = self._training.plan
            is_here = plan is None or plan.project_id == project.id
            name = project.name if is_here else self.tr("Another project")
            self._session.failure.emit(ProjectBusyError(name))
            return
        ratios = {point.step: point.ratio.value for point in model.series.validations}
        self.dialog = CheckpointDialog(self._session, run(), ratios, self._card)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.finished.connect(self._close)
        self.opened.emit()
        self.dialog.open()
        self.dialog.start()

    def _close(self) -> None:
        self.dialog = None
        self.closed.emit()
