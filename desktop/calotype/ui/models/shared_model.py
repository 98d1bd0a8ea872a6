"""The base model that is loaded, and how long it stays so."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from calotype.diffusion.model_shelf import ModelShelf

KEPT_S = 600.0  # after its last use: long enough to look at pictures and to think of the next prompt
_LOOK_EVERY_MS = 60_000


class SharedModel(QObject):
    """Owns the shelf of the window, and clears it when nothing was computed for a while."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shelf = ModelShelf()
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(_LOOK_EVERY_MS)

    def look(self) -> None:
        """Let go of a model that nobody used for `KEPT_S` seconds."""
        self.shelf.clear(KEPT_S)
