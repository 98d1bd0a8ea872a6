"""Every number of a run in three groups, of which one is open; the others say their answer in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from calotype.ui.models.metric_lines import Metric
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.shown_metrics import MetricGroup, metrics_of, summary_of
from calotype.ui.widgets.metric_tile import MetricTile
from calotype.ui.widgets.segments import Segments

LEAST_WIDTH, SPACING = 180, 8


class TileGrid(QWidget):
    """Tiles in even rows, as many beside each other as there is room for. pointed: as of each tile, with the tile."""

    pointed = Signal(int, QWidget, QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[str, MetricTile] = {}
        self._shown: list[str] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)

    def show_metrics(self, metrics: Sequence[Metric], last_step: int) -> None:
        """Show exactly these, in this order."""
        for metric in metrics:
            if metric.name not in self._tiles:
                self._add(metric)
            self._tiles[metric.name].show_metric(metric, last_step)
        names = [metric.name for metric in metrics]
        if names != self._shown:
            self._shown, self._columns = names, 0
            self._arrange()

    def mark_step(self, step: int | None) -> None:
        """Mark a step in every line."""
        for tile in self._tiles.values():
            tile.mark_step(step)

    def tile(self, name: str) -> MetricTile | None:
        """The tile of a metric; None if it is not shown."""
        return self._tiles.get(name) if name in self._shown else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find out how many fit now."""
        super().resizeEvent(event)
        self._arrange()

    def _add(self, metric: Metric) -> None:
        tile = MetricTile(metric, self)
        tile.pointed.connect(lambda step, place: self.pointed.emit(step, tile, place))
        self._tiles[metric.name] = tile

    def _arrange(self) -> None:
        columns = columns_for(len(self._shown), self.width()) if self._shown else 0
        if columns == self._columns:
            return
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for place, name in enumerate(self._shown):
            self._grid.addWidget(self._tiles[name], place // columns, place % columns)
            self._tiles[name].show()


class MetricPanel(QWidget):
    """The groups as segments with their answers, and the tiles of the chosen one.

    step_pointed: a step whose point in a tile is pointed at, that tile, and where in it; -1 when the pointer leaves.
    """

    step_pointed = Signal(int, QWidget, QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series = self._read = RunSeries()
        self._last_step = 1
        self._at_step: int | None = None
        self._pointed: int | None = None
        titles = {
            MetricGroup.LEARNING: self.tr("Is it learning?"),
            MetricGroup.GENERAL: self.tr("Is it still general?"),
            MetricGroup.MACHINE: self.tr("The machine"),
        }
        choices = [(group, title, " ") for group, title in titles.items()]
        self.groups = Segments(choices, self.tr("Which numbers are shown"))
        self._grids = {group: TileGrid() for group in MetricGroup}
        self._stack = QStackedWidget()
        for grid in self._grids.values():
            self._stack.addWidget(grid)
            grid.pointed.connect(self.step_pointed)
        self.groups.chosen.connect(self.show_group)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.groups)
        layout.addWidget(self._stack)

    def show_series(self, series: RunSeries, last_step: int, at_step: int | None = None) -> None:
        """Show the numbers of a run at a step, or the newest ones; the right edge of every line is `last_step`."""
        self._series, self._last_step, self._at_step = series, last_step, at_step
        self._read = series if at_step is None else series.up_to(at_step)
        for group in MetricGroup:
            self.groups.set_note(group, summary_of(group, self._read))
        self._show_tiles()

    def show_group(self, group: object) -> None:
        """Open a group."""
        self.groups.choose(group)
        self._stack.setCurrentWidget(self._grids[MetricGroup(str(group))])
        self._show_tiles()

    def mark_step(self, step: int | None) -> None:
        """Mark a step in the lines that are seen; None marks the one whose numbers are shown, if it was chosen."""
        self._pointed = step
        self._mark()

    def tile(self, name: str) -> MetricTile | None:
        """The tile of a metric of the open group; None if that is not known of this run."""
        return self._grids[self._group].tile(name)

    @property
    def _group(self) -> MetricGroup:
        return MetricGroup(str(self.groups.value))

    def _show_tiles(self) -> None:
        # Only what is seen: the tiles of the other groups are drawn when they are opened.
        grid, metrics = self._grids[self._group], metrics_of(self._group, self._series)
        if self._at_step is not None:
            read = {metric.name: metric for metric in metrics_of(self._group, self._read)}
            metrics = [_valued(metric, read.get(metric.name)) for metric in metrics]
        grid.show_metrics(metrics, self._last_step)
        self._mark()

    def _mark(self) -> None:
        self._grids[self._group].mark_step(self._at_step if self._pointed is None else self._pointed)


def _valued(metric: Metric, read: Metric | None) -> Metric:
    """The lines of one metric with the numbers of another; a dash if that is not known."""
    return replace(metric, value=read.value if read else "–", note=read.note if read else "")


def columns_for(count: int, width: int) -> int:
    """How many of `count` tiles stand in a row of this width, so that the rows are as even as they can be."""
    fit = max(1, min(count, (width + SPACING) // (LEAST_WIDTH + SPACING)))
    rows = -(-count // fit)
    return -(-count // rows)
