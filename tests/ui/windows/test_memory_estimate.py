"""What the Train page says of the memory that a run will take."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.presets import Estimate
from calotype.ui.models.session import Session
from calotype.ui.windows.train_plan_view import TrainPlanView


@pytest.mark.parametrize(
    ("usual", "least", "said"),
    [
        (1.5e9, 1.4e9, "1.5 GB"),
        (29.6e9, 17.2e9, "29.6 GB; where less is free, 17.2 GB in slower steps"),
    ],
)
def test_that_two_numbers_are_said_where_keeping_less_saves_much(
    usual: float, least: float, said: str, session: Session, qtbot: QtBot
) -> None:
    view = TrainPlanView(session)
    qtbot.addWidget(view)

    assert view._memory_text(Estimate(None, int(usual), int(least), 1, 1)) == said
