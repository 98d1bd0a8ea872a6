"""What an empty page says: what belongs here, and how to get it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.labels import label


class EmptyState(QWidget):
    """An icon, a title, a sentence and buttons, in the middle of the page."""

    def __init__(self, icon_name: str, title: str, text: str, *buttons: QWidget) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = label(title, "display")
        self._text = label(text, "muted", wraps=True)
        self._text.setMaximumWidth(680)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self.set_buttons(*buttons)
        self._lay_out()
        self._draw_icon()

    def set_words(self, title: str, text: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)

    def set_buttons(self, *buttons: QWidget) -> None:
        """Add buttons after those that are there."""
        for button in buttons:
            self._buttons.addWidget(button)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_buttons"):
            self._draw_icon()

    def _draw_icon(self) -> None:
        self._icon.setPixmap(pixmap(self._icon_name, current_palette().accent, 40, self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        middle = Qt.AlignmentFlag.AlignHCenter
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        layout.addSpacing(6)
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row = QHBoxLayout()
            row.addStretch()
            row.addWidget(text, 1)
            row.addStretch()
            layout.addLayout(row)
        layout.addSpacing(8)
        layout.addLayout(self._buttons)
        layout.setAlignment(self._buttons, middle)
        layout.addStretch(3)
