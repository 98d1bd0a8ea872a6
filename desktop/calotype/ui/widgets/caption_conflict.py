"""Asks which caption holds, where another program changed one that was being edited here."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from calotype.domain.imageset import CaptionedImage
from calotype.ui.look.roles import set_role
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.wrapping_row import WrappingRow


class CaptionConflict(QFrame):
    """Shown until each question is answered. kept: a picture as it is on disk, and the caption that is to be there."""

    kept = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "notice", tone="offer")
        self._questions: deque[tuple[CaptionedImage, str]] = deque()
        self._text = label("", wraps=True)
        self._mine, self._theirs = label("", "muted", wraps=True), label("", "muted", wraps=True)
        self.keep_button = quiet_button(self.tr("Keep mine"))
        self.keep_button.clicked.connect(lambda: self._answer(is_mine=True))
        self.take_button = quiet_button(self.tr("Use the other"))
        self.take_button.clicked.connect(lambda: self._answer(is_mine=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        for widget in (self._text, self._mine, self._theirs, WrappingRow([self.keep_button, self.take_button])):
            column.addWidget(widget)
        self.hide()

    @property
    def text(self) -> str:
        """What is asked now; empty if nothing is."""
        return self._text.text() if self._questions else ""

    def ask(self, image: CaptionedImage, mine: str) -> None:
        """Ask whether `mine` or the caption of the picture, as it is on disk now, is to hold."""
        self._questions.append((image, mine))
        self._show()

    def forget(self) -> None:
        """Ask nothing: another project is open."""
        self._questions.clear()
        self._show()

    def _answer(self, *, is_mine: bool) -> None:
        image, mine = self._questions.popleft()
        if is_mine:
            self.kept.emit(image, mine)
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._questions))
        if self._questions:
            image, mine = self._questions[0]
            words = self.tr("Another program changed the caption of {name} while you were writing. Which one holds?")
            self._text.setText(words.format(name=image.original_name))
            self.setAccessibleName(self._text.text())
            self._mine.setText(self.tr("Yours: {caption}").format(caption=mine or "–"))
            self._theirs.setText(self.tr("The other: {caption}").format(caption=image.caption or "–"))
