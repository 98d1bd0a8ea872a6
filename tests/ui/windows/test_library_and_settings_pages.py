"""The Library and Settings pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import VAE, checkpoint_parts
from calotype.domain.errors import BaseModelError, ComparisonModelUnsupportedError, LoraUnreadableError, StorageError
from calotype.domain.errors.folders import NotAFolderError
from calotype.domain.models import PredictionSource
from calotype.domain.recognised import ModelKind
from calotype.domain.settings import Theme
from calotype.services import model_catalog
from calotype.services.workspace import load_settings
from calotype.startup.data_root import default_root
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.comparison_model_card import ComparisonModelCard
from calotype.ui.widgets.data_folder_card import DataFolderCard
from calotype.ui.widgets.library_cards import BaseModelRow, BrokenModelRow
from calotype.ui.widgets.lora_tile import LoraTile
from calotype.ui.widgets.segments import Segment
from calotype.ui.windows.first_start import FirstStart
from calotype.ui.windows.library_page import LibraryPage
from calotype.ui.windows.settings_page import SettingsPage

MakeVisionFolder = Callable[[str], Path]


@pytest.fixture
def library(session: Session, qtbot: QtBot) -> LibraryPage:
    """The Library page."""
    page = LibraryPage(session, GenerationModel(session, session))
    qtbot.addWidget(page)
    return page


def shown(page: LibraryPage, kind: type[QWidget]) -> list[str]:
    return [card.accessibleName() for card in page.findChildren(kind) if not card.isHidden()]


def test_that_the_starter_is_there_and_cannot_be_removed(library: LibraryPage) -> None:
    row = library.findChildren(BaseModelRow)[0]

    assert row.accessibleName() == "Starter"
    assert row.findChildren(QPushButton) == []


def test_that_a_model_folder_is_added_removed_and_put_back(
    library: LibraryPage, session: Session, starter_folder: Path, qtbot: QtBot
) -> None:
    library.add_model(starter_folder)
    added = [card for card in model_catalog.list_base_models(session.workspace) if card.id != "starter"]
    row = next(row for row in library.findChildren(BaseModelRow) if row.findChildren(QPushButton))

    row.remove_requested.emit()
    after_removal = len(model_catalog.list_base_models(session.workspace))
    session.undo.undo()

    assert len(added) == 1
    assert after_removal == 1
    assert len(model_catalog.list_base_models(session.workspace)) == 2
    session.undo.redo()
    assert len(model_catalog.list_base_models(session.workspace)) == 1
    session.undo.undo()
    assert [card.id for card in model_catalog.list_base_models(session.workspace)] == ["starter", added[0].id]


def test_that_a_list_of_models_that_cannot_be_written_is_said(
    library: LibraryPage, session: Session, starter_folder: Path, qtbot: QtBot
) -> None:
    library.add_model(starter_folder)
    lock = session.workspace.folder.models.with_suffix(".lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()
    row = next(row for row in library.findChildren(BaseModelRow) if row.findChildren(QPushButton))

    with qtbot.waitSignal(session.failure) as failure:
        row.remove_requested.emit()

    assert isinstance(failure.args[0], StorageError)
    assert len(model_catalog.list_base_models(session.workspace)) == 2


def test_that_a_folder_that_is_no_model_is_refused_with_a_sentence(
    library: LibraryPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.failure) as failure:
        library.add_model(tmp_path)

    assert isinstance(failure.args[0], BaseModelError)
    assert library.findChildren(BrokenModelRow) == []


def test_that_a_file_that_is_no_lora_is_refused_with_a_sentence(
    library: LibraryPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "not.safetensors"
    path.write_bytes(b"nothing of the kind")

    with qtbot.waitSignal(session.failure) as failure:
        library.add_lora(path)

    assert isinstance(failure.args[0], LoraUnreadableError)


def test_that_a_lora_is_removed_and_put_back(
    library: LibraryPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    path = tmp_path / "mine.safetensors"
    save_file({f"{key}.lora_down.weight": torch.zeros(4, 64), f"{key}.lora_up.weight": torch.zeros(64, 4)}, path)
    with qtbot.waitSignal(session.loras_changed):
        library.add_lora(path)
    remove = next(b for b in library.findChildren(QPushButton) if b.accessibleName() == "Remove mine")

    qtbot.mouseClick(remove, Qt.MouseButton.LeftButton)
    after_removal = shown(library, LoraTile)
    session.undo.undo()

    assert after_removal == []
    assert shown(library, LoraTile) == ["mine"]


def test_that_the_theme_changes_at_once_and_is_kept(session: Session, qtbot: QtBot) -> None:
    page = SettingsPage(session)
    qtbot.addWidget(page)
    light = next(segment for segment in page.findChildren(Segment) if segment.text() == "Light")

    with qtbot.waitSignal(session.settings_changed):
        light.click()

    assert load_settings(session.workspace).theme is Theme.LIGHT


def test_that_another_data_folder_waits_for_the_next_start(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALOTYPE_HOME")
    page = SettingsPage(session)
    qtbot.addWidget(page)
    before = session.workspace.folder.root

    card = page.findChild(DataFolderCard)
    assert isinstance(card, DataFolderCard)
    card.move_to(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: bool(card.note_text))

    assert session.workspace.folder.root == before
    assert default_root() == tmp_path / "elsewhere"
    assert "move everything" in card.note_text


def test_that_a_data_folder_that_cannot_be_used_is_refused(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALOTYPE_HOME")
    card = DataFolderCard(session)
    qtbot.addWidget(card)
    before = default_root()
    (tmp_path / "file").write_bytes(b"")

    with qtbot.waitSignal(session.failure) as failure:
        card.move_to(tmp_path / "file")

    assert isinstance(failure.args[0], NotAFolderError)
    assert default_root() == before


def test_that_the_welcome_page_can_be_seen_again(session: Session, qtbot: QtBot) -> None:
    page = SettingsPage(session)
    qtbot.addWidget(page)

    page.show_welcome()
    welcome = page.findChild(FirstStart)
    assert isinstance(welcome, FirstStart)
    next(segment for segment in welcome.findChildren(Segment) if segment.text() == "Light").click()
    qtbot.waitUntil(welcome.start_button.isEnabled)
    welcome.start_button.click()

    assert session.settings.theme is Theme.LIGHT


def test_that_a_model_that_compares_previews_is_kept_and_can_be_left_again(
    session: Session, qtbot: QtBot, vision_folder: MakeVisionFolder
) -> None:
    page = SettingsPage(session)
    qtbot.addWidget(page)
    card = page.findChild(ComparisonModelCard)
    assert isinstance(card, ComparisonModelCard)
    folder = vision_folder("dinov2")

    card.use_model(folder)
    kept = load_settings(session.workspace).comparison_model
    shows = [each.text() for each in card.findChildren(QLabel) if each.text() == str(folder)]
    leave = next(button for button in card.findChildren(QPushButton) if button.text() == "Use none")
    leave.click()

    assert kept == str(folder)
    assert shows == [str(folder)]
    assert load_settings(session.workspace).comparison_model == ""
    assert leave.isHidden()


def test_that_a_folder_that_cannot_compare_is_refused_and_the_choice_stays(
    session: Session, qtbot: QtBot, vision_folder: MakeVisionFolder, starter_folder: Path
) -> None:
    card = ComparisonModelCard(session)
    qtbot.addWidget(card)
    card.use_model(vision_folder("clip"))

    with qtbot.waitSignal(session.failure) as failure:
        card.use_model(starter_folder)

    assert isinstance(failure.args[0], ComparisonModelUnsupportedError)
    assert session.settings.comparison_model == str(vision_folder("clip"))


def test_that_settings_say_when_the_chosen_model_has_gone(
    session: Session, qtbot: QtBot, vision_folder: MakeVisionFolder, tmp_path: Path
) -> None:
    folder = shutil.copytree(vision_folder("dinov2"), tmp_path / "my model")
    page = SettingsPage(session)
    qtbot.addWidget(page)
    card = page.findChild(ComparisonModelCard)
    assert isinstance(card, ComparisonModelCard)
    card.use_model(folder)
    before = card._trouble.isHidden()

    shutil.rmtree(folder)
    page.activate()

    assert before and not card._trouble.isHidden()
    assert "my model" in card._trouble.text()


def test_that_an_assumed_prediction_can_be_changed_and_survives_the_undo(
    library: LibraryPage, session: Session, write_tensors: Callable[..., Path], qtbot: QtBot
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD2).values() for key, shape in part.items()}
    library.add_model(write_tensors("v2.safetensors", shapes))
    assumed = _row(library, "v2").findChildren(QPushButton)[0]

    qtbot.mouseClick(assumed, Qt.MouseButton.LeftButton)
    chosen = model_catalog.list_base_models(session.workspace)[1]
    _row(library, "v2").remove_requested.emit()
    session.undo.undo()

    assert assumed.text() == "It predicts velocity (v)"
    assert (chosen.prediction_type, chosen.prediction_source) == ("v_prediction", PredictionSource.CHOSEN)
    assert model_catalog.list_base_models(session.workspace)[1] == chosen
    assert "You said that it predicts velocity (v)." in [
        text.text() for text in _row(library, "v2").findChildren(QLabel)
    ]


def test_that_the_vae_of_a_model_is_shown(
    library: LibraryPage, session: Session, write_tensors: Callable[..., Path], qtbot: QtBot
) -> None:
    parts = checkpoint_parts(ModelKind.SD1)
    library.add_model(write_tensors("v1.safetensors", {k: s for part in parts.values() for k, s in part.items()}))
    vae = write_tensors("sharp.safetensors", parts[VAE])

    model_catalog.set_vae(session.workspace, "v1", vae)
    library.reload()

    assert "with the VAE sharp.safetensors" in [text.text() for text in _row(library, "v1").findChildren(QLabel)]


def _row(page: LibraryPage, name: str) -> BaseModelRow:
    rows = [row for row in page.findChildren(BaseModelRow) if row.accessibleName() == name]
    return next(row for row in reversed(rows) if not row.isHidden())
