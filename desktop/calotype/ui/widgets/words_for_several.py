"""Words to put into the captions of several pictures, or to take out of them."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from calotype.ui.widgets.buttons import quiet_button


class WordsForSeveral(QWidget):
    """added, removed: these words, for every selected picture."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Words for all of them"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.textChanged.connect(self._allow)
        self.add_button = quiet_button(self.tr("Add"))
        self.remove_button = quiet_button(self.tr("Take out"))
        self.add_button.clicked.connect(lambda: self._tell(self.added))
        self.field.returnPressed.connect(self.add_button.click)
        self.remove_button.clicked.connect(lambda: self._tell(self.removed))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addLayout(buttons)
        self._allow()

    def _allow(self) -> None:
        for button in (self.add_button, self.remove_button):
            button.setEnabled(bool(self.field.text().strip()))

    def _tell(self, signal: SignalInstance) -> None:
        words = self.field.text().strip()
        self.field.clear()
        signal.emit(words)
