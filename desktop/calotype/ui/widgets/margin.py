"""Room around a widget that comes and goes with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget


class Margin(QWidget):
    """Holds one widget with margins; while that is hidden, nothing is left of either."""

    def __init__(self, inner: QWidget, margins: QMargins) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margins)
        layout.addWidget(inner)
        self.setVisible(not inner.isHidden())
        inner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the inner widget."""
        if event.type() == QEvent.Type.ShowToParent:
            self.show()
        elif event.type() == QEvent.Type.HideToParent:
            self.hide()
        return super().eventFilter(watched, event)
