"""Buttons of the three weights: the one to press, the others, and a bare icon."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QWidget

from calotype.ui.look.icons import icon
from calotype.ui.look.theme import current_palette

_ICON_PX = 18
_GAP_PX = 5


class Button(QPushButton):
    """A push button whose icon follows the theme; `kind` is primary, quiet, danger, link or icon."""

    def __init__(self, text: str, kind: str, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._gap_px = _GAP_PX if text else 0
        self.setIconSize(QSize(_ICON_PX + self._gap_px, _ICON_PX))
        self._icon_name = icon_name
        self._redraw_icon()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon, or none for an empty name."""
        self._icon_name = icon_name
        self._redraw_icon()

    def set_kind(self, kind: str) -> None:
        """Give the button another weight."""
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._redraw_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon_name"):
            self._redraw_icon()

    def _redraw_icon(self) -> None:
        palette = current_palette()
        colours = {
            "primary": palette.on_accent,
            "danger": palette.red,
            "link": palette.accent,
            "icon": palette.muted,
        }
        colour = colours.get(self.property("kind"), palette.text)
        self.setIcon(icon(self._icon_name, colour, _ICON_PX, self._gap_px) if self._icon_name else QIcon())


def primary_button(text: str, icon_name: str = "") -> Button:
    """The one thing to do next; at most one on a page."""
    return Button(text, "primary", icon_name)


def quiet_button(text: str, icon_name: str = "") -> Button:
    """Any other action."""
    return Button(text, "quiet", icon_name)


def danger_button(text: str, icon_name: str = "") -> Button:
    """An action that takes something away; it must be possible to undo it."""
    return Button(text, "danger", icon_name)


def link_button(text: str, icon_name: str = "") -> Button:
    """An action inside a text."""
    return Button(text, "link", icon_name)


def icon_button(icon_name: str, tooltip: str) -> Button:
    """A bare icon; the tooltip is also its name for screen readers."""
    button = Button("", "icon", icon_name)
    button.setToolTip(tooltip)
    button.setAccessibleName(tooltip)
    return button
