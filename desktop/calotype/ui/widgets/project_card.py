"""One project on Home: its cover, its name, how far it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QMenu

from calotype.ui.look.icons import pixmap as icon_pixmap
from calotype.ui.look.theme import Palette, current_palette

_RADIUS = 14
_TEXT_HEIGHT = 62
_HEIGHT = 236


class ProjectCard(QAbstractButton):
    """A card to press. clicked: open it. removal_wanted and folder_wanted: chosen in its menu."""

    removal_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, name: str, facts: str, cover: Path | None) -> None:
        super().__init__()
        self.setText(name)
        self.facts = facts
        self.cover = cover
        self._picture = QPixmap()
        self.setAccessibleName(f"{name}, {facts}")
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(_HEIGHT)

    def show_cover(self, picture: QPixmap) -> None:
        """Draw this picture from now on."""
        self._picture = picture
        self.update()

    def sizeHint(self) -> QSize:
        """The size at which a cover looks right."""
        return QSize(300, _HEIGHT)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what else can be done with the project; the Menu key and Shift+F10 come here too."""
        menu = QMenu(self)
        menu.addAction(self.tr("Open"), self.click)
        menu.addAction(self.tr("Show its folder"), self.folder_wanted.emit)
        menu.addSeparator()
        menu.addAction(self.tr("Remove…"), self.removal_wanted.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cover, the words and the border."""
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.fillPath(shape, QColor(palette.raised if self.underMouse() else palette.surface))
        painter.save()
        painter.setClipPath(shape)
        self._paint_cover(painter, palette, QRectF(box.x(), box.y(), box.width(), box.height() - _TEXT_HEIGHT))
        painter.restore()
        self._paint_words(painter, palette, box)
        is_marked = self.hasFocus()
        painter.setPen(QPen(QColor(palette.accent if is_marked else palette.line), 2 if is_marked else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)

    def _paint_cover(self, painter: QPainter, palette: Palette, room: QRectF) -> None:
        painter.fillRect(room, QColor(palette.raised))
        if self._picture.isNull():
            mark = icon_pixmap("image", palette.muted, 28, self.devicePixelRatioF())
            painter.drawPixmap(room.center().toPoint() - mark.rect().center() / mark.devicePixelRatio(), mark)
            return
        size = self._picture.size().toSizeF()
        scale = max(room.width() / size.width(), room.height() / size.height())
        shown = QRectF(0, 0, room.width() / scale, room.height() / scale)
        # A little above the middle: that is where faces are.
        shown.moveTo((size.width() - shown.width()) / 2, (size.height() - shown.height()) * 0.25)
        painter.drawPixmap(room, self._picture, shown)

    def _paint_words(self, painter: QPainter, palette: Palette, box: QRectF) -> None:
        left, width = box.x() + 14, box.width() - 28
        top = box.bottom() - _TEXT_HEIGHT
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(palette.text))
        name = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(left, top + 10, width, 20), Qt.AlignmentFlag.AlignVCenter, name)
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(palette.muted))
        facts = painter.fontMetrics().elidedText(self.facts, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(left, top + 32, width, 18), Qt.AlignmentFlag.AlignVCenter, facts)
