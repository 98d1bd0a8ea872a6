"""The pictures of a project as a grid that never waits, for twelve of them and for a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QWidget

from calotype.domain.courtesy import window_first
from calotype.domain.imageset import CaptionedImage
from calotype.services import library
from calotype.services.workspace import Workspace
from calotype.ui.models.image_list import ImageList
from calotype.ui.models.image_selection import ImageSelection
from calotype.ui.widgets.grid_gestures import GridGestures
from calotype.ui.widgets.image_tile import GAP_PX, ImageTile, TileState, rounded_square
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader
from calotype.ui.widgets.tile_arithmetic import TileGrid, fitting

SMALLEST_PX, LARGEST_PX = 96, 256
_THUMBNAIL_PX = 256

Index = QModelIndex | QPersistentModelIndex


class ImageGrid(QAbstractItemView):
    """Where each tile is follows from its row, so that nothing is laid out; only what is seen is drawn and loaded.

    key_pressed: a key that is no business of the grid, while it has the focus. opened: a tile was clicked twice.
    menu_wanted: where on the screen, for the selection.
    """

    key_pressed = Signal(QKeyEvent)
    opened = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(
        self, workspace: Workspace, images: ImageList, selection: ImageSelection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._list, self.selection = workspace, images, selection
        self.thumbnails = ThumbnailLoader(_THUMBNAIL_PX, self)
        self.thumbnails.ready.connect(self._redraw_one)
        self._tile = ImageTile(self)
        self._wanted_px, self._side_before, self.tiles = 168, 1, TileGrid()
        self.faults_of: Callable[[CaptionedImage], Sequence[str]] = lambda _image: ()
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # ours outlives filters: ImageSelection
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(images)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Pictures"))
        self._gestures = GridGestures(self, selection)
        selection.changed.connect(self.viewport().update)
        selection.current_changed.connect(self._follow)
        self.updateGeometries()

    def set_tile_px(self, side: int) -> None:
        """Show pictures about this large; the grid stretches them to fill its width. What is in the middle stays."""
        middle = self.row_at(QPoint(self.viewport().width() // 2, self.viewport().height() // 2), is_nearest=True)
        self._wanted_px = max(SMALLEST_PX, min(LARGEST_PX, side))
        self.updateGeometries()
        if middle >= 0:
            self.scrollTo(self._list.index(middle), QAbstractItemView.ScrollHint.PositionAtCenter)

    def select(self, images: Sequence[CaptionedImage]) -> None:
        """Select these, and go to the first."""
        self.selection.choose_images(images)

    def selected(self) -> list[CaptionedImage]:
        """The selected pictures that are shown, in the order of the grid."""
        return self.selection.images()

    def row_at(self, place: QPoint, *, is_nearest: bool = False) -> int:
        """The row at a place of the viewport; where there is none, -1 or the nearest one."""
        content = place + QPoint(0, self.verticalOffset())
        return self.tiles.row_at(content, self._list.rowCount(), is_nearest=is_nearest)

    def rows_in(self, area: QRect) -> list[int]:
        """The rows of the tiles that an area of the content (not of the viewport) touches."""
        return self.tiles.rows_in(area, self._list.rowCount())

    def tile_rect(self, row: int) -> QRect:
        """Where in the viewport the tile of a row is, with the gap at its right and below."""
        return self.tiles.rect(row).translated(0, -self.verticalOffset())

    @window_first()
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles of the part that is to be drawn."""
        painter = QPainter(self.viewport())
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        current = self.selection.current_row if self.hasFocus() else -1
        wanted, density = event.region(), self.devicePixelRatioF()
        for row in self.rows_in(event.rect().translated(0, self.verticalOffset())):
            if not wanted.intersects(place := self.tile_rect(row)):  # thumbnails come in here and there
                continue
            image = self._list.image_at(row)
            box = QRectF(place).adjusted(0, 0, -GAP_PX, -GAP_PX)
            is_gone = self._list.is_missing(image)
            self._tile.paint(painter, box, image, self._picture(image, density), density, is_gone=is_gone)
            state = TileState(self.selection.holds(image.content_hash), row == current, self.faults_of(image))
            self._tile.paint_state(painter, box, state, density)
        self._gestures.paint(painter)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk and select; every other key is told."""
        if not self._gestures.press_key(event):
            event.ignore()
            self.key_pressed.emit(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.row_at(event.position().toPoint()) >= 0:
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the selection, which is the tile under the pointer if that is not selected yet."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row = self.row_at(event.pos())
            if row >= 0 and not self.selection.holds(self._list.image_at(row).content_hash):
                self.selection.choose(row)
        elif self.selection.current_row >= 0:
            place = self.viewport().mapToGlobal(self.tile_rect(self.selection.current_row).center())
        if self.selection.rows():
            self.menu_wanted.emit(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width without a ragged right edge, and keep what is at the top there."""
        top = self.row_at(QPoint(0, 0), is_nearest=True)
        super().resizeEvent(event)
        self.updateGeometries()
        if top >= 0 and self.verticalOffset():
            self.verticalScrollBar().setValue(self.tiles.rect(top).top())

    def reset(self) -> None:
        """Other rows: the place in the list stays as far as it can."""
        super().reset()
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:  # noqa: N802  # Qt's name
        """Work out the tiles and how far one can scroll."""
        # The room beside the scroll bar, also while there is none: otherwise its coming would push a column out.
        extent = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        room = max(SMALLEST_PX, self.width() - max(extent, self.verticalScrollBar().sizeHint().width()) - 4)
        tiles = fitting(room, self._wanted_px, GAP_PX, LARGEST_PX)
        if tiles != self.tiles:
            self._side_before, self.tiles = self.tiles.side_px - GAP_PX, tiles
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(max(20, tiles.side_px // 2))
        bar.setPageStep(height)
        bar.setRange(0, max(0, tiles.height(self._list.rowCount()) - height))
        super().updateGeometries()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802  # Qt's name
        """Move what is drawn, so that only what comes in is drawn anew."""
        self.viewport().scroll(dx, dy)

    def scrollTo(  # noqa: N802  # Qt's name
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a tile into view."""
        if not index.isValid():
            return
        box, height, bar = self.tile_rect(index.row()), self.viewport().height(), self.verticalScrollBar()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + box.center().y() - height // 2)
        elif box.top() < 0:
            bar.setValue(bar.value() + box.top())
        elif box.bottom() > height:
            bar.setValue(bar.value() + box.bottom() - height)

    def visualRect(self, index: Index) -> QRect:  # noqa: N802  # Qt's name
        return self.tile_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, place: QPoint) -> QModelIndex:  # noqa: N802  # Qt's name
        row = self.row_at(place)
        return self._list.index(row) if row >= 0 else QModelIndex()

    def moveCursor(self, action: object, modifiers: object) -> QModelIndex:  # noqa: N802  # Qt's name
        return self.currentIndex()

    def horizontalOffset(self) -> int:  # noqa: N802  # Qt's name
        return 0

    def verticalOffset(self) -> int:  # noqa: N802  # Qt's name
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: N802  # Qt's name
        return False

    def setSelection(self, rect: QRect, command: object) -> None:  # noqa: N802  # Qt's name
        """Selecting is the business of GridGestures."""

    def visualRegionForSelection(self, selection: object) -> QRegion:  # noqa: N802  # Qt's name
        return QRegion()

    def _picture(self, image: CaptionedImage, density: float) -> QPixmap | None:
        """The picture in the size of a tile, made in a thread; until it is there, in the size before."""
        side = self.tiles.side_px - GAP_PX
        shape = partial(rounded_square, side_px=side, density=density)
        picture = self.thumbnails.pixmap(
            f"{image.content_hash}@{side}", lambda: library.thumbnail(self._workspace, image), shape
        )
        return picture or self.thumbnails.kept(f"{image.content_hash}@{self._side_before}")

    def _redraw_one(self, key: str) -> None:
        for row in self.rows_in(self.viewport().rect().translated(0, self.verticalOffset())):
            if key.startswith(self._list.image_at(row).content_hash):
                self.viewport().update(self.tile_rect(row))

    def _follow(self, row: int) -> None:
        """Bring the current picture into view, and let screen readers say it."""
        self.setCurrentIndex(self._list.index(row) if row >= 0 else QModelIndex())
        self.viewport().update()
