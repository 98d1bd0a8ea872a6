"""The validation ratio of a run along its steps; below 1 the LoRA beats the base model on unseen pictures."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.events import ValidationFinished
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.plain_plot import colour_axes, plain_plot

REDRAW_AFTER_MS = 100  # many events, one redraw


class Band(StrEnum):
    """Which noise levels the ratio counts."""

    ALL = "all"
    COARSE = "coarse"
    MIDDLE = "middle"
    FINE = "fine"


class MetricPlot(QWidget):
    """The curve of held-out pictures with its 95 % band, training pictures dashed, the base model at 1, the best.

    step_pointed: the step of the measurement nearest to the pointer, or -1 when it leaves.
    step_picked: one was clicked.
    """

    step_pointed = Signal(int)
    step_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[ValidationFinished] = []
        self._best: ValidationFinished | None = None
        self._step_count = 1
        self._band = Band.ALL
        self._marked: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_AFTER_MS)
        self._timer.timeout.connect(self.redraw)
        self._build()
        self._colour()
        self.setAccessibleName(self.tr("Validation ratio along the steps"))

    def show_points(
        self, points: Sequence[ValidationFinished], best: ValidationFinished | None, step_count: int
    ) -> None:
        """Show these measurements soon; calls in quick succession cost one redraw, and the same ones again none."""
        known = (self._points, self._best, self._step_count)
        self._points, self._best, self._step_count = list(points), best, max(1, step_count)
        if known == (self._points, self._best, self._step_count):
            return
        if not self._timer.isActive():
            self._timer.start()

    def show_band(self, band: Band) -> None:
        """Count all noise levels, or one band of them; the interval is known for all of them together only."""
        self._band = band
        self.redraw()

    def mark_step(self, step: int | None) -> None:
        """Mark the step whose preview is shown."""
        self._marked = step
        self._mark.setVisible(step is not None)
        if step is not None:
            self._mark.setPos(step)

    def point_at_step(self, step: int | None) -> None:
        """Draw a faint upright line at the step that is pointed at, here or in another curve of the same run."""
        self._pointed.setVisible(step is not None)
        if step is not None:
            self._pointed.setPos(step)

    def place_of(self, step: int) -> QPoint:
        """Where a step is, at the top of the curve, in this widget."""
        box = self._plot.getPlotItem().vb
        top = box.viewRange()[1][1]
        place: QPoint = self._plot.mapFromScene(box.mapViewToScene(QPointF(step, top)))
        return QPoint(self._plot.mapTo(self, place))

    def redraw(self) -> None:
        """Draw now."""
        steps = [float(point.step) for point in self._points]
        values = [_value(point, self._band) for point in self._points]
        is_all = self._band is Band.ALL  # the interval and the probe are known for all noise levels together only
        lows = [point.ratio.low for point in self._points] if is_all else values
        highs = [point.ratio.high for point in self._points] if is_all else values
        self._line.setData(steps, values)
        self._low.setData(steps, lows)
        self._high.setData(steps, highs)
        self._probe.setData(steps, [point.probe_ratio for point in self._points])
        self._probe.setVisible(is_all)
        self._place_best()
        self._fit([*values, *lows, *highs, *(point.probe_ratio for point in self._points)])
        self._describe()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange) and hasattr(self, "_mark"):
            self._colour()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.step_pointed.emit(-1)

    def _build(self) -> None:
        self._plot = plain_plot()
        self._build_parts(self._plot.getPlotItem())
        self._plot.scene().sigMouseMoved.connect(self._point_at)
        self._plot.scene().sigMouseClicked.connect(self._pick)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)

    def _build_parts(self, item: pg.PlotItem) -> None:
        self._low = pg.PlotDataItem()
        self._high = pg.PlotDataItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._base = pg.InfiniteLine(pos=1.0, angle=0)
        self._best_line = pg.InfiniteLine(pos=0, angle=90)
        self._mark = pg.InfiniteLine(pos=0, angle=90)
        self._pointed = pg.InfiniteLine(pos=0, angle=90)
        self._probe = pg.PlotDataItem(antialias=True)
        self._line = pg.PlotDataItem(antialias=True, symbol="o", symbolSize=5)
        self._best_dot = pg.ScatterPlotItem(size=10)
        self._base_label = pg.TextItem(anchor=(1, 0))
        self._best_label = pg.TextItem(anchor=(0, 0))
        for part in (
            self._fill,
            self._base,
            self._mark,
            self._pointed,
            self._best_line,
            self._probe,
            self._line,
            self._best_dot,
        ):
            item.addItem(part, ignoreBounds=True)
        for label in (self._base_label, self._best_label):
            item.addItem(label, ignoreBounds=True)
        for line in (self._mark, self._pointed):
            line.setVisible(False)

    def _colour(self) -> None:
        palette = current_palette()
        teal = QColor(palette.teal)
        band = QColor(teal)
        band.setAlphaF(0.22)
        no_pen = QPen(Qt.PenStyle.NoPen)
        self._line.setPen(pg.mkPen(teal, width=2.2))
        self._line.setSymbolBrush(teal)
        self._line.setSymbolPen(no_pen)
        self._low.setPen(no_pen)
        self._high.setPen(no_pen)
        self._fill.setBrush(band)
        self._probe.setPen(pg.mkPen(QColor(palette.blue), width=1.8, style=Qt.PenStyle.DashLine))
        self._base.setPen(pg.mkPen(QColor(palette.muted), width=1, style=Qt.PenStyle.DotLine))
        self._best_line.setPen(pg.mkPen(QColor(palette.accent), width=1.4))
        self._best_dot.setBrush(QColor(palette.accent))
        self._best_dot.setPen(pg.mkPen(QColor(palette.surface), width=1.5))
        self._mark.setPen(pg.mkPen(QColor(palette.muted), width=1))
        self._pointed.setPen(pg.mkPen(QColor(palette.text), width=1, style=Qt.PenStyle.DotLine))
        self._base_label.setText(self.tr("base model"), color=QColor(palette.muted))
        font = colour_axes(self._plot, self.font())
        for label in (self._base_label, self._best_label):
            label.setFont(font)
        self._best_label.fill = pg.mkBrush(QColor(palette.surface))  # no line may cross its words
        self._place_best()

    def _place_best(self) -> None:
        best = self._best
        for part in (self._best_line, self._best_dot, self._best_label):
            part.setVisible(best is not None)
        if best is None:
            return
        self._best_line.setPos(best.step)
        self._best_dot.setData([best.step], [_value(best, self._band)])
        text = self.tr("best · step {step}").format(step=best.step)
        self._best_label.setText(text, color=QColor(current_palette().accent))
        is_late = best.step > 0.7 * self._step_count
        self._best_label.setAnchor((1, 0) if is_late else (0, 0))

    def _fit(self, values: list[float]) -> None:
        low, high = min([*values, 0.92]), max([*values, 1.02])
        margin = 0.06 * (high - low)
        item = self._plot.getPlotItem()
        item.setXRange(0, self._step_count, padding=0.01)
        item.setYRange(low - margin, high + 2 * margin, padding=0)
        self._base_label.setPos(self._step_count, 1.0)
        if self._best is not None:
            self._best_label.setPos(self._best.step, high + 2 * margin)

    def _describe(self) -> None:
        if not self._points:
            self.setAccessibleDescription(self.tr("Nothing measured yet"))
            return
        last = self._points[-1]
        text = self.tr("Step {step}: {ratio} of the base model's error on held-out pictures")
        self.setAccessibleDescription(text.format(step=last.step, ratio=f"{last.ratio.value:.2f}"))

    def _nearest(self, scene_position: QPointF) -> int:
        if not self._points:
            return -1
        step = self._plot.getPlotItem().vb.mapSceneToView(scene_position).x()
        return min((point.step for point in self._points), key=lambda known: abs(known - step))

    def _point_at(self, scene_position: QPointF) -> None:
        self.step_pointed.emit(self._nearest(scene_position))

    def _pick(self, click: object) -> None:
        step = self._nearest(click.scenePos())  # type: ignore[attr-defined]
        if step >= 0:
            self.step_picked.emit(step)


def _value(point: ValidationFinished, band: Band) -> float:
    match band:
        case Band.ALL:
            return point.ratio.value
        case Band.COARSE:
            return point.bands.coarse
        case Band.MIDDLE:
            return point.bands.middle
        case Band.FINE:
            return point.bands.fine
        case _:
            assert_never(band)
