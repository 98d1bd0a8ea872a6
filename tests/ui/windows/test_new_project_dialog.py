"""Proof that a project is named with the keyboard alone, and that a refusal is said in the dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.imageset import SubjectKind
from calotype.ui.models.session import Session
from calotype.ui.windows.new_project_dialog import NewProjectDialog


def test_that_the_trigger_word_follows_the_name_until_one_is_written(session: Session, qtbot: QtBot) -> None:
    dialog = NewProjectDialog(session)
    qtbot.addWidget(dialog)

    qtbot.keyClicks(dialog.name, "Rusty the fox")
    assert dialog.trigger_word.text() == "rustythefox"
    dialog.trigger_word.clear()
    qtbot.keyClicks(dialog.trigger_word, "zkw")
    qtbot.keyClicks(dialog.name, "!")

    assert dialog.trigger_word.text() == "zkw"


def test_that_return_makes_the_project(session: Session, qtbot: QtBot) -> None:
    dialog = NewProjectDialog(session)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClicks(dialog.name, "Rusty")
    dialog.kind.setCurrentIndex(dialog.kind.findData(SubjectKind.PRODUCT))

    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    assert session.project is not None
    assert (session.project.name, session.project.kind) == ("Rusty", SubjectKind.PRODUCT)


def test_that_a_taken_name_is_said_and_the_dialog_stays(full_session: Session, qtbot: QtBot) -> None:
    dialog = NewProjectDialog(full_session)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClicks(dialog.name, "rusty")

    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    assert dialog.isVisible()
    assert "another project" in dialog.banner.text
    dialog.reject()
