"""The tiles of a run, and the card that comes where their lines are pointed at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.events import (
    BandRatios,
    BlockNorm,
    Interval,
    PreviewsMeasured,
    StepFinished,
    ValidationFinished,
)
from calotype.domain.settings import Theme
from calotype.ui.look.theme import apply_theme, current_palette
from calotype.ui.models.metric_lines import Metric, line_of
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.shown_metrics import MetricGroup, metrics_of
from calotype.ui.widgets.metric_panel import LEAST_WIDTH, MetricPanel, columns_for
from calotype.ui.widgets.metric_tile import PADDING, TEXT, TITLE_PX, MetricTile


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    apply_theme(qapp, Theme.DARK)


@pytest.fixture
def series() -> RunSeries:
    """A run that knows every number."""
    made = RunSeries()
    for step in range(1, 101):
        made.add_step(StepFinished(step, 0.5, 1e-4, 0.2, 0.2, 5.0, 1_000, temperature_c=60.0, power_watts=200.0))
    point = ValidationFinished(
        0, 0.4, 0.5, Interval(0.8, 0.7, 0.9), BandRatios(0.8, 0.8, 0.8), 0.7, True, 1.0, drift=0.1
    )
    for step in (0, 50, 100):
        made.add_measurement(replace(point, step=step, weight_norms=(BlockNorm("mid_block", 0.01),)))
    made.add_measurement(PreviewsMeasured(50, 0.4, 0.8, 0, "abc", "one.png", 0.9, False, 0.1))
    return made


@pytest.fixture
def panel(series: RunSeries, qtbot: QtBot) -> MetricPanel:
    """Shown, with that run."""
    made = MetricPanel()
    qtbot.addWidget(made)
    made.resize(1148, 220)
    made.show()
    made.show_series(series, 100)
    return made


def metric(**changes: object) -> Metric:
    whole = Metric("a", "A", "0.5", "What it means", (line_of([0, 50, 100], [0, 1, 0], "teal"),))
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_that_each_group_opens_its_tiles_and_the_others_say_their_answer(panel: MetricPanel) -> None:
    named = {group: panel.groups.findChildren(type(panel.groups._group.button(0))) for group in MetricGroup}

    assert "0.80 of the base model's error" in named[MetricGroup.LEARNING][0].accessibleName()
    assert panel.tile("ratio") is not None and panel.tile("gap") is None
    panel.show_group(MetricGroup.GENERAL)
    assert panel.tile("gap") is not None and panel.tile("ratio") is None
    panel.show_group(MetricGroup.MACHINE)
    assert [panel.tile(name) is not None for name in ("speed", "memory", "temperature", "power")] == [True] * 4


def test_that_a_number_that_another_run_lacks_takes_its_tile_along(panel: MetricPanel) -> None:
    tile = panel.tile("similarity")
    assert tile is not None and tile.isVisible()

    panel.show_series(RunSeries(), 1)

    assert panel.tile("similarity") is None
    assert not tile.isVisible()


def test_that_every_explanation_is_read_whole_in_the_narrowest_tile(series: RunSeries) -> None:
    tiles = [MetricTile(metric) for group in MetricGroup for metric in metrics_of(group, series)]
    font = QFont(tiles[0].font())
    font.setPixelSize(TITLE_PX)
    metrics = QFontMetricsF(font)
    room = QRectF(0, 0, LEAST_WIDTH - 2 * PADDING, 1000)

    heights = {tile.shown.name: metrics.boundingRect(room, TEXT, tile.shown.explanation).height() for tile in tiles}

    assert len(heights) == 15
    assert {name: height for name, height in heights.items() if height > 2 * metrics.height() + 1} == {}


@pytest.mark.parametrize(
    ("count", "width", "columns"), [(6, 1148, 6), (6, 892, 3), (5, 892, 3), (5, 1148, 5), (4, 60, 1)]
)
def test_that_rows_of_tiles_are_even(count: int, width: int, columns: int) -> None:
    assert columns_for(count, width) == columns


def test_that_the_line_of_a_tile_is_pointed_at_and_the_rest_of_it_is_not(qtbot: QtBot) -> None:
    tile = MetricTile(metric())
    qtbot.addWidget(tile)
    tile.resize(224, tile.sizeHint().height())
    tile.show_metric(metric(), 100)
    tile.show()
    seen: list[int] = []
    tile.pointed.connect(lambda step, _place: seen.append(step))
    area = tile._line_area()

    for x in (area.left(), area.left() + 0.4 * area.width(), area.right()):
        qtbot.mouseMove(tile, QPoint(round(x), round(area.center().y())))
    qtbot.mouseMove(tile, QPoint(40, 14))

    assert seen == [0, 50, 100, -1]


def test_that_a_marked_step_is_drawn_where_it_is(qtbot: QtBot) -> None:
    tile = MetricTile(metric(lines=()))
    qtbot.addWidget(tile)
    tile.resize(224, tile.sizeHint().height())
    tile.show_metric(metric(lines=()), 100)
    across, down = round(PADDING + 0.5 * (224 - 2 * PADDING)), round(tile._line_area().center().y())

    def colours() -> set[str]:
        image = tile.grab().toImage()
        return {image.pixelColor(x, down).name() for x in range(across - 2, across + 3)}

    before = colours()
    tile.mark_step(50)

    assert before == {QColor(current_palette().surface).name()}
    assert len(colours()) > 1


def test_that_pointing_at_a_tile_says_which_step_and_tile(panel: MetricPanel, qtbot: QtBot) -> None:
    tile = panel.tile("ratio")
    assert tile is not None

    with qtbot.waitSignal(panel.step_pointed) as pointed:
        tile.pointed.emit(50, QPointF(60, 40))

    assert pointed.args == [50, tile, QPointF(60, 40)]


def test_that_segments_are_reached_by_keyboard(panel: MetricPanel, qtbot: QtBot) -> None:
    first = panel.groups._group.button(0)
    panel.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)

    qtbot.keyClick(first, Qt.Key.Key_Right)

    assert panel.tile("gap") is not None
