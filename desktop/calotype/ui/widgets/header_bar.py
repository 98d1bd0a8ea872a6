"""The top of the window: what the page is about, and its actions."""

from __future__ import annotations

from collections.abc import Sequence

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
        self._holders: dict[str, QWidget] = {}
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
        _empty(self._facts)
        for fact in facts:
            self._facts.addWidget(Chip(fact))

    def show_actions(self, page_name: str, widgets: Sequence[QWidget]) -> None:
        """Show the widgets of a page at the right end, and hide those of the others."""
        if page_name not in self._holders:
            self._holders[page_name] = _hold(widgets)
            self._actions.addWidget(self._holders[page_name])
        for name, holder in self._holders.items():
            holder.setVisible(name == page_name)


def _hold(widgets: Sequence[QWidget]) -> QWidget:
    """Pages show and hide their widgets as they like; inside a holder that never reaches another page."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _empty(layout: QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
