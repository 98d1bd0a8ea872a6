"""Two pictures of the same seed over each other, with a handle between “without” and “with”."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

RADIUS = 12.0
HANDLE_RADIUS = 15.0
FULL = 1000


class CompareSlider(QAbstractSlider):
    """A slider from 0 (only the right picture is seen) to 1000 (only the left one); arrow keys move it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = QPixmap()
        self._right = QPixmap()
        self._left_label = ""
        self._right_label = ""
        self._waiting_text = ""
        self.setRange(0, FULL)
        self.setSingleStep(20)
        self.setPageStep(200)
        self.setValue(FULL // 2)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setMinimumSize(160, 160)
        self.setAccessibleName(self.tr("Compare without and with the LoRA"))
        self.valueChanged.connect(self._repaint)

    def set_pictures(self, left: QPixmap, right: QPixmap) -> None:
        """Show two pictures; either may be null while it is being made."""
        self._left, self._right = left, right
        self.update()

    def set_labels(self, left: str, right: str) -> None:
        """Name the two sides."""
        self._left_label, self._right_label = left, right
        self.setAccessibleDescription(f"{left} | {right}")
        self.update()

    def set_waiting_text(self, text: str) -> None:
        """Say what is awaited while there is no picture."""
        self._waiting_text = text
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 300)

    def picture_rect(self) -> QRectF:
        """Where the pictures are drawn: the largest centred rectangle of their shape."""
        shown = self._right if not self._right.isNull() else self._left
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        size = shown.size() if not shown.isNull() else QSize(1, 1)
        fitted = size.scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRectF(0, 0, fitted.width(), fitted.height())
        rect.moveCenter(area.center())
        return rect

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = self.picture_rect()
        clip = QPainterPath()
        clip.addRoundedRect(rect, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip)
        self._paint_pictures(painter, rect)
        painter.restore()
        palette = current_palette()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.accent), 2) if self.hasFocus() else QPen(QColor(palette.line), 1))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def _paint_pictures(self, painter: QPainter, rect: QRectF) -> None:
        palette = current_palette()
        painter.fillRect(rect, QColor(palette.raised))
        if self._left.isNull() and self._right.isNull():
            painter.setPen(QColor(palette.muted))
            painter.drawText(
                rect.adjusted(16, 0, -16, 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._waiting_text,
            )
            return
        seam = rect.left() + rect.width() * self.value() / FULL
        if not self._right.isNull():
            painter.drawPixmap(rect, self._right, QRectF(self._right.rect()))
        if not self._left.isNull():
            painter.save()
            painter.setClipRect(
                QRectF(rect.left(), rect.top(), seam - rect.left(), rect.height()),
                Qt.ClipOperation.IntersectClip,
            )
            painter.drawPixmap(rect, self._left, QRectF(self._left.rect()))
            painter.restore()
        if not self._left.isNull() and not self._right.isNull():
            self._paint_handle(painter, rect, seam)
        self._paint_labels(painter, rect, seam)

    def _paint_handle(self, painter: QPainter, rect: QRectF, seam: float) -> None:
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.drawLine(QPointF(seam, rect.top()), QPointF(seam, rect.bottom()))
        centre = QPointF(min(max(seam, rect.left() + HANDLE_RADIUS), rect.right() - HANDLE_RADIUS), rect.center().y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(centre, HANDLE_RADIUS, HANDLE_RADIUS)
        painter.setPen(QPen(QColor("#2a2630"), 1.7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for way in (-1, 1):
            tip = QPointF(centre.x() + way * 8, centre.y())
            painter.drawLine(QPointF(centre.x() + way * 2, centre.y()), tip)
            painter.drawLine(tip, tip + QPointF(-way * 3, -3))
            painter.drawLine(tip, tip + QPointF(-way * 3, 3))

    def _paint_labels(self, painter: QPainter, rect: QRectF, seam: float) -> None:
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        for text, is_left in ((self._left_label, True), (self._right_label, False)):
            width = metrics.horizontalAdvance(text) + 16
            x = rect.left() + 10 if is_left else rect.right() - 10 - width
            is_hidden = seam < x + width if is_left else seam > x
            if not text or is_hidden:
                continue
            box = QRectF(x, rect.top() + 10, width, metrics.height() + 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(20, 18, 24, 215))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _move_to(self, position: QPointF) -> None:
        rect = self.picture_rect()
        self.setValue(round(FULL * (position.x() - rect.left()) / max(1.0, rect.width())))

    def _repaint(self) -> None:
        self.update()
