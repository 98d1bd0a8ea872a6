"""The top of the window: what the page is about, and its actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.widgets.chips import Chip
from calotype.ui.widgets.labels import label

_HEIGHT = 60


class HeaderBar(QWidget):
    """Title and facts at the left, the widgets of the page at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "header")
        self.setFixedHeight(_HEIGHT)
        self._title = label("", "title")
        self._subtitle = label("", "muted")
        self._facts = QHBoxLayout()
        self._facts.setSpacing(8)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(10)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(14)
        row.addWidget(self._title)
        row.addWidget(self._subtitle)
        row.addLayout(self._facts)
        row.addStretch()
        row.addLayout(self._actions)

    @property
    def title(self) -> str:
        """The words that are shown largest."""
        return self._title.text()

    def show_words(self, title: str, subtitle: str, facts: Sequence[str]) -> None:
        """Say what a page is about."""
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        _empty(self._facts, delete=True)
        for fact in facts:
            self._facts.addWidget(Chip(fact))

    def show_actions(self, widgets: Sequence[QWidget]) -> None:
        """Show the widgets of a page; they are borrowed, not owned."""
        items = [self._actions.itemAt(place) for place in range(self._actions.count())]
        shown = [item.widget() for item in items if item is not None]
        if shown == list(widgets):
            return
        _empty(self._actions, delete=False)
        for widget in widgets:
            self._actions.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
            widget.show()


def _empty(layout: QHBoxLayout, *, delete: bool) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is None:
            continue
        widget.hide()
        if delete:
            widget.deleteLater()
