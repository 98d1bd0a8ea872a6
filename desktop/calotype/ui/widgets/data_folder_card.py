"""Where data lies: the folder, buttons to open it and to choose another, and what a change means."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from calotype.services.folder_check import FolderReport, examine_folder, folder_for_data
from calotype.services.workspace import remember_root
from calotype.startup.data_root import root_is_fixed
from calotype.startup.program import is_portable
from calotype.ui.look.wording import sentence
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class DataFolderCard(Card):
    """Takes another folder only after it was looked at; it is used from the next start on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session = session
        self._look = QuickLook(self)
        self._look.answered.connect(self._take)
        self._build()
        self._open.clicked.connect(self._open_folder)
        self._change.clicked.connect(self._ask_for_folder)

    def move_to(self, folder: Path) -> None:
        """Use another data folder from the next start on, if it can hold data."""
        self._look.ask(lambda: examine_folder(folder))

    @property
    def note_text(self) -> str:
        """What is said about a change; empty before one."""
        return self._note.text()

    def _take(self, report: object) -> None:
        if not isinstance(report, FolderReport):
            return
        if report.trouble is not None:
            self._session.failure.emit(report.trouble)
        elif self._session.tell_failure(lambda: remember_root(report.folder)):
            text = self.tr(
                "From the next start on, data lies in {folder}. What is in the old folder stays there: to take it "
                "along, close Calotype and move everything in the old folder into the new one."
            )
            words = (text.format(folder=report.folder), *(sentence(risk) for risk in report.notices))
            self._note.setText(" ".join(words))
            self._note.show()

    def _ask_for_folder(self) -> None:
        start = str(self._session.workspace.folder.root.parent)
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Data folder"), start)
        if chosen:
            self.move_to(folder_for_data(Path(chosen)))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.workspace.folder.root)))

    def _build(self) -> None:
        title = self.tr("Data folder")
        self.setAccessibleName(title)
        self._folder = label(str(self._session.workspace.folder.root), wraps=True)
        self._folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._note = label("", "accent", wraps=True)
        self._note.hide()
        self._change = quiet_button(self.tr("Change…"), "folder")
        self._change.setVisible(not root_is_fixed())
        self._open = quiet_button(self.tr("Open"), "folder-open")
        self._open.setAccessibleName(self.tr("Open the data folder"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._folder, 1)
        row.addWidget(self._open)
        row.addWidget(self._change)
        self.body.addWidget(label(title, "heading"))
        self.body.addLayout(row)
        self.body.addWidget(label(self._words(), "small", wraps=True))
        self.body.addWidget(self._note)

    def _words(self) -> str:
        text = self.tr(
            "Projects, LoRA files and pictures are ordinary files in this folder: you may open, copy and back them up. "
            "They stay there if you remove Calotype."
        )
        if is_portable():
            return f"{text} " + self.tr("The file portable.txt beside the program keeps the folder there.")
        if root_is_fixed():
            return f"{text} " + self.tr("The variable CALOTYPE_HOME names the folder.")
        return text
