"""What was done and can be taken back, newest last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

_KEPT = 100


class UndoHistory(QObject):
    """Steps that can be undone. offered: something was just done, in these words. undone: it was taken back."""

    offered = Signal(str)
    undone = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: list[tuple[str, Callable[[], None]]] = []

    def add(self, text: str, undo: Callable[[], None], *, is_quiet: bool = False) -> None:
        """Remember how to take back what was just done; a quiet step is not offered aloud."""
        self._steps = [*self._steps[-_KEPT + 1 :], (text, undo)]
        if not is_quiet:
            self.offered.emit(text)

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        if self._steps:
            text, action = self._steps.pop()
            action()
            self.undone.emit(text)

    def clear(self) -> None:
        """Forget every step: what they were about is gone."""
        self._steps = []
