"""Packs are added, chosen and removed in Settings, and by dropping them on the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from calotype.domain.errors.packs import DriverTooOldError, NotAPackError, PackCrashedError
from calotype.domain.graphics import GraphicsCard, Vendor
from calotype.packs.places import PackPlaces
from calotype.services import gpu_packs
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.pack_watch import PackWatch
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.gpu_pack_card import GpuPackCard
from calotype.ui.windows.main_window import MainWindow

MakePack = Callable[..., Path]
# A trial is a process of its own, and the first look loads the library that asks NVIDIA's driver, from a disk that may
# be busy for longer than the five seconds that a wait has otherwise. How long either takes is not what is claimed.
LONG_MS = 60_000


@pytest.fixture
def card(session: Session, qtbot: QtBot) -> GpuPackCard:
    shown = GpuPackCard(session)
    qtbot.addWidget(shown)
    with qtbot.waitSignal(shown.model.looked, timeout=LONG_MS):
        shown.look_again()
    return shown


def texts(card: GpuPackCard) -> str:
    return "\n".join(text.text() for text in card.findChildren(QLabel) if text.isVisibleTo(card))


def press(card: GpuPackCard, name: str, qtbot: QtBot) -> None:
    button = next(each for each in card.findChildren(QPushButton) if each.accessibleName() == name)
    with qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        button.click()


def test_that_a_pack_is_added_and_removed_with_one_click(
    card: GpuPackCard, session: Session, make_pack: MakePack, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.add_pack(make_pack())
    added, may_restart = texts(card), card.restart_button.isVisibleTo(card)

    press(card, "Remove stand-in", qtbot)

    assert "stand-in" in added
    assert "used from the next start on" in added
    assert "The change holds from the next start on" in added and may_restart
    assert "stand-in" not in texts(card)
    assert not card.restart_button.isVisibleTo(card)
    assert not (session.workspace.folder.root / "packs" / "stand-in").exists()


def test_that_a_restart_is_one_press_away(
    card: GpuPackCard, session: Session, make_pack: MakePack, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.add_pack(make_pack())

    with qtbot.waitSignal(session.restart_wanted):
        card.restart_button.click()


def test_that_what_is_no_pack_is_refused_with_a_sentence(
    card: GpuPackCard, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "letter.calopack").write_text("dear reader", encoding="utf-8")

    with qtbot.waitSignal(session.failure) as failure, qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.add_pack(tmp_path / "letter.calopack")

    assert isinstance(failure.args[0], NotAPackError)
    assert card.add_button.isEnabled()


def test_that_a_pack_that_failed_says_why_and_can_be_tried_again(
    card: GpuPackCard, session: Session, make_pack: MakePack, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.add_pack(make_pack())
    PackPlaces.of(session.workspace.folder.root).note_trouble(PackCrashedError("stand-in"))
    with qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.look_again()
    said = card.trouble.text()

    press(card, "Use stand-in", qtbot)

    assert "ended while it loaded" in said
    assert card.trouble.isHidden()
    assert PackPlaces.of(session.workspace.folder.root).chosen == "stand-in"


def test_that_an_old_driver_is_said_in_settings(
    card: GpuPackCard, make_pack: MakePack, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, session: Session
) -> None:
    old = GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 12_884_901_888, "535.54.03")
    monkeypatch.setattr(gpu_packs, "graphics_cards", lambda: (old,))

    with qtbot.waitSignal(session.failure) as failure, qtbot.waitSignal(card.model.looked, timeout=LONG_MS):
        card.add_pack(make_pack(driver="580.65", lines="cuda = '13.0'\n"))

    assert isinstance(failure.args[0], DriverTooOldError)
    assert "NVIDIA GeForce RTX 3060, 12.9 GB" in texts(card)
    assert "until it gets the GPU pack" in texts(card)
    assert card.add_button.property("kind") == "primary"


def test_that_a_pack_dropped_on_the_window_goes_to_settings(
    session: Session, make_pack: MakePack, qtbot: QtBot
) -> None:
    window = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    qtbot.addWidget(window)

    window.incoming.take_paths([make_pack()], into_new=True)

    card = window.findChild(GpuPackCard)
    assert isinstance(card, GpuPackCard)
    qtbot.waitUntil(lambda: card.model.installed == "stand-in" and not card.model.is_running, timeout=LONG_MS)
    assert window.current_page == "settings"
    assert session.project is None
    window.close()


def test_that_trouble_that_the_first_work_found_is_said_once(session: Session, qtbot: QtBot) -> None:
    watch = PackWatch(session, session)
    said: list[object] = []
    session.failure.connect(said.append)
    PackPlaces.of(session.workspace.folder.root).note_trouble(PackCrashedError("stand-in"))

    watch.look()
    watch.look()

    assert [type(error) for error in said] == [PackCrashedError]
    again = PackWatch(session, session)
    again.look()
    assert isinstance(again.at_start, PackCrashedError)
    assert len(said) == 1
