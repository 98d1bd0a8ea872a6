"""Proof that what nobody foresaw is written down and said, also when it happens in another thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.ui.windows.crash_dialog import CrashDialog, CrashWatch


def test_that_a_bug_in_another_thread_opens_one_dialog(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = CrashWatch(tmp_path)

    def fail_twice() -> None:
        for _ in range(2):
            watch.take(ZeroDivisionError, ZeroDivisionError("seven by nothing"), None)

    thread = threading.Thread(target=fail_twice)
    thread.start()
    thread.join()

    def dialogs() -> list[CrashDialog]:
        return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CrashDialog)]

    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    assert "seven by nothing" in dialogs()[0].report
    assert "seven by nothing" in caplog.text
    dialogs()[0].accept()
