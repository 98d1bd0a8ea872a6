"""The curve of a learning-rate test: error against rate, in decades, with the answer marked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.rate_range import RateAnswer, RateMeasured, RateRange, smoothed_ratios
from calotype.ui.look.rate_words import measured_rate_text, rate_text
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.plain_plot import colour_axes, plain_plot

REDRAW_AFTER_MS = 100  # many events, one redraw
_TOP = 1.3  # of the base model's error: where a model is this bad, how bad exactly says nothing
_LABEL_ROW = 0.065  # of the plot's height


class RatePlot(QWidget):
    """Single steps as dots, the smoothed curve, the planned rate, where it broke, and the suggestion."""

    def __init__(self, planned_rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planned = planned_rate
        self._points: list[RateMeasured] = []
        self._answer: RateAnswer | None = None
        self._floor = 0.8  # of what is shown, in units of the base model's error
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_AFTER_MS)
        self._timer.timeout.connect(self.redraw)
        self._build()
        self._colour()
        self.redraw()
        self.setAccessibleName(self.tr("Error along the learning rate"))

    def show_points(self, points: Sequence[RateMeasured], answer: RateAnswer | None) -> None:
        """Show these measurements soon; calls in quick succession cost one redraw."""
        self._points, self._answer = list(points), answer
        if not self._timer.isActive():
            self._timer.start()

    def redraw(self) -> None:
        """Draw now."""
        places = [math.log10(point.rate) for point in self._points]
        ratios = [point.ratio for point in self._points]
        self._dots.setData(places, ratios)
        self._line.setData(places, smoothed_ratios(ratios))
        self._floor = max(0.0, min([0.9, *ratios]) - 0.08)
        self._plot.getPlotItem().setYRange(self._floor, _TOP, padding=0)
        self._place_marks()
        self._describe()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange) and hasattr(self, "_line"):
            self._colour()

    def _build(self) -> None:
        self._plot = plain_plot()
        self._plot.setMinimumSize(200, 150)
        self._build_parts(self._plot.getPlotItem())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)

    def _build_parts(self, item: pg.PlotItem) -> None:
        rates = RateRange()
        first, last = round(math.log10(rates.low)), round(math.log10(rates.high))
        item.getAxis("bottom").setTicks(
            [[(power, f"{10.0**power:.{max(0, -power)}f}") for power in range(first, last + 1)]]
        )
        item.setXRange(first, last, padding=0.06)  # room for the whole of the first number
        self._base = pg.InfiniteLine(pos=1.0, angle=0)
        self._dots = pg.ScatterPlotItem(size=5)
        self._line = pg.PlotDataItem(antialias=True)
        self._marks = {name: pg.InfiniteLine(pos=0, angle=90) for name in ("broke", "plan", "found")}
        self._labels = {name: pg.TextItem(anchor=(0, 0)) for name in self._marks}
        self._base_label = pg.TextItem(anchor=(0, 1))
        self._base_label.setPos(first, 1.0)
        for part in (self._base, *self._marks.values(), self._dots, self._line):
            item.addItem(part, ignoreBounds=True)
        for text in (self._base_label, *self._labels.values()):
            item.addItem(text, ignoreBounds=True)

    def _colour(self) -> None:
        palette = current_palette()
        blue = QColor(palette.blue)
        faint = QColor(blue)
        faint.setAlphaF(0.45)
        self._line.setPen(pg.mkPen(blue, width=2.2))
        self._dots.setBrush(faint)
        self._dots.setPen(QPen(Qt.PenStyle.NoPen))
        self._base.setPen(pg.mkPen(QColor(palette.muted), width=1, style=Qt.PenStyle.DotLine))
        self._marks["plan"].setPen(pg.mkPen(QColor(palette.muted), width=1, style=Qt.PenStyle.DashLine))
        self._marks["broke"].setPen(pg.mkPen(QColor(palette.red), width=1.4))
        self._marks["found"].setPen(pg.mkPen(QColor(palette.accent), width=1.6))
        font = colour_axes(self._plot, self.font())
        for text in (self._base_label, *self._labels.values()):
            text.setFont(font)
        self._base_label.setText(self.tr("base model"), color=QColor(palette.muted))
        self._place_marks()

    def _place_marks(self) -> None:
        """Label what is close to each other on both sides and on two rows, so that all stays readable."""
        palette, answer = current_palette(), self._answer
        found = answer.suggested_rate if answer else None
        broke = answer.broke_at if answer else None
        plan = None if found == self._planned else self._planned
        is_below = found is None or self._planned < found
        self._place("broke", broke, self.tr("broke {rate}"), palette.red, is_left=False, row=0)
        self._place("plan", plan, self.tr("plan {rate}"), palette.muted, is_left=is_below, row=0 if is_below else 1)
        self._place("found", found, self.tr("found {rate}"), palette.accent, is_left=not is_below, row=1)

    def _place(self, name: str, rate: float | None, words: str, colour: str, *, is_left: bool, row: int) -> None:
        line, text = self._marks[name], self._labels[name]
        line.setVisible(rate is not None)
        text.setVisible(rate is not None)
        if rate is None:
            return
        line.setPos(math.log10(rate))
        written = measured_rate_text(rate) if name == "broke" else rate_text(rate)
        text.setText(words.format(rate=written), color=QColor(colour))
        text.setAnchor((1, 0) if is_left else (-0.06, 0))
        text.setPos(math.log10(rate), _TOP - row * _LABEL_ROW * (_TOP - self._floor))

    def _describe(self) -> None:
        if not self._points:
            self.setAccessibleDescription(self.tr("Nothing measured yet"))
            return
        last = self._points[-1]
        text = self.tr("At a rate of {rate} the error is {ratio} of the base model's")
        self.setAccessibleDescription(text.format(rate=measured_rate_text(last.rate), ratio=f"{last.ratio:.2f}"))
