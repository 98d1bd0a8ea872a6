"""The window checks its installation, goes on after a failure, and saves a report."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from calotype.domain.checks import Check
from calotype.services import self_check
from calotype.ui.models.session import Session
from calotype.ui.windows.diagnostics_dialog import DiagnosticsDialog


def _run(session: Session, qtbot: QtBot) -> DiagnosticsDialog:
    dialog = DiagnosticsDialog(session)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.diagnosis.finished, timeout=60_000):
        dialog.show()
    return dialog


@pytest.mark.slow
def test_that_everything_is_checked_and_the_report_is_saved(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = _run(session, qtbot)

    dialog.save_report(tmp_path / "report.zip")

    assert dialog.diagnosis.failures == []
    assert list(dialog.diagnosis.results) == [check for check in Check if check is not Check.PACKAGE]
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        report = archive.read("report.txt").decode("utf-8")
    assert report.count(" ok: ") == 7
    assert str(tmp_path) not in report
    assert str(tmp_path / "report.zip") in dialog._words.text()


def test_that_the_other_checks_go_on_after_a_failure(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_check, "LIBRARIES", ("json", "library_that_is_gone"))
    monkeypatch.setattr(self_check.projects, "create_sample_project", _fail)
    monkeypatch.setattr(self_check.generation, "default_request", _fail)

    dialog = _run(session, qtbot)

    failed = [result.check for result in dialog.diagnosis.failures]
    texts = [text.text() for text in dialog.findChildren(QLabel)]
    assert failed == [Check.IMPORTS, Check.IMPORT, Check.TRAINING, Check.PICTURE, Check.LORA]
    assert Check.RESOURCES in dialog.diagnosis.results
    assert any(text.startswith("5 check") for text in texts)
    assert any("library_that_is_gone" in text for text in texts)
    assert any("something before it did not work" in text for text in texts)


def test_that_closing_waits_for_the_check_that_runs_and_leaves_nothing(session: Session, qtbot: QtBot) -> None:
    dialog = DiagnosticsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    folder = Path(str(dialog.diagnosis._folder.name)) if dialog.diagnosis._folder else Path()

    with qtbot.waitSignal(dialog.diagnosis.finished, timeout=60_000):
        dialog.close_button.click()

    assert not dialog.isVisible()
    assert not folder.exists()


def _fail(*arguments: object, **named: object) -> None:
    raise OSError("a deliberate failure")
