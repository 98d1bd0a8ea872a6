"""Proof that a screen reader can name everything that Tab reaches."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from calotype.services import projects
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import PAGES, Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.windows.train_page import TrainPage
from calotype.ui.workers.background_job import wait_for_all_jobs


def nameless(window: MainWindow) -> list[str]:
    reached = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    ]
    assert reached
    return [f"{type(w).__name__} in {type(w.parent()).__name__}" for w in reached if not name_of(w)]


def name_of(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


@pytest.mark.parametrize("page", PAGES)
def test_that_everything_that_tab_reaches_has_a_name(page: str, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    window = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    window.resize(1280, 720)
    window.show()

    window.show_page(page)
    train = window.page(page)
    if isinstance(train, TrainPage):
        train._plan_view.form.open_drawer()
    left = nameless(window)

    wait_for_all_jobs()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert left == []
