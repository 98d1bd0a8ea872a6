"""Comparing the pictures of a large set tells how far it is, and ends when it is asked to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.control import Control
from calotype.domain.events import ImagesCompared, ImportEvent, ImportFinished, ImportStarted
from calotype.domain.imageset import Split
from calotype.services import library
from calotype.services.sides import choose_later
from calotype.ui.models import import_model
from calotype.ui.models.readiness_model import ReadinessModel
from calotype.ui.models.session import Session
from calotype.ui.models.time_left import ShareLeft
from calotype.ui.widgets.import_notice import ImportNotice
from calotype.ui.widgets.readiness_card import ReadinessCard


def test_that_the_time_left_follows_from_the_share_that_is_done() -> None:
    times = iter([100.0, 101.0, 110.0, 120.0])
    left = ShareLeft(lambda: next(times))

    assert left.seconds(0.2) is None  # nothing to reckon with yet
    assert left.seconds(0.25) is None  # after a second it would be a guess
    assert left.seconds(0.4) == 30.0  # 0.2 in 10 s, and 0.6 to go
    assert left.seconds(1.0) == 0.0


def test_that_an_import_says_that_it_compares_and_stops_then(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_model.ShareLeft, "seconds", lambda _self, _share: 80.0)
    notice = ImportNotice(session.intake)
    qtbot.addWidget(notice)

    def importing(control: Control) -> Iterator[ImportEvent]:
        yield ImportStarted(4)
        while not control.is_stopping:
            yield ImagesCompared(0.25)
        yield ImportFinished(4, 0, 0, was_stopped=True)

    session.imports.start(importing)
    qtbot.waitUntil(lambda: "25 %" in notice.text)
    assert notice.text == "Comparing the pictures with each other: 25 % · 1 min 20 s left"
    assert session.imports.seconds_left == 80.0

    with qtbot.waitSignal(session.imports.finished):
        notice.stop_button.click()

    assert session.imports.result is not None and session.imports.result.was_stopped


def test_that_the_panel_says_how_far_comparing_is_only_if_that_takes_a_while(qtbot: QtBot) -> None:
    card = ReadinessCard()
    qtbot.addWidget(card)

    card.show_comparing(0.5, None)
    assert card.comparing_text == ""
    card.show_comparing(0.5, 80.0)
    assert card.comparing_text == "Comparing the pictures: 50 % · 1 min 20 s left"
    card.show_comparing(None, None)
    assert card.comparing_text == ""


def test_that_judging_ends_when_it_is_stopped_and_begins_again(
    full_session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ReadinessModel(full_session, full_session)
    qtbot.waitUntil(lambda: model.readiness is not None and model._job is None)
    controls: list[Control] = []

    def compare(_workspace: object, _project: object, control: Control) -> Iterator[ImagesCompared]:
        controls.append(control)
        while len(controls) == 1 and not control.is_stopping:
            yield ImagesCompared(0.5)

    monkeypatch.setattr("calotype.services.set_checks.compare", compare)
    full_session.images_changed.emit()
    with qtbot.waitSignal(model.compared, check_params_cb=lambda share, _left: share == 0.5):
        pass

    model.stop()

    with qtbot.waitSignal(model.changed):
        pass
    assert len(controls) == 2 and controls[0].is_stopping and not controls[1].is_stopping


def test_that_sides_that_waited_for_comparing_are_shown(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None and full_session.project is not None
    qtbot.waitUntil(lambda: not full_session.open_images.is_looking)
    hashes = [image.content_hash for image in full_session.image_set.images]
    library.set_splits(full_session.workspace, full_session.project, dict.fromkeys(hashes, Split.TRAINING))
    choose_later(full_session.workspace, full_session.project, hashes)
    with qtbot.waitSignal(full_session.images_changed):
        full_session.open_images.reload()
    assert not full_session.image_set.held_out

    model = ReadinessModel(full_session)

    qtbot.waitUntil(lambda: full_session.image_set is not None and len(full_session.image_set.held_out) > 0)
    qtbot.waitUntil(lambda: model.readiness is not None and model.readiness.split is not None)
    assert model.readiness is not None and model.readiness.split is not None and model.readiness.split.held_out
    model.stop()
