"""What pointer and keys do in the grid: choose, reach, walk, draw a box around, drag away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from calotype.ui.look.theme import current_palette
from calotype.ui.models.image_selection import ImageSelection
from calotype.ui.widgets.dragged_pictures import dragged_pictures

if TYPE_CHECKING:
    from calotype.ui.widgets.image_grid import ImageGrid

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class GridGestures:
    """Turns events of the grid into changes of the selection, as in every file manager."""

    def __init__(self, grid: ImageGrid, selection: ImageSelection) -> None:
        self._grid, self._selection = grid, selection
        self._pressed: QPoint | None = None  # in the content
        self._pressed_row = -1
        self._choose_later = False  # the pressed picture is one of several that may be dragged
        self._box: QRect | None = None  # in the content
        self._kept: frozenset[str] = frozenset()

    def press(self, event: QMouseEvent) -> None:
        """Choose a picture, or begin a box on the empty ground."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint()
        self._pressed = place + QPoint(0, self._grid.verticalOffset())
        self._pressed_row = row = self._grid.row_at(place)
        self._choose_later = False
        if row < 0:
            keeps = bool(event.modifiers() & (_CTRL | _SHIFT))
            self._kept = self._selection.hashes() if keeps else frozenset()
            self._selection.choose_rows([], self._kept)
        elif event.modifiers() & _SHIFT:
            self._selection.reach(row, is_added=bool(event.modifiers() & _CTRL))
        elif event.modifiers() & _CTRL:
            self._selection.switch(row)
        elif self._selection.holds_row(row):
            self._choose_later = True
        else:
            self._selection.choose(row)

    def move(self, event: QMouseEvent) -> None:
        """Draw the box larger, or drag the selection away."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint() + QPoint(0, self._grid.verticalOffset())
        is_far = (place - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._pressed_row < 0 and (is_far or self._box is not None):
            self._box = QRect(self._pressed, place).normalized()
            self._selection.choose_rows(self._grid.rows_in(self._box), self._kept)
            self._grid.viewport().update()
        elif self._pressed_row >= 0 and is_far and self._selection.holds_row(self._pressed_row):
            self._drag()

    def release(self, event: QMouseEvent) -> None:
        """End what the press began."""
        if self._choose_later and event.button() == Qt.MouseButton.LeftButton:
            self._selection.choose(self._pressed_row)
        self._pressed, self._choose_later = None, False
        if self._box is not None:
            self._box = None
            self._grid.viewport().update()

    def press_key(self, event: QKeyEvent) -> bool:
        """Walk or select; False if the key means nothing here."""
        count, row = self._grid.model().rowCount(), self._selection.current_row
        if not count:
            return False
        target = self._target(Qt.Key(event.key()), row, count)
        if target is not None:
            self._go(min(count - 1, max(0, target)), event.modifiers())
            return True
        plain: dict[int, Callable[[], None]] = {Qt.Key.Key_Escape: self._selection.clear}
        controlled: dict[int, Callable[[], None]] = {
            Qt.Key.Key_A: self._selection.choose_all,
            Qt.Key.Key_I: self._selection.invert,
            Qt.Key.Key_Space: lambda: self._selection.switch(max(0, row)),
        }
        action = (controlled if event.modifiers() & _CTRL else plain).get(event.key())
        if action is not None:
            action()
        return action is not None

    def paint(self, painter: QPainter) -> None:
        """Draw the box."""
        if self._box is None:
            return
        accent = QColor(current_palette().accent)
        painter.setPen(QPen(accent, 1))
        accent.setAlphaF(0.15)
        painter.setBrush(accent)
        painter.drawRoundedRect(self._box.translated(0, -self._grid.verticalOffset()), 3, 3)

    def _target(self, key: Qt.Key, row: int, count: int) -> int | None:
        columns = self._grid.tiles.column_count
        page = max(1, self._grid.viewport().height() // self._grid.tiles.side_px) * columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }
        if key in steps:
            is_off = not 0 <= row + steps[key] < count and abs(steps[key]) == columns > 1
            return 0 if row < 0 else row if is_off else row + steps[key]
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: count - 1}.get(key)

    def _go(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & _SHIFT:
            self._selection.reach(row)
        elif modifiers & _CTRL:
            self._selection.walk(row)
        else:
            self._selection.choose(row)

    def _drag(self) -> None:
        drag = QDrag(self._grid)
        drag.setMimeData(dragged_pictures())
        self._pressed, self._choose_later = None, False
        drag.exec(Qt.DropAction.MoveAction)
