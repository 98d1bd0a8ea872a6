"""Offers to take back what was just done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.widgets.buttons import icon_button, link_button
from calotype.ui.widgets.labels import label

_SHOWN_MS = 12_000


class UndoBar(QFrame):
    """A line with an Undo button; it goes away after a while, unless the pointer or the focus is on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "notice")
        self._undo: Callable[[], None] | None = None
        self._text = label("")
        self.undo_button = link_button(self.tr("Undo"), "undo-2")
        self.undo_button.clicked.connect(self.undo)
        close = icon_button("x", self.tr("Dismiss"))
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 6, 4)
        row.setSpacing(12)
        row.addWidget(self._text, 1)
        row.addWidget(self.undo_button)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._clear_unless_in_use)
        self.hide()

    @property
    def text(self) -> str:
        """What is offered now; empty if nothing is."""
        return self._text.text()

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done, and how to take it back."""
        self._undo = undo
        self._text.setText(text)
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
        self._undo = None
        self._text.setText("")
        self._timer.stop()
        self.hide()

    def _clear_unless_in_use(self) -> None:
        if not self.underMouse() and not self.undo_button.hasFocus():
            self.clear()
