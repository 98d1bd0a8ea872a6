"""A field for the data folder takes whatever is typed into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from calotype.ui.widgets.folder_field import FolderField


def test_that_the_home_of_nobody_is_taken_for_a_name(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    field = FolderField(tmp_path)
    qtbot.addWidget(field)

    field.line.setText("~nobody-of-that-name/x")
    qtbot.waitUntil(lambda: field.report is not None and field.report.folder == field.folder)

    assert field.folder == tmp_path / "~nobody-of-that-name" / "x"
    assert field.is_usable
