"""A small card beside a curve with the numbers and the previews of the step that is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.models.step_reading import StepReading
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.thumbnail_row import ThumbnailRow

SIDE_PX = 64
AWAY_PX = 14  # between the pointed place and the card


class StepPopover(QFrame):
    """Lies over its parent and takes no pointer, so that it never comes between the pointer and the curve."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._reading: StepReading | None = None
        self._title = label("", "heading")
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._previews_title = label("", "small")
        self._thumbnails = ThumbnailRow(SIDE_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addLayout(self._grid)
        layout.addWidget(self._previews_title)
        layout.addWidget(self._thumbnails)
        self.hide()

    @property
    def reading(self) -> StepReading | None:
        """What is shown; None while nothing is."""
        return self._reading

    def show_reading(self, reading: StepReading, place: QPoint, *, is_above: bool = False) -> None:
        """Show a step beside a place of the parent, below or above it, where all of it is seen."""
        if reading != self._reading:
            self._reading = reading
            self._title.setText(reading.title)
            self._write(reading.rows)
            self._previews_title.setText(reading.previews_title)
            self._previews_title.setVisible(bool(reading.previews_title))
            self._thumbnails.show_files(reading.previews)
            self.adjustSize()
        self.move(self._corner(place, is_above))
        self.raise_()
        self.show()

    def dismiss(self) -> None:
        """Show nothing."""
        self._reading = None
        self.hide()

    def _write(self, rows: tuple[tuple[str, str], ...]) -> None:
        while len(self._cells) < len(rows):
            cells = (label("", "small"), label("", "number"))
            for column, cell in enumerate(cells):
                self._grid.addWidget(cell, len(self._cells), column)
            self._cells.append(cells)
        for place, (name, value) in enumerate(self._cells):
            is_used = place < len(rows)
            name.setText(rows[place][0] if is_used else "")
            value.setText(rows[place][1] if is_used else "")
            name.setVisible(is_used)
            value.setVisible(is_used)

    def _corner(self, place: QPoint, is_above: bool) -> QPoint:
        parent = self.parentWidget()
        seen = parent.visibleRegion().boundingRect() if parent is not None else QRect()
        if seen.isEmpty() and parent is not None:
            seen = parent.rect()
        left = place.x() + AWAY_PX
        if left + self.width() > seen.right():
            left = place.x() - AWAY_PX - self.width()
        wanted = place.y() - self.height() - AWAY_PX if is_above else place.y()
        top = min(wanted, seen.bottom() - self.height() - 4)
        left = min(left, seen.right() - self.width() - 4)
        return QPoint(max(seen.left() + 4, left), max(seen.top() + 4, top))
