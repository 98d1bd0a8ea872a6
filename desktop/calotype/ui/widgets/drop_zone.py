"""The place that says: drop your pictures here."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRadialGradient
from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.empty_state import EmptyState

_RADIUS = 14


class DropZone(QWidget):
    """A dashed frame around an invitation; it glows while something is dragged over the window."""

    def __init__(self, title: str, text: str, *buttons: QWidget, is_veil: bool = False) -> None:
        """A veil also hides what is behind it."""
        super().__init__()
        self._is_hot = False
        self._is_veil = is_veil
        self._invitation = EmptyState("upload", title, text, *buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._invitation)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def set_words(self, title: str, text: str) -> None:
        """Invite with other words."""
        self._invitation.set_words(title, text)

    def set_hot(self, is_hot: bool) -> None:
        """Show that letting go now would drop here."""
        self._is_hot = is_hot
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame and a faint light in its middle."""
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._is_veil:
            veil = QColor(palette.background)
            veil.setAlpha(248)
            painter.fillRect(self.rect(), veil)
            box = box.adjusted(24, 20, -24, -20)
        glow = QRadialGradient(box.center(), box.width() * 0.32)
        warm = QColor(palette.accent)
        warm.setAlpha(46 if self._is_hot else 16)
        glow.setColorAt(0, warm)
        warm.setAlpha(0)
        glow.setColorAt(1, warm)
        painter.setBrush(glow)
        pen = QPen(QColor(palette.accent if self._is_hot else palette.line), 1.6, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
