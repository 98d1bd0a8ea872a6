"""A line across the page that says one thing and offers what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from calotype.ui.look.icons import pixmap
from calotype.ui.look.roles import set_role
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.buttons import Button, icon_button
from calotype.ui.widgets.labels import label


class Banner(QFrame):
    """An icon, a sentence, buttons and a cross; hidden until something is shown. Tone is harm, offer or plain."""

    def __init__(self, tone: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "notice", tone=tone)
        self._tone = tone
        self._icon_name = icon_name
        self._icon = QLabel()
        self._sentence = label("", wraps=True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons: list[Button] = []
        self.dismiss_button = icon_button("x", self.tr("Dismiss"))
        self.dismiss_button.clicked.connect(self.clear)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 8, 8, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._sentence, 1)
        self._row.addWidget(self.dismiss_button)
        self._draw_icon()
        self.hide()

    @property
    def text(self) -> str:
        """What is shown now."""
        return self._sentence.text()

    def show_text(self, text: str, *buttons: Button) -> None:
        """Show a sentence with its buttons in place of what was shown before."""
        self._take_buttons_away()
        for position, button in enumerate(buttons):
            self._row.insertWidget(2 + position, button)
        self._buttons = list(buttons)
        self._sentence.setText(text)
        self.setAccessibleName(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Hide, and forget what was shown."""
        self._take_buttons_away()
        self._sentence.setText("")
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon"):
            self._draw_icon()

    def _draw_icon(self) -> None:
        colour = current_palette().red if self._tone == "harm" else current_palette().accent
        self._icon.setPixmap(pixmap(self._icon_name, colour, 20, self.devicePixelRatioF()))

    def _take_buttons_away(self) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
