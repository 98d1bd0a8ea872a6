"""What can be done with folders: bring one in, use it where it is, look again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from calotype.domain.import_options import ImportOptions
from calotype.ui.models.intake import Intake
from calotype.ui.models.set_saving import SetSaving
from calotype.ui.widgets.buttons import Button, icon_button


def folder_button(intake: Intake, saving: SetSaving) -> Button:
    """A button with the menu of folders, to stand beside the one that adds pictures."""
    text = QCoreApplication.translate("FolderMenu", "Folders: add one, use one where it is, or look again")
    button = icon_button("folder-open", text)
    button.setMenu(FolderMenu(intake, saving, button))
    return button


class FolderMenu(QMenu):
    """Each entry asks for what it needs, and then begins."""

    def __init__(self, intake: Intake, saving: SetSaving, parent: QWidget) -> None:
        super().__init__(parent)
        self._intake = intake
        self._saving = saving
        self.setToolTipsVisible(True)
        self.add_action = self.addAction(self.tr("Add a folder…"))
        self.add_action.setToolTip(self.tr("Copies the pictures into the project; yours stay as they are"))
        self.add_action.triggered.connect(lambda: self._choose(ImportOptions()))
        self.link_action = self.addAction(self.tr("Use a folder where it is…"))
        self.link_action.setToolTip(self.tr("Copies nothing: for large folders. Captions are kept in the project"))
        self.link_action.triggered.connect(lambda: self._choose(ImportOptions(is_linked=True)))
        self.addSeparator()
        self.look_action = self.addAction(self.tr("Look again at the folders"))
        self.look_action.triggered.connect(lambda: intake.folders.look(is_asked=True))
        self.addSeparator()
        self.export_action = self.addAction(self.tr("Save as a folder for other trainers…"))
        self.export_action.setToolTip(
            self.tr("For kohya's scripts and OneTrainer: pictures, captions, repeats and masks")
        )
        self.export_action.triggered.connect(self._export)
        self.aboutToShow.connect(self._refresh)

    def _refresh(self) -> None:
        self.look_action.setEnabled(self._intake.folders.can_look)
        self.export_action.setEnabled(self._saving.can_begin)

    def _export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self.parentWidget(), self.tr("Where to save it"), str(Path.home()))
        if folder:
            self._saving.save(Path(folder))

    def _choose(self, options: ImportOptions) -> None:
        folder = QFileDialog.getExistingDirectory(
            self.parentWidget(), self.tr("Choose a folder with pictures"), str(Path.home())
        )
        if folder:
            self._intake.take_paths([Path(folder)], options=options)
