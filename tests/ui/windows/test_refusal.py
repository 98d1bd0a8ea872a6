"""When the data folder cannot be used, the window says why and lets another one be chosen at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from calotype.domain.errors import AlreadyOpenError, FolderNotWritableError
from calotype.startup.data_root import default_root
from calotype.ui.windows.refusal import say_refusal

UNUSABLE = FolderNotWritableError("/locked", "Permission denied")


def _press(qapp: QApplication, words: str, seen: list[str]) -> None:
    """Press the button with these words as soon as the box is there."""

    def press() -> None:
        boxes = [each for each in qapp.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]
        if not boxes:
            QTimer.singleShot(10, qapp, press)
            return
        seen.append(boxes[0].text())
        next(button for button in boxes[0].buttons() if words in button.text()).click()

    QTimer.singleShot(0, qapp, press)


def test_that_another_data_folder_is_chosen_and_remembered(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALOTYPE_HOME")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path / "better"))
    seen: list[str] = []
    _press(qapp, "another folder", seen)

    chosen = say_refusal(UNUSABLE, may_choose_folder=True)

    assert chosen == tmp_path / "better"
    assert default_root() == tmp_path / "better"
    assert seen == ["/locked cannot be written to (Permission denied). Choose another folder, or allow writing there."]


def test_that_quitting_chooses_nothing(qapp: QApplication) -> None:
    _press(qapp, "Quit", [])

    assert say_refusal(UNUSABLE, may_choose_folder=True) is None


def test_that_a_second_window_is_offered_no_other_folder(qapp: QApplication) -> None:
    seen: list[str] = []
    _press(qapp, "OK", seen)

    assert say_refusal(AlreadyOpenError("/mine")) is None
    assert "already open" in seen[0]
