"""Settings list when the network is used; an update is looked for when one asks, or once a day if one said so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from calotype.domain.graphics import GraphicsCard, Vendor
from calotype.packs.manifest import this_abi, this_platform
from calotype.packs.torch_build import torch_build
from calotype.services import gpu_packs, pack_downloads
from calotype.services.workspace import load_settings
from calotype.ui.models.session import Session
from calotype.ui.models.update_watch import UpdateWatch
from calotype.ui.widgets.gpu_pack_card import GpuPackCard
from calotype.ui.widgets.network_card import NetworkCard

if TYPE_CHECKING:
    from release_server import ReleaseServer

MakePack = Callable[..., Path]


def _texts(card: NetworkCard) -> str:
    return "\n".join(text.text() for text in card.findChildren(QLabel) if text.isVisibleTo(card))


def test_that_a_program_without_a_place_for_updates_says_so(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALOTYPE_RELEASES", raising=False)

    card = NetworkCard(session)
    qtbot.addWidget(card)

    assert "knows no place where updates are published" in _texts(card)
    assert not card.look_button.isVisibleTo(card)
    assert not card.daily.isVisibleTo(card)


def test_that_the_button_asks_and_says_what_is_new(session: Session, qtbot: QtBot, releases: ReleaseServer) -> None:
    card = NetworkCard(session)
    qtbot.addWidget(card)
    online: list[bool] = []
    session.online_changed.connect(online.append)

    with qtbot.waitSignal(card.watch.found):
        card.look_button.click()

    assert card.news.text() == "Calotype 99.1 is there."
    assert card.page_button.isVisibleTo(card)
    assert online == [True, False]


def test_that_no_answer_is_a_sentence(session: Session, qtbot: QtBot, releases: ReleaseServer) -> None:
    releases.values = "no list"
    card = NetworkCard(session)
    qtbot.addWidget(card)

    with qtbot.waitSignal(card.watch.failed):
        card.look_button.click()

    assert "cannot be read" in card.news.text()


def test_that_it_looks_by_itself_only_once_a_day_and_only_if_switched_on(
    session: Session, qtbot: QtBot, releases: ReleaseServer
) -> None:
    watch = UpdateWatch(session, session)
    watch.look_if_due()
    assert not watch._look.is_looking
    card = NetworkCard(session)
    qtbot.addWidget(card)

    card.daily.setChecked(True)
    with qtbot.waitSignal(watch.found):
        watch.look_if_due()
    watch.look_if_due()

    assert load_settings(session.workspace).looks_for_updates
    assert len(releases.asked) == 1


def test_that_what_would_be_downloaded_is_seen_before_it_is(
    session: Session, qtbot: QtBot, releases: ReleaseServer, make_pack: MakePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 12_884_901_888, "580.65.06"),)
    for module in (gpu_packs, pack_downloads):
        monkeypatch.setattr(module, "graphics_cards", lambda: found)
    version = torch_build().version.partition("+")[0] + "+cu130"
    releases.offer(make_pack().read_bytes(), torch_version=version, python_abi=this_abi(), platform=this_platform())
    card = GpuPackCard(session)
    qtbot.addWidget(card)
    with qtbot.waitSignal(card.model.looked):
        card.look_again()

    with qtbot.waitSignal(card.model.looked):
        card.download_button.click()
    seen, asked = card.download_button.text(), [path for path, _ in releases.asked]
    with qtbot.waitSignal(card.model.looked, timeout=60_000):
        card.download_button.click()

    assert seen.startswith("Download stand-in, ")
    assert asked == ["/calotype/releases.json"]
    assert gpu_packs.packs_report(session.workspace).chosen == "stand-in"
