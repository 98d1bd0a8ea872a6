"""The validation curve with its legend, a choice of noise bands, and the value under the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.events import ValidationFinished
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.metric_plot import Band, MetricPlot
from calotype.ui.widgets.segments import Segments


class LineSample(QWidget):
    """A legend entry: a piece of the line in its colour, then its name."""

    def __init__(self, text: str, tone: str, *, is_dashed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._tone = tone
        self._is_dashed = is_dashed
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        font = self.font()
        font.setPixelSize(12)
        self.setFont(font)

    def sizeHint(self) -> QSize:
        return QSize(24 + self.fontMetrics().horizontalAdvance(self._text), self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = QColor(getattr(current_palette(), self._tone))
        style = Qt.PenStyle.DashLine if self._is_dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 2, style))
        painter.drawLine(0, self.height() // 2, 16, self.height() // 2)
        painter.setPen(colour)
        painter.drawText(QRectF(22, 0, self.width() - 22, self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)


class PlotCard(QWidget):
    """The heading, the legend and the plot, one under the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: dict[int, ValidationFinished] = {}
        self._told_step: int | None = None
        self._build()
        self.plot.step_pointed.connect(self._read_out)
        self._bands.chosen.connect(self._choose_band)

    def show_points(
        self, points: Sequence[ValidationFinished], best: ValidationFinished | None, step_count: int
    ) -> None:
        """Show these measurements, and one of them in words."""
        self._points = {point.step: point for point in points}
        self.plot.show_points(points, best, step_count)
        self._waiting.setVisible(not points)
        self.plot.setVisible(bool(points))
        if not self.plot.underMouse():
            self._read_out(-1)

    def tell_step(self, step: int | None) -> None:
        """Say the numbers of this step while nobody points at another one; those of the last for None."""
        self._told_step = step
        if not self.plot.underMouse():
            self._read_out(-1)

    def set_waiting_text(self, text: str) -> None:
        """Say why there is no curve."""
        self._waiting.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the numbers only where they fit: pointing at the curve shows them as well."""
        super().resizeEvent(event)
        self._make_room()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._read_out(-1)

    def _build(self) -> None:
        self.plot = MetricPlot()
        self._readout = label("", "small")
        self._waiting = label("", "muted", wraps=True)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        bands = [
            (Band.ALL, self.tr("All"), ""),
            (Band.COARSE, self.tr("Coarse"), ""),
            (Band.MIDDLE, self.tr("Middle"), ""),
            (Band.FINE, self.tr("Fine"), ""),
        ]
        self._bands = Segments(bands, self.tr("Which detail the curve counts"), is_compact=True)
        self._bands.setToolTip(self.tr("Coarse counts shapes and composition, fine counts texture"))
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(label(self.tr("Validation ratio"), "heading"))
        top.addStretch(1)
        top.addWidget(self._bands)
        legend = QHBoxLayout()
        legend.setSpacing(14)
        self._samples = (
            LineSample(self.tr("held-out, 95 % band"), "teal"),
            LineSample(self.tr("training"), "blue", is_dashed=True),
        )
        for sample in self._samples:
            legend.addWidget(sample)
        legend.addStretch(1)
        legend.addWidget(self._readout)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addLayout(legend)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self._waiting, 1)

    def _make_room(self) -> None:
        legend_px = sum(sample.sizeHint().width() + 14 for sample in self._samples)
        self._readout.setVisible(self.width() >= legend_px + self._readout.sizeHint().width())

    def _choose_band(self, band: object) -> None:
        self.plot.show_band(Band(str(band)))

    def _read_out(self, step: int) -> None:
        if not self._points:
            self._readout.setText("")
            return
        told = step if step in self._points else self._told_step
        point = self._points[told if told in self._points else max(self._points)]
        text = self.tr("step {step}: {ratio} ({low} to {high}), training {probe}")
        self._readout.setText(
            text.format(
                step=point.step,
                ratio=f"{point.ratio.value:.2f}",
                low=f"{point.ratio.low:.2f}",
                high=f"{point.ratio.high:.2f}",
                probe=f"{point.probe_ratio:.2f}",
            )
        )
        self._make_room()
