"""Says that a preview repeats a training picture, and shows the two side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from calotype.domain.events import PreviewsMeasured
from calotype.ui.look.likeness import memorised_text
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.banner import Banner
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

SIDE_PX, GAP_PX, RADIUS = 52, 6, 8

Locate = Callable[[str], Path | None]


class MemorisedNotice(Banner):
    """Shown while the newest previews repeat a training picture, until it is dismissed.

    image_requested: the user wants to see the picture with this content hash among the others.
    """

    image_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("plain", "image", parent)
        self._locate: Locate = lambda _hash: None
        self._shown = ""  # which finding is shown or was dismissed: a redraw of the page changes nothing
        self._pair = Pair()
        self._row.replaceWidget(self._icon, self._pair)
        self._icon.hide()

    def set_locate(self, locate: Locate) -> None:
        """Take what knows the file of a training picture by its content hash; None if it was removed."""
        self._locate = locate

    def show_finding(
        self,
        run_id: str,
        measured: PreviewsMeasured | None,
        kept: PreviewsMeasured | None = None,
        preview: Path | None = None,
    ) -> None:
        """Show what was found out about the newest previews, of which `preview` repeats a picture, and those of the
        step that is kept.
        """
        if measured is None or not measured.is_memorised:
            self._shown = ""
            self.clear()
            return
        key = f"{run_id}/{measured.step}/{measured.nearest_hash}"
        if key == self._shown:
            return
        self._shown = key
        picture = self._locate(measured.nearest_hash)
        self._pair.show_files(preview, picture)
        buttons = []
        if picture is not None:
            button = quiet_button(self.tr("Show the picture"), "image")
            button.clicked.connect(lambda: self.image_requested.emit(measured.nearest_hash))
            buttons.append(button)
        self.show_text(memorised_text(measured, kept), *buttons)


class Pair(QWidget):
    """The preview and the picture that it repeats, as two small squares; what is not known is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._thumbnails = ThumbnailLoader(2 * SIDE_PX, self)
        self._thumbnails.ready.connect(lambda _key: self.update())
        self.setToolTip(self.tr("At the left the preview, at the right your picture"))

    def show_files(self, *paths: Path | None) -> None:
        """Show these files."""
        self._paths = [path for path in paths if path is not None]
        self.setFixedSize(self.sizeHint())
        self.setVisible(bool(self._paths))
        self.update()

    def sizeHint(self) -> QSize:
        count = len(self._paths)
        return QSize(max(0, count * (SIDE_PX + GAP_PX) - GAP_PX), SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for place, path in enumerate(self._paths):
            box = QRectF(place * (SIDE_PX + GAP_PX), 0, SIDE_PX, SIDE_PX)
            shape = QPainterPath()
            shape.addRoundedRect(box, RADIUS, RADIUS)
            painter.fillPath(shape, QColor(current_palette().raised))
            picture = self._thumbnails.pixmap(str(path), lambda path=path: path)  # type: ignore[misc]
            if picture is not None and not picture.isNull():
                painter.setClipPath(shape)
                painter.drawPixmap(box, picture, middle_square(picture))
                painter.setClipping(False)


def middle_square(picture: QPixmap) -> QRectF:
    """The largest square in the middle of a picture."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
