"""What the user writes about a run; saves by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label

_SAVE_MS = 600
_HEIGHT_PX = 108


class NotesCard(Card):
    """A plain text about one run. notes_written: the run's id and its notes, soon after typing stopped."""

    notes_written = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Notes"), parent)
        self._run_id = ""
        self._known = ""
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName(self.tr("Notes on this run"))
        self.editor.setPlaceholderText(self.tr("What you tried, what you saw, what to try next."))
        self.editor.setTabChangesFocus(True)
        self.editor.setFixedHeight(_HEIGHT_PX)
        self.editor.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self.save)
        self.editor.textChanged.connect(self._timer.start)
        self.body.addWidget(self.editor)
        self.body.addWidget(label(self.tr("Saved as you type, and part of the report."), "small", wraps=True))

    @property
    def run_id(self) -> str:
        """The run that the notes are about."""
        return self._run_id

    def show_notes(self, run_id: str, text: str) -> None:
        """Show the notes of a run; what was typed about the run before is saved first."""
        self.save()
        self._run_id, self._known = run_id, text
        self.editor.blockSignals(True)
        self.editor.setPlainText(text)
        self.editor.blockSignals(False)

    def save(self) -> None:
        """Tell the notes now, if they were changed."""
        self._timer.stop()
        text = self.editor.toPlainText()
        if self._run_id and text != self._known:
            self._known = text
            self.notes_written.emit(self._run_id, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save when the editor is left."""
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self.save()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save when another page comes to the front, or the window closes."""
        self.save()
        super().hideEvent(event)
