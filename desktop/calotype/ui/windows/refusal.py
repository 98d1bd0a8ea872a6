"""Says why the window cannot open at all."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from calotype.domain.settings import Theme
from calotype.ui.look.theme import apply_theme
from calotype.ui.look.wording import sentence


def say_refusal(error: BaseException) -> None:
    """Show the sentence of a failure and wait until it was read."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply_theme(app, Theme.SYSTEM)
    box = QMessageBox(QMessageBox.Icon.Warning, "Calotype", sentence(error))
    box.addButton(QMessageBox.StandardButton.Ok)
    for button in box.buttons():
        button.setIcon(QIcon())  # the style's own picture does not fit ours
    box.exec()
