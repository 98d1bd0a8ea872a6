"""F1 answers on every page, finds keys, and leads to the diagnostics."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from calotype.ui.models.session import PAGES, Session
from calotype.ui.windows import diagnostics_dialog
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.windows.shortcut_sheet import ShortcutSheet


class WithoutChecks(QDialog):
    """Stands for the dialog that would check this installation for some seconds."""

    def __init__(self, _session: Session, parent: QWidget) -> None:
        super().__init__(parent)


def sheet_of(window: MainWindow) -> ShortcutSheet:
    [sheet] = window.findChildren(ShortcutSheet)
    return sheet


@pytest.mark.parametrize("name", PAGES)
def test_that_f1_answers_on_every_page(window: MainWindow, qtbot: QtBot, name: str) -> None:
    window.show_page(name)

    qtbot.keyClick(window, Qt.Key.Key_F1)

    sheet_of(window).close()


def test_that_a_question_mark_can_still_be_typed(window: MainWindow, qtbot: QtBot) -> None:
    field = QLineEdit(window)
    field.show()
    field.setFocus()

    qtbot.keyClick(field, Qt.Key.Key_Question)

    assert field.text() == "?"
    assert window.findChildren(ShortcutSheet) == []


def test_that_the_keys_are_found(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = sheet_of(window)

    sheet.search.setText("stars")

    assert [words.isVisible() for words, _key, text in sheet.rows if "stars" in text] == [True]
    assert not any(words.isVisible() for words, _key, text in sheet.rows if "stars" not in text)
    sheet.close()


def test_that_who_looks_for_help_finds_the_diagnostics(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics_dialog, "DiagnosticsDialog", WithoutChecks)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = sheet_of(window)

    qtbot.mouseClick(sheet.diagnostics_button, Qt.MouseButton.LeftButton)

    [dialog] = window.findChildren(WithoutChecks)
    assert dialog.isVisible()
    assert not sheet.isVisible()
    dialog.close()
