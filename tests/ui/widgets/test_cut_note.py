"""Proof that a prompt that is too long for its model says so."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from calotype.domain.models import STARTER_ID, ModelFamily
from calotype.services.model_catalog import find_base_model
from calotype.services.workspace import Workspace
from calotype.ui.widgets.create_form import CreateForm

WAIT_MS = 20_000


def test_that_a_long_prompt_says_where_the_model_stops_reading(workspace: Workspace, qtbot: QtBot) -> None:
    starter = find_base_model(workspace, STARTER_ID)
    other = replace(starter, id="other", name="Other", family=ModelFamily.SD1)
    form = CreateForm()
    qtbot.addWidget(form)
    form.show_models([starter, other])

    form.prompt.setPlainText("a " * 40)
    qtbot.waitUntil(lambda: form.cut_note.text != "", timeout=WAIT_MS)
    told = form.cut_note.text
    form._model.setCurrentIndex(1)
    qtbot.waitUntil(lambda: form.cut_note.text == "", timeout=WAIT_MS)

    assert told.startswith("Starter reads 30 of these 40 tokens")
    assert not form.cut_note.look.is_looking


def test_that_a_prompt_that_is_cleared_is_not_told_of(workspace: Workspace, qtbot: QtBot) -> None:
    form = CreateForm()
    qtbot.addWidget(form)
    form.show_models([find_base_model(workspace, STARTER_ID)])

    form.prompt.setPlainText("a " * 40)
    form.prompt.clear()
    qtbot.waitUntil(lambda: not form.cut_note.look.is_looking, timeout=WAIT_MS)

    assert form.cut_note.text == ""
