"""A short list of facts: what is measured in muted words, then the value."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from calotype.ui.widgets.labels import label


class Facts(QWidget):
    """Rows of name and value; a row without a value is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: dict[str, str]) -> None:
        """Show these facts, in this order."""
        for name, (title, value) in self._rows.items():
            is_known = bool(facts.get(name))
            title.setVisible(is_known)
            value.setVisible(is_known)
        for name, text in facts.items():
            if not text:
                continue
            if name not in self._rows:
                self._add(name)
            title, value = self._rows[name]
            value.setText(text)
            title.setVisible(True)
            value.setVisible(True)

    def _add(self, name: str) -> None:
        title, value = label(name, "small"), label("", wraps=True)
        value.setProperty("fact", name)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        for text in (title, value):
            text.ensurePolished()
        drop_px = value.fontMetrics().ascent() - title.fontMetrics().ascent()  # both stand on one line
        title.setContentsMargins(0, max(0, drop_px), 0, 0)
        place = len(self._rows)
        self._grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)
        self._rows[name] = (title, value)
