"""What was done and can be taken back, or done again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

_KEPT = 100

Action = Callable[[], bool | None]
"""Does something; False if it was refused (and said)."""


class UndoHistory(QObject):
    """Up to a hundred steps, newest last.

    offered: something was just done, in these words. withdrawn: what was offered is not the last step any more.
    """

    offered = Signal(str)
    withdrawn = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_KEPT)

    @property
    def undo_text(self) -> str:
        """What `undo` would take back; empty if there is nothing."""
        return self._stack.undoText()

    @property
    def redo_text(self) -> str:
        """What `redo` would do again; empty if there is nothing."""
        return self._stack.redoText()

    def add(self, text: str, undo: Action, redo: Action, *, is_quiet: bool = False, about: object = None) -> None:
        """Remember how to take back what was just done, and how to do it again.

        A quiet step is not offered aloud. A step that follows one `about` the same thing becomes one with it.
        """
        self._stack.push(_Step(text, undo, redo, about))
        if is_quiet:
            self.withdrawn.emit()
        else:
            self.offered.emit(text)

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        self._stack.undo()
        self.withdrawn.emit()

    def redo(self) -> None:
        """Do again what was taken back last, if nothing was done since."""
        self._stack.redo()
        self.withdrawn.emit()

    def clear(self) -> None:
        """Forget every step: what they were about is gone."""
        self._stack.clear()
        self.withdrawn.emit()


class _Step(QUndoCommand):
    """One step; one that is refused leaves the history."""

    def __init__(self, text: str, undo: Action, redo: Action, about: object) -> None:
        super().__init__(text)
        self._undo, self._redo, self.about = undo, redo, about
        self._is_done_already = True  # Qt calls `redo` when a step is added

    def undo(self) -> None:
        self.setObsolete(self._undo() is False)

    def redo(self) -> None:
        if self._is_done_already:
            self._is_done_already = False
        elif self._redo() is False:
            self.setObsolete(True)

    def id(self) -> int:
        return -1 if self.about is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802  # Qt's name
        if not isinstance(other, _Step) or other.about != self.about:
            return False
        self._redo = other._redo
        return True
