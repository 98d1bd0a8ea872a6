"""Models and LoRAs that fall on the window go to the Library, or are named for what they are."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.errors import BaseModelUnsupportedError, LoraUnreadableError, PickleFileError
from calotype.domain.recognised import ModelKind
from calotype.services import model_catalog
from calotype.services.workspace import Workspace
from calotype.ui.models.session import Session
from calotype.ui.widgets.drop_zone import DropZone
from calotype.ui.widgets.library_cards import BaseModelRow
from calotype.ui.widgets.lora_tile import LoraTile
from calotype.ui.windows.main_window import MainWindow

MakePictures = Callable[[int], Path]
WriteTensors = Callable[..., Path]
BUTTON, KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def _hover(window: MainWindow, *paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, data, BUTTON, KEYS))
    return data


def _drop(window: MainWindow, *paths: Path) -> None:
    data = _hover(window, *paths)
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, data, BUTTON, KEYS))


def _veil_words(veil: DropZone) -> tuple[str, str]:
    return veil._invitation._title.text(), veil._invitation._text.text()


def _says(veil: DropZone, title: str) -> bool:
    return _veil_words(veil)[0] == title


def _shown(window: MainWindow, kind: type[QWidget]) -> list[str]:
    return [card.accessibleName() for card in window.page("library").findChildren(kind) if not card.isHidden()]


def test_that_a_dropped_folder_and_lora_are_added(
    window: MainWindow, write_tensors: WriteTensors, starter_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = Path(shutil.copytree(starter_folder, tmp_path / "Mine"))
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    lora = write_tensors("zorbi.safetensors", {f"{key}.lora_down.weight": (4, 64), f"{key}.lora_up.weight": (64, 4)})

    _drop(window, folder, lora)

    assert window.current_page == "library"
    qtbot.waitUntil(lambda: _shown(window, BaseModelRow) == ["Starter", "Mine"])
    qtbot.waitUntil(lambda: _shown(window, LoraTile) == ["zorbi"])


def test_that_a_lora_is_copied_beside_the_window_and_a_refused_one_does_not_keep_the_next_away(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    may_go_on, threads = threading.Event(), list[int]()
    failures: list[object] = []
    session.failure.connect(failures.append)

    def slow(_workspace: Workspace, path: Path) -> None:
        threads.append(threading.get_ident())
        if path.name == "no.safetensors":
            raise LoraUnreadableError(path.name, "it is torn")
        assert may_go_on.wait(30)

    monkeypatch.setattr(model_catalog, "add_file", slow)

    _drop(window, tmp_path / "no.safetensors", tmp_path / "large.safetensors")
    qtbot.waitUntil(lambda: len(threads) == 2)
    window.show_page("home")  # which nothing holds up
    with qtbot.waitSignal(session.loras_changed):
        may_go_on.set()

    assert threading.get_ident() not in threads
    assert [type(failure) for failure in failures] == [LoraUnreadableError]


def test_that_a_dropped_checkpoint_is_added_removed_and_put_back(
    window: MainWindow, session: Session, write_tensors: WriteTensors, qtbot: QtBot
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD1).values() for key, shape in part.items()}
    path = write_tensors("dream.safetensors", shapes)

    _drop(window, path)
    qtbot.waitUntil(lambda: _shown(window, BaseModelRow) == ["Starter", "dream"])
    rows = window.page("library").findChildren(BaseModelRow)
    next(row for row in rows if row.accessibleName() == "dream" and not row.isHidden()).remove_requested.emit()
    qtbot.waitUntil(lambda: _shown(window, BaseModelRow) == ["Starter"])
    session.undo.undo()

    qtbot.waitUntil(lambda: _shown(window, BaseModelRow) == ["Starter", "dream"])
    assert path.is_file()


def test_that_a_dropped_checkpoint_is_named_and_why_it_is_refused(
    window: MainWindow, session: Session, write_tensors: WriteTensors, qtbot: QtBot
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SDXL_REFINER).values() for key, shape in part.items()}
    path = write_tensors("xl.safetensors", shapes)

    with qtbot.waitSignal(session.failure) as failure:
        _drop(window, path)

    assert isinstance(failure.args[0], BaseModelUnsupportedError)
    assert window.current_page == "library"
    assert window.failure_banner.isVisible()
    qtbot.waitUntil(lambda: _shown(window, BaseModelRow) == ["Starter"])
    assert model_catalog.missing_base_models(session.workspace) == []


def test_that_pictures_dropped_together_with_a_model_are_imported(
    window: MainWindow, session: Session, make_pictures: MakePictures, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "old.ckpt").write_bytes(b"\x80\x02}q\x00.")

    failures: list[object] = []
    session.failure.connect(failures.append)

    with qtbot.waitSignal(session.imports.finished):
        _drop(window, make_pictures(3), tmp_path / "old.ckpt")

    qtbot.waitUntil(lambda: failures != [])
    assert [type(failure) for failure in failures] == [PickleFileError]
    assert session.imports.accepted == 3


def test_that_the_veil_says_where_a_drop_goes(window: MainWindow, make_pictures: MakePictures, tmp_path: Path) -> None:
    (tmp_path / "old.ckpt").touch()
    window.show_page("create")
    veil = next(zone for zone in window.findChildren(DropZone) if zone.parent() is window)
    titles = []

    for paths in ([tmp_path / "old.ckpt"], [make_pictures(1)], [tmp_path / "cuda.calopack"]):
        _hover(window, *paths)
        titles.append(_veil_words(veil)[0])
    _hover(window, tmp_path / "cuda.calopack", tmp_path / "rusty")

    assert titles == ["Drop to add to the Library", "Drop to add the pictures", "Drop to add the GPU pack"]
    assert _veil_words(veil)[0] == "Drop to add everything"


def test_that_the_veil_tells_a_model_from_a_lora_and_from_what_cannot_be_used(
    window: MainWindow, starter_folder: Path, write_tensors: WriteTensors, tmp_path: Path, qtbot: QtBot
) -> None:
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    lora = write_tensors("zorbi.safetensors", {f"{key}.lora_down.weight": (4, 64), f"{key}.lora_up.weight": (64, 4)})
    (tmp_path / "old.ckpt").write_bytes(b"\x80\x02}q\x00.")
    veil = next(zone for zone in window.findChildren(DropZone) if zone.parent() is window)

    for path, title in (
        (lora, "Drop to add the LoRA"),
        (starter_folder, "Drop to add the model"),
        (tmp_path / "old.ckpt", "This cannot be used"),
    ):
        _hover(window, path)
        qtbot.waitUntil(partial(_says, veil, title))
        assert path.name in _veil_words(veil)[1]
        assert veil.isVisible()  # on Home as well, whose own place is for pictures


def test_that_home_itself_glows_for_pictures(window: MainWindow, make_pictures: MakePictures) -> None:
    veil = next(zone for zone in window.findChildren(DropZone) if zone.parent() is window)

    _hover(window, make_pictures(1))

    assert window.current_page == "home"
    assert veil.isHidden()
