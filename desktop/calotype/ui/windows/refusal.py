"""Says why the window cannot open at all, and where a data folder is the cause, lets another one be chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from calotype.domain.errors import CalotypeError
from calotype.domain.settings import Theme
from calotype.services.workspace import remember_root
from calotype.ui.look.theme import apply_theme
from calotype.ui.look.wording import sentence


def say_refusal(error: BaseException, *, may_choose_folder: bool = False) -> Path | None:
    """Show the sentence of a failure and wait until it was read; the data folder that was chosen instead, if any.

    That one is remembered for the next start as well.
    """
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply_theme(app, Theme.SYSTEM)
    box = QMessageBox(QMessageBox.Icon.Warning, "Calotype", sentence(error))
    choose = None
    if may_choose_folder:
        choose = box.addButton(_tr("Choose another folder…"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_tr("Quit"), QMessageBox.ButtonRole.RejectRole)
    else:
        box.addButton(QMessageBox.StandardButton.Ok)
    for button in box.buttons():
        button.setIcon(QIcon())  # the style's own picture does not fit ours
    box.exec()
    return _chosen_folder() if choose is not None and box.clickedButton() is choose else None


def _chosen_folder() -> Path | None:
    name = QFileDialog.getExistingDirectory(None, _tr("Data folder"), str(Path.home()))
    if not name:
        return None
    try:
        remember_root(Path(name))
    except CalotypeError as error:
        say_refusal(error)
        return None
    return Path(name)


def _tr(text: str) -> str:
    return QCoreApplication.translate("refusal", text)
