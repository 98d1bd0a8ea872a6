"""The real window, for tests that drive it whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.main_window import MainWindow


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window over a session, open and active."""
    opened = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    qtbot.addWidget(opened)
    with qtbot.waitActive(opened):
        opened.show()
        opened.activateWindow()
    yield opened
    opened.close()
    opened.deleteLater()
