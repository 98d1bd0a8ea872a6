"""One number of a run with what it means and how it went: a title, a value, a line, and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette
from calotype.ui.models.metric_lines import Metric, MetricLine
from calotype.ui.models.step_reading import nearest

RADIUS = 14.0
PADDING = 12
TITLE_PX, VALUE_PX = 12, 18
LINE_HEIGHT = 20  # px of the curve
AROUND_PX = 5  # above and below it, that count as pointing at it
TEXT = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class MetricTile(QWidget):
    """One metric, painted.

    pointed: the step of the point of the line that is nearest to the pointer, and where that is in the tile; -1 when
    the pointer leaves.
    """

    pointed = Signal(int, QPointF)

    def __init__(self, metric: Metric, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric = metric
        self._last_step = 1.0
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_metric(metric, 1)

    @property
    def shown(self) -> Metric:
        """What is shown."""
        return self._metric

    def show_metric(self, metric: Metric, last_step: int) -> None:
        """Show a number; its line begins at step 0 and the right edge is `last_step`."""
        self._metric, self._last_step = metric, max(1.0, float(last_step))
        self.setAccessibleName(metric.title)
        self.setAccessibleDescription(f"{metric.value} {metric.note}".strip() + f". {metric.explanation}")
        if self.toolTip() != metric.tip:
            self.setToolTip(metric.tip)
        self.update()

    def mark_step(self, step: int | None) -> None:
        """Draw an upright line at a step, or none."""
        if step != self._marked:
            self._marked = step
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(170, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._height())  # so that a narrow window can put fewer of them into a row

    def event(self, event: QEvent) -> bool:
        """Explain nothing over the line: the step that is pointed at is said there."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._is_on_line(event.pos()):
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        steps = self._metric.lines[0].steps if self._metric.lines else ()
        if not steps or not self._is_on_line(event.position().toPoint()):
            self.pointed.emit(-1, QPointF())
            return
        area = self._line_area()
        wanted = self._last_step * (event.position().x() - area.left()) / max(1.0, area.width())
        step = steps[nearest(steps, wanted)]
        self.pointed.emit(int(step), QPointF(self._across(step, area), area.top()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1, QPointF())

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, metric = current_palette(), self._metric
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        width = self.width() - 2 * PADDING
        title, value = self._sized(TITLE_PX), self._sized(VALUE_PX, QFont.Weight.DemiBold)
        top = PADDING - 2.0
        self._write(painter, title, palette.muted, QRectF(PADDING, top, width, self._line_px(title)), metric.title)
        top += self._line_px(title) + 1
        taken = self._write(painter, value, palette.text, QRectF(PADDING, top, width, self._value_px()), metric.value)
        down = self._value_px() - self._line_px(title) - 2
        rest = QRectF(PADDING + taken + 8, top + down, width - taken - 8, self._line_px(title))
        if QFontMetricsF(title).horizontalAdvance(metric.note) <= rest.width():  # half a number would be a wrong one
            self._write(painter, title, palette.muted, rest, metric.note)
        self._draw_lines(painter)
        painter.setFont(title)
        painter.setPen(QColor(palette.muted))
        below = self._line_area().bottom() + 6
        painter.drawText(QRectF(PADDING, below, width, 2 * self._line_px(title) + 2), TEXT, metric.explanation)

    def _write(self, painter: QPainter, font: QFont, colour: str, box: QRectF, text: str) -> float:
        """Write one line, cut with an ellipsis where there is no room; answers with its width."""
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)

    def _draw_lines(self, painter: QPainter) -> None:
        palette, area = current_palette(), self._line_area()
        if self._marked is not None:
            across = self._across(min(self._marked, self._last_step), area)
            painter.setPen(QPen(QColor(palette.muted), 1))
            painter.drawLine(QPointF(across, area.top() - 2), QPointF(across, area.bottom() + 2))
        values = [value for line in self._metric.lines for value in line.values]
        if not values:
            return
        low, high = min(values), max(values)
        for line in self._metric.lines:
            colour = QColor(getattr(palette, line.tone))
            colour.setAlphaF(0.3 if line.is_faint else 1.0)
            painter.setPen(QPen(colour, 1 if line.is_faint else 1.8))
            painter.drawPolyline(self._points(line, area, low, high))

    def _points(self, line: MetricLine, area: QRectF, low: float, high: float) -> QPolygonF:
        left, across = area.left(), area.width() / self._last_step
        up = area.height() / (high - low) if high > low else 0.0
        bottom = area.bottom() if high > low else area.center().y()
        return QPolygonF(
            [
                QPointF(left + across * step, bottom - up * (value - low))
                for step, value in zip(line.steps, line.values, strict=True)
            ]
        )

    def _is_on_line(self, place: QPoint) -> bool:
        return self._line_area().adjusted(-PADDING, -AROUND_PX, PADDING, AROUND_PX).contains(QPointF(place))

    def _across(self, step: float, area: QRectF) -> float:
        return area.left() + area.width() * step / self._last_step

    def _line_area(self) -> QRectF:
        top = PADDING + self._line_px(self._sized(TITLE_PX)) + self._value_px() + 5
        return QRectF(PADDING, top, self.width() - 2 * PADDING, LINE_HEIGHT)

    def _height(self) -> int:
        """The height for a title, the value, the line, and two lines of explanation."""
        text = self._line_px(self._sized(TITLE_PX))
        return round(PADDING + text + self._value_px() + 5 + LINE_HEIGHT + 6 + 2 * text + PADDING)

    def _value_px(self) -> float:
        return self._line_px(self._sized(VALUE_PX))

    def _line_px(self, font: QFont) -> float:
        return QFontMetricsF(font).height()

    def _sized(self, size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size_px)
        font.setWeight(weight)
        return font
