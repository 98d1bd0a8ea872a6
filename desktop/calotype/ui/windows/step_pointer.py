"""Pointing at a curve of a run shows that step: its numbers and previews in a small card, its place in all curves."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtWidgets import QWidget

from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.step_reading import reading_at
from calotype.ui.widgets.metric_panel import MetricPanel
from calotype.ui.widgets.metric_plot import MetricPlot
from calotype.ui.widgets.step_popover import StepPopover


class StepPointer(QObject):
    """Joins the plot and the tiles of one view by a card that lies over the view."""

    def __init__(self, view: QWidget, plot: MetricPlot, panel: MetricPanel) -> None:
        super().__init__(view)
        self._view = view
        self._plot = plot
        self._panel = panel
        self._series = RunSeries()
        self.popover = StepPopover(view)
        plot.step_pointed.connect(self._point_in_plot)
        panel.step_pointed.connect(self._point_in_tile)

    def show_series(self, series: RunSeries) -> None:
        """Read steps from this run from now on."""
        if series is not self._series:
            self.dismiss()
        self._series = series

    def dismiss(self) -> None:
        """Point at nothing."""
        self.popover.dismiss()
        self._mark(None)

    def _point_in_plot(self, step: int) -> None:
        if step < 0:
            self.dismiss()
        else:
            self._show(step, self._plot.mapTo(self._view, self._plot.place_of(step)))

    def _point_in_tile(self, step: int, tile: QWidget, place: QPointF) -> None:
        if step < 0:
            self.dismiss()
        else:
            self._show(step, tile.mapTo(self._view, QPoint(round(place.x()), 0)), is_above=True)

    def _show(self, step: int, place: QPoint, *, is_above: bool = False) -> None:
        shown = self.popover.reading
        # The pointer crosses many pixels of one step: it is read once.
        reading = shown if shown is not None and shown.step == step else reading_at(self._series, step)
        self.popover.show_reading(reading, place, is_above=is_above)
        self._mark(step)

    def _mark(self, step: int | None) -> None:
        self._plot.point_at_step(step)
        self._panel.mark_step(step)
