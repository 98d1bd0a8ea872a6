"""One picture as large as the window, to look at and to decide about; the arrow keys go on to the next."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.buckets import TrainingSize
from calotype.domain.image_facts import WHOLE, Box
from calotype.domain.imageset import CaptionedImage
from calotype.services import library
from calotype.services.workspace import Workspace
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.buttons import icon_button
from calotype.ui.widgets.image_browser import ImageBrowser
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

_LARGE_PX = 1400
_VEIL = 0.72  # how much of what training cuts off is hidden
_KEPT = 5  # the picture and its neighbours; a large one takes about ten megabytes


class QuickLook(QDialog):
    """Follows the current picture of the grid. Space and Escape close it; keys that decide work as in the grid."""

    def __init__(
        self, workspace: Workspace, browser: ImageBrowser, parent: QWidget, size: TrainingSize | None = None
    ) -> None:
        super().__init__(parent)
        self._browser, self._size = browser, size
        self.setModal(True)
        self.setWindowTitle(self.tr("Picture"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setGeometry(parent.window().geometry())
        self.picture = LargePicture(workspace)
        self._name = label("", "heading")
        self._facts = label("", "muted")
        self._caption = label("", wraps=True)
        self.close_button = icon_button("x", self.tr("Close"))
        self.close_button.clicked.connect(self.close)
        self._lay_out()
        browser.selection.current_changed.connect(self._show)
        browser.list.dataChanged.connect(self._show_current)
        browser.list.modelReset.connect(self._show_current)
        self._show_current()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, close, or decide as in the grid."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        if event.key() in steps:
            row = self._browser.selection.current_row + steps[Qt.Key(event.key())]
            if 0 <= row < self._browser.list.rowCount():
                self._browser.selection.choose(row)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape):
            self.close()
        else:
            self._browser.grid.key_pressed.emit(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Close, as the double click that opened it."""
        self.close()

    def _show_current(self) -> None:
        self._show(self._browser.selection.current_row)

    def _show(self, row: int) -> None:
        if row < 0:
            self.close()
            return
        image = self._browser.list.image_at(row)
        framing = self._size.framing(image.width_px, image.height_px) if self._size is not None else None
        self.picture.show_image(image, framing.kept if framing is not None else WHOLE)
        self._name.setText(image.original_name)
        self._facts.setText(" · ".join(self._fact_words(image, row)))
        self._caption.setText(image.caption)

    def _fact_words(self, image: CaptionedImage, row: int) -> list[str]:
        place = self.tr("{place} of {count}").format(place=row + 1, count=self._browser.list.rowCount())
        held_out = [self.tr("held out to check with")] if image.is_held_out else []
        excluded = [self.tr("left out")] if image.is_excluded else []
        stars = ["★" * image.rating] if image.rating else []
        trained, faults = self._trained_words(image), self._browser.grid.faults_of(image)
        size = f"{image.width_px} × {image.height_px} px"
        return [place, size, *trained, *held_out, *excluded, *faults, *stars]

    def _trained_words(self, image: CaptionedImage) -> list[str]:
        """At which size it is learned from, and how much of it is not seen there."""
        if self._size is None:
            return []
        framing = self._size.framing(image.width_px, image.height_px)
        bucket, cut_percent = framing.bucket, round(100 * framing.cut_share)
        size = f"{bucket.width_px} × {bucket.height_px}"
        if not cut_percent:
            return [self.tr("trained at {size}").format(size=size)]
        return [self.tr("trained at {size}, {percent} % cut off").format(size=size, percent=cut_percent)]

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(12)
        heading.addWidget(self._name)
        heading.addWidget(self._facts)
        heading.addStretch()
        heading.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 18)
        column.setSpacing(12)
        column.addLayout(heading)
        column.addWidget(self.picture, 1)
        column.addWidget(self._caption)


class LargePicture(QWidget):
    """A picture as large as there is room; its small copy until the file was read."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._image: CaptionedImage | None = None
        self._kept = WHOLE
        self._small = ThumbnailLoader(256, self, _KEPT)
        self._large = ThumbnailLoader(_LARGE_PX, self, _KEPT)
        for loader in (self._small, self._large):
            loader.ready.connect(self.update)

    def show_image(self, image: CaptionedImage, kept: Box = WHOLE) -> None:
        """Show this one, and pale what training cuts off around the part that is kept."""
        self._image, self._kept = image, kept
        self.setAccessibleName(f"{image.original_name}: {image.caption}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is there; never larger than twice its pixels, which would only show their edges."""
        image = self._image
        if image is None:
            return
        large = self._large.pixmap(image.content_hash, lambda: image.pixels_path)
        small = self._small.pixmap(image.content_hash, lambda: library.thumbnail(self._workspace, image))
        picture = small if large is None or large.isNull() else large
        scale = min(self.width() / image.width_px, self.height() / image.height_px, 2.0)
        width, height = image.width_px * scale, image.height_px * scale
        box = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if picture is None or picture.isNull():
            painter.fillRect(box, QColor(current_palette().raised))
        else:
            painter.drawPixmap(box, picture, QRectF(picture.rect()))
        self._pale_what_is_cut(painter, box)
        painter.end()

    def _pale_what_is_cut(self, painter: QPainter, box: QRectF) -> None:
        kept = self._kept
        if kept == WHOLE:
            return
        inside = QRectF(
            box.x() + kept.left * box.width(),
            box.y() + kept.top * box.height(),
            kept.width * box.width(),
            kept.height * box.height(),
        )
        outside = QPainterPath()
        outside.addRect(box)
        outside.addRect(inside)  # even-odd: what lies in both is left alone
        veil = QColor(current_palette().background)
        veil.setAlphaF(_VEIL)
        painter.fillPath(outside, veil)
        painter.setPen(QPen(QColor(current_palette().accent), 1))
        painter.drawRect(inside)
