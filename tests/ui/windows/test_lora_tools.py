"""The tools of the Library in the window: each makes its file, says what came of it, and refuses in place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from safetensors.torch import load_file, save_file
from shiboken6 import isValid

from calotype.diffusion.checkpoint_layout import VAE, VAE_PREFIX, checkpoint_parts
from calotype.domain.lora_tools import LayerDone
from calotype.domain.models import LoraCard
from calotype.domain.recognised import ModelKind
from calotype.services import model_catalog
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.library_cards import BaseModelRow
from calotype.ui.widgets.lora_tile import LoraTile
from calotype.ui.windows.library_page import LibraryPage
from calotype.ui.windows.lora_tool_dialog import LoraToolDialog
from calotype.ui.windows.task_dialog import TaskDialog
from calotype.ui.workers.background_job import wait_for_all_jobs

KEY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
WriteTensors = Callable[..., Path]
Run = Callable[[LoraToolDialog], None]


@pytest.fixture
def library(session: Session, starter_folder: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[LibraryPage]:
    """The Library page with two LoRAs for the starter, and a copy of the starter that differs in one layer."""
    for number, name in enumerate(("fox", "owl")):
        chance = torch.Generator().manual_seed(number)
        down, up = torch.randn(4, 256, generator=chance), torch.randn(128, 4, generator=chance)
        save_file({f"{KEY}.lora_down.weight": down, f"{KEY}.lora_up.weight": up}, tmp_path / f"{name}.safetensors")
        model_catalog.add_lora(session.workspace, tmp_path / f"{name}.safetensors")
    tuned = Path(shutil.copytree(starter_folder, tmp_path / "tuned"))
    weights = load_file(tuned / WEIGHTS)
    weights["down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight"] += 0.01
    save_file(weights, tuned / WEIGHTS)
    model_catalog.add_base_model(session.workspace, tuned)
    page = LibraryPage(session, GenerationModel(session, session))
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    yield page
    for dialog in page.findChildren(TaskDialog):
        dialog.task.stop()
        wait_for_all_jobs()
        dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def run(qtbot: QtBot) -> Run:
    """Press the button of a dialog, and wait for the end."""

    def press(dialog: LoraToolDialog) -> None:
        with qtbot.waitSignal(dialog.model.finished, timeout=60_000):
            qtbot.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)

    return press


def _card(session: Session, name: str) -> LoraCard:
    return next(card for card in model_catalog.list_loras(session.workspace) if card.path.stem == name)


def _tiles(page: LibraryPage) -> set[str]:
    return {tile.accessibleName() for tile in page.findChildren(LoraTile) if tile.isVisible()}


def test_that_the_menu_of_a_lora_leads_to_its_tools(library: LibraryPage, qtbot: QtBot) -> None:
    tile = next(tile for tile in library.findChildren(LoraTile) if tile.accessibleName() == "fox")
    tile.open_tools()
    menu = tile.findChild(QMenu)
    assert menu is not None
    actions = {action.text(): action for action in menu.actions()}

    actions["Resize…"].trigger()
    menu.close()

    assert list(filter(None, actions)) == ["Resize…", "Merge with others…", "Bake into a model…", "Show in its folder"]
    assert [dialog.windowTitle() for dialog in library.findChildren(TaskDialog)] == ["Resize a LoRA"]


def test_that_a_lora_is_resized_into_the_library(library: LibraryPage, session: Session, run: Run) -> None:
    dialog = library.tools.resize(_card(session, "fox"))
    dialog.rank.setValue(2)
    suggested = dialog.name.text()

    run(dialog)

    made = _card(session, "fox-rank2")
    assert (suggested, made.rank) == ("fox-rank2", 2)
    assert _tiles(library) == {"fox", "owl", "fox-rank2"}
    assert "It is in the Library as fox-rank2: rank 2" in dialog.words.text()
    assert re.search(r"It keeps \d+\.\d % of", dialog.words.text())
    assert (dialog.cancel_button.text(), dialog.go_button.isVisible()) == ("Close", False)


def test_that_a_name_of_ones_own_stays_and_a_taken_one_is_never_replaced(
    library: LibraryPage, session: Session, run: Run, qtbot: QtBot
) -> None:
    dialog = library.tools.resize(_card(session, "fox"))
    before = _card(session, "owl").path.read_bytes()
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "owl")
    dialog.rank.setValue(1)
    kept = dialog.name.text()

    run(dialog)

    assert kept == "owl"
    assert _card(session, "owl").path.read_bytes() == before
    assert _card(session, "owl-2").rank == 1


def test_that_a_merge_begins_with_the_first_lora_and_offers_one_that_can_be_merged_with_it(
    library: LibraryPage, session: Session, tmp_path: Path
) -> None:
    dora = {f"{KEY}.lora_down.weight": torch.ones(2, 256), f"{KEY}.lora_up.weight": torch.ones(128, 2)}
    save_file({**dora, f"{KEY}.dora_scale": torch.ones(128, 1)}, tmp_path / "dora.safetensors")
    model_catalog.add_lora(session.workspace, tmp_path / "dora.safetensors")

    dialog = library.tools.merge(_card(session, "owl"))

    assert dialog.loras.names() == ["owl", "fox"]  # the newest one comes last
    assert dialog.focusWidget() is dialog.loras.rows[0].field
    assert not dialog.loras.rows[0].remove.isVisible()


def test_that_a_resized_lora_is_called_as_it_was_named(library: LibraryPage, session: Session, run: Run) -> None:
    dialog = library.tools.resize(_card(session, "fox"))
    dialog.rank.setValue(1)
    dialog.name.setText("My small fox")

    run(dialog)

    assert _card(session, "My-small-fox").name == "My small fox"
    assert "It is in the Library as My small fox: rank 1" in dialog.words.text()


def test_that_several_are_merged_at_their_strengths(library: LibraryPage, session: Session, run: Run) -> None:
    dialog = library.tools.merge(_card(session, "owl"))
    dialog.loras.rows[1].strength.setValue(0.5)
    chosen = dialog.loras.names()

    run(dialog)

    made = next(card for card in model_catalog.list_loras(session.workspace) if card.path.stem == "owl-and-fox")
    assert chosen == ["owl", "fox"]
    assert made.rank == 8
    assert "Nothing was cut off." in dialog.words.text()
    assert all(not row.remove.isEnabled() for row in dialog.loras.rows)


def test_that_a_lora_is_baked_into_a_copy_on_the_list(
    library: LibraryPage, session: Session, run: Run, qtbot: QtBot
) -> None:
    dialog = library.tools.bake(_card(session, "fox"))
    dialog.base.setCurrentIndex(dialog.base.findText("Starter"))

    run(dialog)

    assert "It is on the list of base models as Starter-with-fox" in dialog.words.text()
    expected = {"Starter", "tuned", "Starter-with-fox"}
    qtbot.waitUntil(
        lambda: {row.accessibleName() for row in library.findChildren(BaseModelRow) if row.isVisible()} == expected
    )


def test_that_the_difference_of_two_models_becomes_a_lora(library: LibraryPage, session: Session, run: Run) -> None:
    dialog = library.tools.extract()
    dialog.after.setCurrentIndex(dialog.after.findText("Starter"))
    was_ready = dialog.go_button.isEnabled()
    dialog.after.setCurrentIndex(dialog.after.findText("tuned"))

    run(dialog)

    assert not was_ready
    assert _tiles(library) == {"fox", "owl", "tuned as LoRA"}


def test_that_a_refusal_is_said_in_the_dialog_and_can_be_put_right(
    library: LibraryPage, session: Session, run: Run
) -> None:
    card = _card(session, "fox")
    whole = card.path.read_bytes()
    dialog = library.tools.resize(card)
    card.path.write_bytes(whole[:-9])

    run(dialog)
    told = dialog.banner.isVisible()
    card.path.write_bytes(whole)
    run(dialog)

    assert told and not dialog.banner.isVisible()
    assert _card(session, "fox-rank2").rank == 2


def test_that_a_stop_leaves_nothing_and_a_closed_dialog_goes_when_its_work_has(
    library: LibraryPage, session: Session, qtbot: QtBot
) -> None:
    dialog = library.tools.bake(_card(session, "fox"))
    model = dialog.model
    model.changed.connect(lambda: dialog.close() if isinstance(model.progress, LayerDone) else None)
    with qtbot.waitSignal(dialog.finished, timeout=60_000):
        qtbot.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    assert not isValid(dialog)
    assert [card.name for card in model_catalog.list_base_models(session.workspace)] == ["Starter", "tuned"]
    assert not list(session.workspace.folder.downloads.glob("Starter*"))


def test_that_another_vae_is_used_or_refused_in_place(
    library: LibraryPage, session: Session, write_tensors: WriteTensors, qtbot: QtBot
) -> None:
    parts = checkpoint_parts(ModelKind.SD2)
    path = write_tensors("dream.safetensors", {key: shape for part in parts.values() for key, shape in part.items()})
    dream = model_catalog.add_base_model(session.workspace, path)
    inside = {key.removeprefix(VAE_PREFIX): shape for key, shape in parts[VAE].items()}
    vae = write_tensors("sharp.safetensors", inside)
    dialog = library.tools.change_vae(dream)
    with qtbot.waitSignal(dialog.task.finished):
        dialog.use(path)
    refused = dialog.banner.isVisible()
    with qtbot.waitSignal(dialog.task.finished):
        dialog.use(vae)
    used = model_catalog.find_base_model(session.workspace, dream.id).vae
    is_offered = dialog.own_button.isVisible()
    with qtbot.waitSignal(dialog.task.finished):
        qtbot.mouseClick(dialog.own_button, Qt.MouseButton.LeftButton)

    assert (refused, used, is_offered) == (True, vae, True)
    assert model_catalog.find_base_model(session.workspace, dream.id).vae is None
