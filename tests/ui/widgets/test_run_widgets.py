"""The smaller widgets of the Train and Create pages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from calotype.domain.events import BandRatios, Interval, ValidationFinished
from calotype.domain.plan import TrainingPlan
from calotype.ui.models.session import Session
from calotype.ui.widgets.compare_slider import CompareSlider
from calotype.ui.widgets.fields import Choice
from calotype.ui.widgets.metric_plot import MetricPlot
from calotype.ui.widgets.plan_drawer import PlanDrawer
from calotype.ui.widgets.seed_field import SeedField
from calotype.ui.widgets.segments import Segments


def plain(colour: str) -> QPixmap:
    pixmap = QPixmap(64, 64)
    pixmap.fill(QColor(colour))
    return pixmap


def test_that_the_compare_slider_shows_each_picture_on_its_side(session: Session, qtbot: QtBot) -> None:
    slider = CompareSlider()
    qtbot.addWidget(slider)
    slider.resize(204, 204)
    slider.set_pictures(plain("#ff0000"), plain("#0000ff"))
    slider.setValue(500)

    image = slider.grab().toImage()

    assert image.pixelColor(40, 160) == QColor("#ff0000")
    assert image.pixelColor(160, 160) == QColor("#0000ff")


def test_that_the_compare_slider_moves_by_keyboard(session: Session, qtbot: QtBot) -> None:
    slider = CompareSlider()
    qtbot.addWidget(slider)

    qtbot.keyClick(slider, Qt.Key.Key_End)
    at_end = slider.value()
    qtbot.keyClick(slider, Qt.Key.Key_Left)

    assert (at_end, slider.value()) == (1000, 980)


def test_that_many_points_cost_one_redraw(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot = MetricPlot()
    qtbot.addWidget(plot)
    point = ValidationFinished(10, 0.4, 0.5, Interval(0.8, 0.7, 0.9), BandRatios(0.8, 0.8, 0.8), 0.7, True, 1.0)
    redraws: list[int] = []
    plot._timer.timeout.connect(lambda: redraws.append(1))

    for _ in range(50):
        plot.show_points([point], point, 100)
    qtbot.waitUntil(lambda: bool(redraws))

    assert redraws == [1]
    assert "0.80" in plot.accessibleDescription()
    plot.show_points([point], point, 100)
    assert not plot._timer.isActive()
    plot.show_points([point], point, 200)
    assert plot._timer.isActive()


def test_that_a_setting_out_of_range_is_said_and_gives_no_plan(session: Session, qtbot: QtBot) -> None:
    drawer = PlanDrawer()
    qtbot.addWidget(drawer)
    drawer.show_preset(TrainingPlan("starter", "p1"))
    plans: list[TrainingPlan | None] = []
    drawer.plan_changed.connect(plans.append)
    rank = next(line for line in drawer.findChildren(QLineEdit) if line.accessibleName() == "Rank")

    rank.setText("0")
    rank.setText("8")

    assert plans[0] is None
    last = plans[-1]
    assert last is not None
    assert last.lora.rank == 8


def test_that_settings_can_be_searched_by_what_they_do(session: Session, qtbot: QtBot) -> None:
    drawer = PlanDrawer()
    qtbot.addWidget(drawer)
    drawer.show_preset(TrainingPlan("starter", "p1"))

    drawer.search.setText("memory")

    shown = {line.accessibleName() for line in drawer.findChildren(QLineEdit) if line.isVisibleTo(drawer)}
    assert shown == {"Search settings", "Pictures per step"}


def test_that_an_empty_seed_is_a_new_one_each_time_and_letters_are_refused(session: Session, qtbot: QtBot) -> None:
    field = SeedField()
    qtbot.addWidget(field)
    seeds = {field.seed() for _ in range(4)}
    line = field.findChild(QLineEdit)

    qtbot.keyClicks(line, "4a2")

    assert len(seeds) > 1
    assert field.seed() == 42


def test_that_tab_stops_at_the_segment_that_holds(session: Session, qtbot: QtBot) -> None:
    segments = Segments([("a", "A", ""), ("b", "B", ""), ("c", "C", "")], "letters")
    qtbot.addWidget(segments)

    segments.choose("b")

    stops = [b.text() for b in segments._group.buttons() if b.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["B"]


def test_that_segments_are_chosen_by_keyboard(session: Session, qtbot: QtBot) -> None:
    segments = Segments([("a", "A", ""), ("b", "B", ""), ("c", "C", "")], "letters")
    qtbot.addWidget(segments)
    segments.show()
    seen: list[object] = []
    segments.chosen.connect(seen.append)
    first = segments.findChildren(type(segments._group.button(0)))[0]
    segments.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)

    qtbot.keyClick(first, Qt.Key.Key_Right)

    assert seen == ["b"]
    assert segments.value == "b"


def test_that_choices_of_the_plan_are_said_in_plain_words(session: Session, qtbot: QtBot) -> None:
    drawer = PlanDrawer()
    qtbot.addWidget(drawer)
    drawer.show_preset(TrainingPlan("starter", "p1"))

    words = [[box.itemText(place) for place in range(box.count())] for box in drawer.findChildren(Choice)]

    assert ["Attention", "Attention and MLP", "All layers"] in words
    assert ["Automatic", "32 bit", "16 bit (bf16)", "16 bit (fp16)"] in words
