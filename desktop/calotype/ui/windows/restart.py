"""Closes the window for a start that follows at once, and asks first if that would end work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.labels import label

if TYPE_CHECKING:
    from calotype.ui.models.generation_model import GenerationModel
    from calotype.ui.models.training_run_model import TrainingRunModel


class Restart(QObject):
    """Answers the session's wish for a restart; `session.is_restarting` says that one follows the closing window."""

    def __init__(
        self, session: Session, training: TrainingRunModel, generation: GenerationModel, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session = session
        self._training = training
        self._generation = generation
        self._window = window
        session.restart_wanted.connect(self._begin)

    def _begin(self) -> None:
        work = self._work()
        if not work:
            self._go()
            return
        dialog = RestartDialog(work, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self._go)
        dialog.open()

    def _go(self) -> None:
        self._session.is_restarting = True
        self._window.close()  # at once, or when the work has ended and saved what it has

    def _work(self) -> list[str]:
        """What a restart would end now, each with what becomes of it."""
        training = self.tr("Training stops after its current step. What was learned is kept, and it can go on later.")
        drawing = self.tr("The pictures that are being drawn are not finished; those that are done are kept.")
        importing = self.tr("Pictures that were not taken in yet are left out; bring them in again afterwards.")
        works = (
            (self._training.is_running, training),
            (self._generation.is_running, drawing),
            (self._session.imports.is_running, importing),
        )
        return [words for is_running, words in works if is_running]


class RestartDialog(QDialog):
    """Says what a restart ends, and lets it be."""

    def __init__(self, work: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Restart Calotype now?"))
        self.setMinimumWidth(480)
        self.stay_button = quiet_button(self.tr("Not now"))
        self.stay_button.clicked.connect(self.reject)
        self.restart_button = primary_button(self.tr("Stop and restart"), "rotate-ccw")
        self.restart_button.clicked.connect(self.accept)
        self.stay_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.stay_button)
        buttons.addWidget(self.restart_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        for words in work:
            column.addWidget(label(words, wraps=True))
        column.addSpacing(6)
        column.addLayout(buttons)
