"""LoRAs in the Library page: found, rated, described."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from calotype.domain.lora_library import LoraNotes
from calotype.services import lora_library, model_catalog
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.lora_tile import LoraTile
from calotype.ui.widgets.stars import Stars
from calotype.ui.windows.library_page import LibraryPage
from calotype.ui.windows.lora_dialog import LoraDialog

KEY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.fixture
def library(session: Session, tmp_path: Path, qtbot: QtBot) -> LibraryPage:
    """The Library page with a LoRA for the starter, and a LoHa for Stable Diffusion 1."""
    fox = {f"{KEY}.lora_down.weight": torch.ones(2, 256), f"{KEY}.lora_up.weight": torch.ones(128, 2)}
    ship = {
        f"{KEY}.hada_w{n}_{half}": torch.ones(shape)
        for n in (1, 2)
        for half, shape in (("a", (640, 4)), ("b", (4, 768)))
    }
    for name, tensors in (("fox", fox), ("ship", {**ship, "odd.tensor": torch.ones(1)})):
        save_file(
            tensors, tmp_path / f"{name}.safetensors", {"ss_steps": "300", "modelspec.trigger_phrase": f"my {name}"}
        )
        model_catalog.add_lora(session.workspace, tmp_path / f"{name}.safetensors")
    page = LibraryPage(session, GenerationModel(session, session))
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    return page


def _shown(page: LibraryPage) -> set[str]:
    return {tile.accessibleName() for tile in page.findChildren(LoraTile) if tile.isVisible()}


def _stars(page: LibraryPage, name: str) -> Stars:
    return next(
        tile.stars for tile in page.findChildren(LoraTile) if tile.accessibleName() == name and not tile.isHidden()
    )


def test_that_a_search_leaves_what_fits_and_can_be_taken_back(library: LibraryPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(library._find.search, "SHIP")
    by_words = _shown(library)
    library._find.search.setText("nothing like it")
    none, offer = _shown(library), library._nothing_found
    was_offered = offer.isVisible()
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    everything = _shown(library)
    library._find.family.setCurrentIndex(library._find.family.findText("Starter"))
    by_family = _shown(library)
    library._find.clear()
    library._find.kind.setCurrentIndex(library._find.kind.findText("LoHa"))

    assert (by_words, none, was_offered, everything) == ({"ship"}, set(), True, {"fox", "ship"})
    assert not offer.isVisible()
    assert (by_family, _shown(library)) == ({"fox"}, {"ship"})


def test_that_stars_are_given_taken_back_and_remembered(library: LibraryPage, session: Session, qtbot: QtBot) -> None:
    stars = _stars(library, "fox")

    qtbot.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(2 + 3 * 20 + 10, 12))
    four = {lora.card.name: lora.notes.rating for lora in lora_library.shelf(session.workspace)}
    said = stars.accessibleName()
    qtbot.keyClick(stars, Qt.Key.Key_Left)
    three = stars.rating
    qtbot.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(2 + 2 * 20 + 10, 12))

    assert (four, said, three) == ({"fox": 4, "ship": 0}, "Rating of fox: 4 of 5 stars", 3)
    assert {lora.notes.rating for lora in lora_library.shelf(session.workspace)} == {0}


def _dialog(library: LibraryPage, name: str, qtbot: QtBot) -> LoraDialog:
    button = next(
        each for each in library.findChildren(QPushButton) if each.accessibleName() == f"Details and notes of {name}"
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return library.findChildren(LoraDialog)[-1]


def test_that_details_say_what_the_file_tells_and_keep_notes(
    library: LibraryPage, session: Session, qtbot: QtBot
) -> None:
    dialog = _dialog(library, "ship", qtbot)
    facts = {text.property("fact"): text.text() for text in dialog.findChildren(QLabel) if text.property("fact")}

    dialog.editor.setPlainText("Good at 0.8")
    dialog.stars.rate(5)
    dialog.reject()

    assert facts["Kind"] == "LoHa"
    assert facts["Made for"] == "Stable Diffusion 1"
    assert facts["Rank"] == "4, alpha 4"
    assert facts["Without effect"].endswith("odd.tensor")
    assert facts["Learned in"] == "not here"
    assert facts["Fits"] == "no base model of this Library"
    assert facts["steps"] == "300"
    kept = {lora.card.name: lora.notes for lora in lora_library.shelf(session.workspace)}
    assert kept == {"fox": LoraNotes(), "ship": LoraNotes(5, "Good at 0.8")}
    assert _stars(library, "ship").rating == 5
    library._find.search.setText("0.8")
    assert _shown(library) == {"ship"}


def test_that_notes_are_kept_soon_after_typing(library: LibraryPage, session: Session, qtbot: QtBot) -> None:
    dialog = _dialog(library, "fox", qtbot)

    with qtbot.waitSignal(dialog.notes_changed):
        qtbot.keyClicks(dialog.editor, "calm")

    assert {lora.notes.text for lora in lora_library.shelf(session.workspace)} == {"", "calm"}
    dialog.reject()


def test_that_a_lora_is_used_from_its_details(library: LibraryPage, session: Session, qtbot: QtBot) -> None:
    dialog = _dialog(library, "fox", qtbot)

    with qtbot.waitSignals([session.page_requested, library._generation.lora_wanted]):
        qtbot.mouseClick(dialog._use, Qt.MouseButton.LeftButton)

    assert not dialog.isVisible()


def test_that_a_file_that_was_taken_away_is_said(library: LibraryPage, session: Session, qtbot: QtBot) -> None:
    (session.workspace.folder.loras / "fox.safetensors").unlink()
    button = next(
        each for each in library.findChildren(QPushButton) if each.accessibleName() == "Details and notes of fox"
    )

    with qtbot.waitSignal(session.failure) as failure:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert "fox.safetensors could not be read" in str(failure.args[0])
