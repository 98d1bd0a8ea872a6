"""The pictures of a run that learn unlike the others, each with what is odd about it and the way to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from calotype.domain.events import ValidationFinished
from calotype.domain.image_insight import LEAST_GROUP, ImageInsight, odd_images
from calotype.domain.insight_words import insight_numbers, insight_text
from calotype.domain.verdict import Measurements
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader
from calotype.ui.widgets.thumbnail_row import paint_square

MOST_ROWS = 4  # the clearest ones; a longer list would not be looked at
SIDE_PX, GAP_PX, PADDING, RADIUS = 52, 12, 8, 9

Locate = Callable[[str], Path | None]


def _say(text: str) -> str:
    return QCoreApplication.translate("insights", text)


class InsightRow(QAbstractButton):
    """One picture: its thumbnail, a sentence, and the numbers behind it; a click leads to the picture."""

    def __init__(
        self, insight: ImageInsight, path: Path | None, thumbnails: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.insight = insight
        self._path = path
        self._thumbnails = thumbnails
        self._has_pointer = False
        self.setText(insight_text(insight, _say))
        self._numbers = insight_numbers(insight, _say)
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._numbers)
        self.setEnabled(path is not None)
        gone = self.tr("This picture was removed from the project")
        self.setToolTip(self.tr("Show {name} on the Images page").format(name=path.name) if path is not None else gone)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        thumbnails.ready.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(420, SIDE_PX + 2 * PADDING)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, SIDE_PX + 2 * PADDING)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._has_pointer = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._has_pointer = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self.isEnabled() and (self._has_pointer or self.hasFocus()):
            painter.setPen(QPen(QColor(palette.accent), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        paint_square(painter, QRectF(PADDING, PADDING, SIDE_PX, SIDE_PX), self._picture())
        left = PADDING + SIDE_PX + GAP_PX
        text = QRectF(left, PADDING, self.width() - left - PADDING, SIDE_PX)
        font, small = QFont(self.font()), QFont(self.font())
        font.setPixelSize(13)
        small.setPixelSize(12)
        bottom = QFontMetrics(small).height()
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.setFont(font)
        painter.setPen(QColor(palette.text if self.isEnabled() else palette.muted))
        painter.drawText(text.adjusted(0, 0, 0, -bottom), flags, self.text())
        painter.setFont(small)
        painter.setPen(QColor(palette.muted))
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, self._numbers)

    def _picture(self) -> QPixmap | None:
        path = self._path
        return self._thumbnails.pixmap(str(path), lambda: path) if path is not None else None

    def _repaint(self, _key: str) -> None:
        self.update()


class InsightCard(Card):
    """Lists them, or says quietly that there is nothing to look at.

    image_requested: the user wants to see the picture with this content hash among the others.
    """

    image_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Pictures that stand out"), parent)
        self._locate: Locate = lambda _hash: None
        self._thumbnails = ThumbnailLoader(2 * SIDE_PX, self)
        self._shown: tuple[tuple[ImageInsight, Path | None], ...] = ()
        self._rows: list[InsightRow] = []
        self._quiet = label("", "muted", wraps=True)
        self.body.addWidget(self._quiet)
        self.body.addStretch(1)

    @property
    def rows(self) -> list[InsightRow]:
        """What is listed."""
        return list(self._rows)

    @property
    def quiet_text(self) -> str:
        """What is said while nothing is listed."""
        return "" if self._quiet.isHidden() else self._quiet.text()

    def set_locate(self, locate: Locate) -> None:
        """Take what knows the file of a picture by its content hash; None if it was removed."""
        self._locate = locate

    def show_measurements(self, measured: Measurements) -> None:
        """Show what these measurements of a run say."""
        found = tuple((one, self._locate(one.content_hash)) for one in odd_images(measured)[:MOST_ROWS])
        self._quiet.setVisible(not found)
        self._quiet.setText(self._why_empty(measured.validations))
        if found == self._shown:
            return
        self._shown = found
        for row in self._rows:
            self.body.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [InsightRow(insight, path, self._thumbnails) for insight, path in found]
        for place, row in enumerate(self._rows):
            self.body.insertWidget(2 + place, row)  # after the heading and the quiet words
            row.clicked.connect(lambda _checked, key=row.insight.content_hash: self.image_requested.emit(key))

    def _why_empty(self, validations: Sequence[ValidationFinished]) -> str:
        last = validations[-1] if validations else None
        if last is None or last.step == 0:
            return self.tr("Pictures that learn unlike the others are named here, once something was learned.")
        if max(len(last.held_out_images), len(last.probe_images)) < LEAST_GROUP:
            return self.tr("This run did not measure enough single pictures to tell which of them stand out.")
        return self.tr("None: the pictures learn alike.")
