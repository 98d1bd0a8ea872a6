"""The validation curves of two runs over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.events import ValidationFinished
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.plain_plot import colour_axes, plain_plot

_BAND_OPACITY = 0.18


class _Curve:
    """One run: its line, the 95 % band around it, and a dot at its best step."""

    def __init__(self, item: pg.PlotItem, symbol: str) -> None:
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._line = pg.PlotDataItem(antialias=True, symbol=symbol, symbolSize=6)
        self._best = pg.ScatterPlotItem(size=12, symbol=symbol)
        for part in (self._fill, self._line, self._best):
            item.addItem(part, ignoreBounds=True)

    def show(self, points: Sequence[ValidationFinished], best: ValidationFinished | None) -> None:
        steps = [float(point.step) for point in points]
        self._line.setData(steps, [point.ratio.value for point in points])
        self._low.setData(steps, [point.ratio.low for point in points])
        self._high.setData(steps, [point.ratio.high for point in points])
        self._best.setData([best.step] if best else [], [best.ratio.value] if best else [])

    def colour(self, tone: QColor, style: Qt.PenStyle) -> None:
        band = QColor(tone)
        band.setAlphaF(_BAND_OPACITY)
        no_pen = QPen(Qt.PenStyle.NoPen)
        self._fill.setBrush(band)
        self._low.setPen(no_pen)
        self._high.setPen(no_pen)
        self._line.setPen(pg.mkPen(tone, width=2.2, style=style))
        self._line.setSymbolBrush(tone)
        self._line.setSymbolPen(no_pen)
        self._best.setBrush(QColor(current_palette().accent))
        self._best.setPen(pg.mkPen(QColor(current_palette().surface), width=1.5))


class OverlayPlot(QWidget):
    """The shown run in teal with round points, the other dashed in grey with square ones, the base model at 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plain_plot()
        item = self._plot.getPlotItem()
        self._base = pg.InfiniteLine(pos=1.0, angle=0)
        self._base_label = pg.TextItem(anchor=(1, 0))
        item.addItem(self._base, ignoreBounds=True)
        item.addItem(self._base_label, ignoreBounds=True)
        self._other, self._one = _Curve(item, "s"), _Curve(item, "o")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self._colour()
        self.setAccessibleName(self.tr("Validation ratio of both runs along the steps"))

    def show_runs(
        self,
        one: Sequence[ValidationFinished],
        other: Sequence[ValidationFinished],
        best: tuple[ValidationFinished | None, ValidationFinished | None],
    ) -> None:
        """Show the measurements of the shown run and of the other one, and the best step of each."""
        self._one.show(one, best[0])
        self._other.show(other, best[1])
        points = [*one, *other]
        values = [value for point in points for value in (point.ratio.low, point.ratio.high) if math.isfinite(value)]
        low, high = min([*values, 0.92]), max([*values, 1.02])
        margin = 0.06 * (high - low)
        last = max([1, *(point.step for point in points)])
        item = self._plot.getPlotItem()
        item.setXRange(0, last, padding=0.01)
        item.setYRange(low - margin, high + margin, padding=0)
        self._base_label.setPos(last, 1.0)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange) and hasattr(self, "_one"):
            self._colour()

    def _colour(self) -> None:
        palette = current_palette()
        self._one.colour(QColor(palette.teal), Qt.PenStyle.SolidLine)
        self._other.colour(QColor(palette.muted), Qt.PenStyle.DashLine)
        self._base.setPen(pg.mkPen(QColor(palette.muted), width=1, style=Qt.PenStyle.DotLine))
        self._base_label.setText(self.tr("base model"), color=QColor(palette.muted))
        self._base_label.setFont(colour_axes(self._plot, self.font()))
