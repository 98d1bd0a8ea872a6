"""What every test gets: no screen, no network, no foreign data folder, and nothing left behind."""

from __future__ import annotations

import gc
import importlib.resources
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calotype.services.workspace import Workspace

# These must be set before Qt or torch is imported by any test module.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def starter_folder() -> Path:
    """The base model that ships with the app."""
    return Path(str(importlib.resources.files("calotype_resources"))) / "starter"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty data folder of this test's own."""
    from calotype.services.workspace import close_workspace, open_workspace

    opened = open_workspace(tmp_path / "home")
    yield opened
    close_workspace(opened)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the data folder of the person who runs them."""
    home = tmp_path_factory.getbasetemp() / "person"
    monkeypatch.setenv("CALOTYPE_HOME", str(home / "calotype"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning, unless it asks for `caplog` and so looks at the log itself."""
    listener = _Warnings()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    if listener.seen and "caplog" not in request.fixturenames:
        pytest.fail("unexpected warnings in the log:\n" + "\n".join(listener.seen), pytrace=False)


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window that leaves a thread, a timer or a window behind."""
    yield
    if "qtbot" not in request.fixturenames or "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    alive = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread | QTimer) and isValid(thing)]
    # A thread whose work is done needs a moment to leave; one that is still working after that was forgotten.
    threads = [thing for thing in alive if isinstance(thing, QThread) and thing.isRunning() and not thing.wait(2000)]
    timers = [thing for thing in alive if isinstance(thing, QTimer) and thing.isActive()]
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    left = [*threads, *timers, *windows]
    if left:
        pytest.fail("left behind: " + ", ".join(repr(thing) for thing in left), pytrace=False)
