"""The pictures of a project as a grid that never waits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from calotype.domain.imageset import CaptionedImage
from calotype.services import library
from calotype.services.workspace import Workspace
from calotype.ui.look.theme import Palette, current_palette
from calotype.ui.models.image_list import ImageRole
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

_RADIUS = 10
_GAP = 8
_SMALLEST, _LARGEST = 96, 256
_THUMBNAIL_PX = 256


class ImageGrid(QListView):
    """Virtualised: only what is seen is drawn and loaded. removal_wanted: Delete was pressed on a selection."""

    removal_wanted = Signal()
    selection_changed = Signal()

    def __init__(self, workspace: Workspace, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = ThumbnailLoader(_THUMBNAIL_PX, self)
        self._thumbnails.ready.connect(self._redraw)
        self._tile = ImageTile(workspace, self._thumbnails, self)
        self.setItemDelegate(self._tile)
        self.setModel(model)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(400)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Pictures"))
        self.selectionModel().selectionChanged.connect(self.selection_changed)
        self.set_tile_px(168)

    def selected(self) -> list[CaptionedImage]:
        """The selected pictures, in the order of the grid."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.model().index(row, 0).data(ImageRole.IMAGE) for row in rows]

    def select(self, images: Sequence[CaptionedImage]) -> None:
        """Select these, and go to the first."""
        wanted = {image.content_hash for image in images}
        self.clearSelection()
        flag = QItemSelectionModel.SelectionFlag.Select
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            if index.data(ImageRole.IMAGE).content_hash in wanted:
                self.selectionModel().setCurrentIndex(index, flag)

    def set_tile_px(self, side: int) -> None:
        """Show pictures about this large; the grid stretches them to fill its width."""
        self._wanted_px = max(_SMALLEST, min(_LARGEST, side))
        self._fit()

    def resizeEvent(self, event: object) -> None:
        """Fill the new width without a ragged right edge."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes what is selected; the rest is as in any list."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected():
            self.removal_wanted.emit()
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        # The room beside the scroll bar, also while there is none: otherwise its coming would push a column out.
        # The list reserves what the style calls its extent, which a style sheet does not change.
        extent = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        room = self.width() - max(extent, self.verticalScrollBar().sizeHint().width()) - 4
        columns = max(1, room // (self._wanted_px + _GAP))
        side = min(room // columns, _LARGEST + _GAP)
        if self._tile.side_px != side:
            self._tile.side_px = side
            self.setGridSize(QSize(side, side))
            self.scheduleDelayedItemsLayout()

    def _redraw(self, key: str) -> None:
        self.viewport().update()


class ImageTile(QStyledItemDelegate):
    """Draws one picture: rounded, with its split, the selection and the focus."""

    def __init__(self, workspace: Workspace, thumbnails: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thumbnails = thumbnails
        self.side_px = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every tile is a square."""
        return QSize(self.side_px, self.side_px)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw from memory; what is not there yet is a quiet square."""
        image: CaptionedImage = index.data(ImageRole.IMAGE)
        palette = current_palette()
        rect = option.rect
        state = option.state
        box = QRectF(rect).adjusted(0, 0, -_GAP, -_GAP)
        picture = self._thumbnails.pixmap(image.content_hash, lambda: library.thumbnail(self._workspace, image))
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.fillPath(shape, QColor(palette.raised))
        if picture is not None and not picture.isNull():
            painter.setClipPath(shape)
            painter.drawPixmap(box, picture, _middle_square(picture))
            painter.setClipping(False)
        if image.is_held_out:
            _paint_badge(painter, palette, box, self.tr("validation"))
        self._paint_ring(painter, palette, box, state)
        painter.restore()

    def _paint_ring(self, painter: QPainter, palette: Palette, box: QRectF, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_current = bool(state & QStyle.StateFlag.State_HasFocus)
        if is_selected or is_current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.background), 2))
            painter.drawRoundedRect(box.adjusted(4, 4, -4, -4), _RADIUS - 3, _RADIUS - 3)
            painter.setPen(QPen(QColor(palette.accent if is_selected else palette.muted), 3))
            painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), _RADIUS - 1, _RADIUS - 1)


def _middle_square(picture: QPixmap) -> QRectF:
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) * 0.4, side, side)


def _paint_badge(painter: QPainter, palette: Palette, box: QRectF, text: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text) + 14
    badge = QRectF(box.x() + 7, box.y() + 7, min(width, box.width() - 14), 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.teal))
    painter.drawRoundedRect(badge, 6, 6)
    painter.setPen(QColor(palette.surface))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
