"""Text on a page, in one of the roles of the style sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy


def label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """Make a label; roles are title, heading, hero, display, muted, small, good, harm and accent."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # names and captions are the user's: they are never markup
    if role:
        made.setProperty("role", role)
    if wraps:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made
