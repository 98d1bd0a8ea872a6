"""The main job through the real window: drop pictures, train, watch, keep the LoRA, draw with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from safetensors import safe_open

from calotype.app import make_window
from calotype.services.workspace import Workspace
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.workers.background_job import wait_for_all_jobs

MINUTES = 60_000


@pytest.fixture
def window(workspace: Workspace, qapp: QApplication, qtbot: QtBot) -> Iterator[tuple[Session, MainWindow]]:
    """The whole window as the app builds it."""
    session, opened = make_window(qapp, workspace)
    qtbot.addWidget(opened)
    opened.resize(1280, 720)
    opened.show()
    yield session, opened
    opened.close()
    wait_for_all_jobs()
    opened.deleteLater()
    session.deleteLater()


def _drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, action = QPointF(500, 300), Qt.DropAction.CopyAction
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), action, data, button, keys))
    QApplication.sendEvent(window, QDropEvent(place, action, data, button, keys))


def _button(parent: QWidget, text: str) -> QAbstractButton:
    found = [button for button in parent.findChildren(QAbstractButton) if button.isVisible() and text in button.text()]
    assert found, f"no visible button says {text!r}"
    return found[0]


def _click(qtbot: QtBot, parent: QWidget, text: str) -> None:
    button = _button(parent, text)
    qtbot.waitUntil(button.isEnabled, timeout=MINUTES)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def _type_setting(qtbot: QtBot, window: MainWindow, name: str, value: int) -> None:
    """Find a setting in the drawer by its accessible name, and type a number."""
    field = next(line for line in window.findChildren(QLineEdit) if line.accessibleName() == name)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, str(value))


def _train(qtbot: QtBot, session: Session, shown: MainWindow) -> None:
    """Make the run short in the drawer, start it with the mouse, and wait for its end."""
    _click(qtbot, shown, "Advanced settings")
    for name, value in (("Steps", 8), ("Pictures per step", 2), ("Check every", 4), ("Preview every", 8)):
        _type_setting(qtbot, shown, name, value)
    training = session.findChild(TrainingRunModel)
    assert training is not None
    with qtbot.waitSignal(training.finished, timeout=3 * MINUTES):
        _click(qtbot, shown, "Start training")
    assert [point.step for point in training.series.validations] == [0, 4, 8]
    assert sorted(training.series.previews) == [0, 8]


def _draw(qtbot: QtBot, shown: MainWindow, words: str) -> None:
    """Go on to Create with the LoRA, type a prompt, and ask for pictures from the keyboard."""
    _click(qtbot, shown, "Use in Create")
    qtbot.waitUntil(lambda: shown.current_page == "create", timeout=MINUTES)
    create = shown.page("create")
    prompt = next(box for box in create.findChildren(QPlainTextEdit) if box.accessibleName() == "Prompt")
    prompt.setFocus()
    prompt.selectAll()
    qtbot.keyClicks(prompt, words)
    qtbot.keyClick(prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.slow
def test_that_dropped_pictures_become_a_lora_that_draws(
    window: tuple[Session, MainWindow],
    workspace: Workspace,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, shown = window
    pictures = Path(shutil.copytree(str(files("calotype_resources") / "sample"), tmp_path / "Zorbi"))
    with qtbot.waitSignal(session.imports.finished, timeout=MINUTES):
        _drop(shown, pictures)
    qtbot.waitUntil(lambda: session.image_set is not None and len(session.image_set.images) == 18)
    _click(qtbot, shown, "Continue to training")

    _train(qtbot, session, shown)

    target = tmp_path / "kept" / "zorbi.safetensors"
    target.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target), ""))
    _click(qtbot, shown, "Export LoRA")
    qtbot.waitUntil(target.is_file, timeout=MINUTES)
    with safe_open(target, "pt") as file:
        assert file.metadata()["modelspec.trigger_phrase"] == "zorbi"
        assert all(key.startswith("lora_unet_") for key in file.keys())  # noqa: SIM118 - not a dict

    _draw(qtbot, shown, "zorbi, 3d render, waving, blue background")
    qtbot.waitUntil(lambda: len(list(workspace.folder.outputs.glob("*/*.png"))) >= 1, timeout=3 * MINUTES)
    assert b"<lora:zorbi" in next(workspace.folder.outputs.glob("*/*.png")).read_bytes()
