"""The column of pages at the left edge of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QToolButton, QVBoxLayout, QWidget

from calotype.ui.look.icons import icon, pixmap
from calotype.ui.look.roles import set_role
from calotype.ui.look.theme import current_palette

_WIDTH = 84
_BUTTON = QSize(68, 54)


class RailButton(QToolButton):
    """One page: an icon above its name, in the accent colour while it is shown."""

    def __init__(self, icon_name: str, text: str, shortcut: str) -> None:
        super().__init__()
        self.setProperty("kind", "rail")
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({shortcut})")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(20, 20))
        self.setFixedSize(_BUTTON)
        # A click already shows where one is, in colour: the ring is for those who come with the keyboard.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon_name = icon_name
        self.toggled.connect(self._draw_icon)
        self._draw_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon_name"):
            self._draw_icon()

    def _draw_icon(self) -> None:
        palette = current_palette()
        self.setIcon(icon(self._icon_name, palette.accent if self.isChecked() else palette.muted, 20))


class Rail(QWidget):
    """The pages of the window. chosen: the user asked for the page of this name."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "rail")
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(self.tr("Pages"))
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 14, 8, 12)
        self._column.setSpacing(6)
        self._column.addWidget(self._mark())
        self._column.addSpacing(10)
        self._column.addStretch()

    def add(self, name: str, icon_name: str, text: str, *, at_end: bool = False) -> None:
        """Add a page; the last one stands apart at the lower end."""
        button = RailButton(icon_name, text, f"Ctrl+{len(self._buttons) + 1}")
        button.clicked.connect(lambda: self.chosen.emit(name))
        self._group.addButton(button)
        self._buttons[name] = button
        place = self._column.count() if at_end else self._column.count() - 1
        self._column.insertWidget(place, button)

    def button(self, name: str) -> RailButton:
        """The button of a page."""
        return self._buttons[name]

    def set_current(self, name: str) -> None:
        """Mark the page that is shown."""
        self._buttons[name].setChecked(True)

    def _mark(self) -> QLabel:
        mark = QLabel()
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark.setPixmap(pixmap("calotype", "#000000", 36, max(2.0, self.devicePixelRatioF())))
        mark.setFixedHeight(36)
        return mark
