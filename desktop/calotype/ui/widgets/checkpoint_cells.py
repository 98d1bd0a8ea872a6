"""A table of pictures: one row for each checkpoint, one column for each strength."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from calotype.services.checkpoint_grid import Checkpoint
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.labels import label

CELL_PX = 108
_HEADING_PX = 84  # of a row
_GAP_PX = 6
_RADIUS = 10.0


class PictureCell(QAbstractButton):
    """One picture that can be chosen; an empty place until it is drawn."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())

    def show_picture(self, path: Path) -> None:
        """Show a picture from its file."""
        self._pixmap = QPixmap(str(path))
        self.update()

    def sizeHint(self) -> QSize:
        """A square with room for its frame."""
        return QSize(CELL_PX, CELL_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, a frame if it is chosen, and a second one if the keyboard is on it."""
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(5, 5, -5, -5)
        clip = QPainterPath()
        clip.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(palette.raised))
        if not self._pixmap.isNull():
            painter.drawPixmap(box, self._pixmap, QRectF(self._pixmap.rect()))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.isChecked():
            painter.setPen(QPen(QColor(palette.accent), 3))
            painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), _RADIUS + 2, _RADIUS + 2)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.text), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), _RADIUS - 3, _RADIUS - 3)


class CheckpointCells(QWidget):
    """The table. cell_chosen: the number of a cell, counted row by row; the arrow keys walk through them."""

    cell_chosen = Signal(int)

    def __init__(
        self, checkpoints: Sequence[Checkpoint], strengths: Sequence[float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "scrolled")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self.cell_chosen)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setSpacing(_GAP_PX)
        grid.setColumnStretch(len(strengths) + 1, 1)
        for row, checkpoint in enumerate(checkpoints):
            grid.addWidget(self._row_heading(checkpoint), row, 0)
            for column, strength in enumerate(strengths):
                name = self.tr("Step {step}, strength {strength}")
                cell = PictureCell(name.format(step=checkpoint.step, strength=self._strength_text(strength)))
                self._group.addButton(cell, row * len(strengths) + column)
                grid.addWidget(cell, row, column + 1)
        grid.setRowStretch(len(checkpoints), 1)
        self.headings = self._column_headings(strengths)  # above the table, where they stay when it is scrolled

    @property
    def chosen(self) -> int:
        """The number of the chosen cell, -1 if none is."""
        return self._group.checkedId()

    def cell(self, number: int) -> PictureCell:
        """One cell."""
        cell = self._group.button(number)
        assert isinstance(cell, PictureCell)
        return cell

    def show_picture(self, number: int, path: Path) -> None:
        """Fill a cell."""
        self.cell(number).show_picture(path)

    def _strength_text(self, strength: float) -> str:
        if not strength:
            return self.tr("without")
        return f"{strength:.1f}" if strength == round(strength, 1) else f"{strength:g}"

    def _column_headings(self, strengths: Sequence[float]) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(_HEADING_PX + _GAP_PX, 0, 0, 0)
        row.setSpacing(_GAP_PX)
        for strength in strengths:
            heading = label(self._strength_text(strength), "small")
            heading.setFixedWidth(CELL_PX)
            heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            row.addWidget(heading)
        row.addStretch(1)
        return holder

    def _row_heading(self, checkpoint: Checkpoint) -> QWidget:
        holder = QWidget()
        holder.setFixedWidth(_HEADING_PX)
        words = QVBoxLayout(holder)
        words.setContentsMargins(0, 0, 8, 0)
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(label(self.tr("Step {step}").format(step=f"{checkpoint.step:,}")))
        if checkpoint.is_best:
            words.addWidget(label(self.tr("best"), "accent"))
        words.addStretch(1)
        return holder
