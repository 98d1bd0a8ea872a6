"""Offers to take back what was just done, in the status strip, where nothing else moves for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from calotype.domain.speech import ends
from calotype.ui.widgets.buttons import icon_button, link_button
from calotype.ui.widgets.labels import label

_SHOWN_MS = 12_000
_LENGTH = 56  # letters that are shown; names may be longer


class UndoBar(QWidget):
    """Words with an Undo button; it goes away after a while, unless the pointer or the focus is on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._undo: Callable[[], None] | None = None
        self.text = ""  # what is offered now; empty if nothing is
        self._words = label("")
        self._words.setMinimumWidth(40)  # rather cut than the window widened
        self.undo_button = link_button(self.tr("Undo"), "undo-2")
        self.undo_button.clicked.connect(self.undo)
        close = icon_button("x", self.tr("Dismiss"))
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._words)
        row.addWidget(self.undo_button)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._clear_unless_in_use)
        self.hide()

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done, and how to take it back."""
        self._undo, self.text = undo, text
        self._words.setText(ends(text, _LENGTH))
        self._words.setToolTip(text)
        self.setAccessibleName(text)
        self.show()
        self._timer.start()

    def undo(self) -> None:
        """Take back what is offered, once; nothing happens if there is nothing."""
        action = self._undo
        self.clear()
        if action is not None:
            action()

    def clear(self) -> None:
        """Stop offering."""
        self._undo, self.text = None, ""
        self._timer.stop()
        self.hide()

    def _clear_unless_in_use(self) -> None:
        if not self.underMouse() and not self.undo_button.hasFocus():
            self.clear()
