"""A row of pictures that were made; virtualised, so that thousands cost no more than those in sight."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from calotype.services.generation import PictureRecord
from calotype.ui.look.theme import current_palette
from calotype.ui.models.picture_list import PictureList, PictureRole
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

CELL = 108  # px, side of a picture with the gap around it
THUMBNAIL_PX = 224  # sharp on dense screens
RADIUS = 10.0


class _Delegate(QStyledItemDelegate):
    """Paints one rounded picture and the ring of the chosen one."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(CELL, CELL)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = current_palette()
        rect = option.rect
        state = option.state
        box = QRectF(rect).adjusted(5, 5, -5, -5)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        clip = QPainterPath()
        clip.addRoundedRect(box, RADIUS, RADIUS)
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(palette.raised))
        pixmap = self._thumbnail(index)
        if pixmap is not None and not pixmap.isNull():
            side = min(pixmap.width(), pixmap.height())
            source = QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
            painter.drawPixmap(box, pixmap, source)
        painter.setClipping(False)
        if state & QStyle.StateFlag.State_Selected:
            has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(QColor(palette.accent), 3 if has_focus else 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), RADIUS + 2, RADIUS + 2)
        painter.restore()

    def _thumbnail(self, index: QModelIndex | QPersistentModelIndex) -> QPixmap | None:
        record = index.data(PictureRole.RECORD)
        if not isinstance(record, PictureRecord):
            return None
        return self._thumbnails.pixmap(str(record.path), lambda: record.path)


class PictureGallery(QListView):
    """One row of pictures, newest first; arrow keys walk it.

    picture_chosen: the PictureRecord that is now current.
    """

    picture_chosen = Signal(object)

    def __init__(self, pictures: PictureList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(pictures)
        self._thumbnails = ThumbnailLoader(THUMBNAIL_PX, self)
        self._thumbnails.ready.connect(self._repaint)
        self.setItemDelegate(_Delegate(self._thumbnails, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFixedHeight(CELL + 16)
        self.setAccessibleName(self.tr("Pictures made so far"))

    def choose_first(self) -> None:
        """Make the newest picture the current one."""
        model = self.model()
        if model is not None and model.rowCount():
            self.setCurrentIndex(model.index(0, 0))

    def select_path(self, record: PictureRecord) -> None:
        """Mark a picture without saying that the user chose it."""
        model = self.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            if index.data(PictureRole.RECORD) == record:
                self.blockSignals(True)
                self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                self.blockSignals(False)
                return

    def currentChanged(  # noqa: N802  # Qt's name
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        record = current.data(PictureRole.RECORD)
        if isinstance(record, PictureRecord):
            self.picture_chosen.emit(record)

    def _repaint(self) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # One row scrolls sideways, and a plain wheel turns up and down.
        bar = self.horizontalScrollBar()
        delta = event.angleDelta()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()
