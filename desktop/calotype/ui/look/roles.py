"""What a widget is, for the style sheet: a role and a few properties instead of colours in code."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


def set_role(widget: QWidget, role: str, **properties: str) -> None:
    """Name what a widget is; the style sheet of the theme decides how that looks.

    Roles of labels: title, heading, hero, display, muted, small, good, harm, accent, chip.
    Roles of others: card, notice (with tone harm or offer), rail, header, status, separator.
    """
    widget.setProperty("role", role)
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, not isinstance(widget, QLabel))
    # A style sheet reads properties once; after a change it must look again.
    widget.style().unpolish(widget)
    widget.style().polish(widget)
