"""A surface that holds what belongs together."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.widgets.labels import label

_PADDING = 18


class Card(QFrame):
    """A rounded surface with an optional heading; put content into `body`."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(_PADDING, _PADDING - 2, _PADDING, _PADDING)
        self.body.setSpacing(10)
        self.heading: QLabel | None = None
        if title:
            self.heading = label(title, "heading")
            self.setAccessibleName(title)
            self.body.addWidget(self.heading)

    def set_emphasis(self, is_on: bool) -> None:
        """Draw the border in the accent colour: this card says something new."""
        set_role(self, "card", emphasis="true" if is_on else "false")
