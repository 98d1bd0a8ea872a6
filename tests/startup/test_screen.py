"""Without a screen the program says so in a sentence, and does not die of an abort."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLibraryInfo

from calotype.domain.errors.startup import DisplayLibraryMissingError
from calotype.startup import screen
from calotype.startup.screen import trouble_with_screen

Start = Callable[..., Any]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only X11 and Wayland are asked")


@pytest.mark.parametrize(
    ("surroundings", "words"),
    [
        ({}, "no screen"),
        ({"DISPLAY": ":7531"}, "“:7531” cannot be reached"),
        ({"WAYLAND_DISPLAY": "wayland-gone"}, "“wayland-gone” cannot be reached"),
        ({"QT_QPA_PLATFORM": "xcb"}, "no screen"),
    ],
)
def test_that_a_missing_screen_is_one_sentence_that_points_to_the_commands(
    start: Start, surroundings: dict[str, str], words: str
) -> None:
    finished = start(environment={"QT_QPA_PLATFORM": "", **surroundings})

    assert finished.returncode == 1
    assert finished.stderr.count("\n") == 1
    assert words in finished.stderr
    assert "calotype --help" in finished.stderr


def test_that_a_compositor_that_has_ended_is_a_sentence_although_its_socket_is_there(
    start: Start, tmp_path: Path
) -> None:
    _listen(tmp_path / "wayland-dead").close()

    finished = start(
        environment={"QT_QPA_PLATFORM": "", "WAYLAND_DISPLAY": "wayland-dead", "XDG_RUNTIME_DIR": tmp_path}
    )

    assert finished.returncode == 1
    assert "“wayland-dead” cannot be reached" in finished.stderr


@pytest.mark.parametrize("platform", ["", "wayland", "wayland-egl", "wayland;xcb"])
def test_that_a_compositor_that_listens_is_enough(platform: str, tmp_path: Path) -> None:
    surroundings = {"QT_QPA_PLATFORM": platform, "XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}

    with _listen(tmp_path / "wayland-7"):
        assert trouble_with_screen(surroundings) is None
        assert trouble_with_screen({**surroundings, "WAYLAND_DISPLAY": str(tmp_path / "wayland-7")}) is None


def test_that_a_connection_which_the_compositor_handed_over_is_not_used_up() -> None:
    assert trouble_with_screen({"WAYLAND_SOCKET": "7"}) is None


def _listen(path: Path) -> socket.socket:
    """What a compositor does first. A name of a socket has 108 bytes at most, so it is bound from its folder."""
    server = socket.socket(socket.AF_UNIX)
    with contextlib.chdir(path.parent):
        server.bind(path.name)
    server.listen()
    return server


def test_that_a_platform_without_a_screen_may_be_asked_for() -> None:
    assert trouble_with_screen({"QT_QPA_PLATFORM": "offscreen"}) is None


def test_that_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A library with no content: what the loader says of it begins with its path, as for one that is missing.
    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforms", "libqxcb.so")
    broken = plugin.with_name("libqbroken.so").name
    package = tmp_path / "PySide6"
    (package / "Qt" / "plugins" / "platforms").mkdir(parents=True)
    (package / "Qt" / "plugins" / "platforms" / broken).write_bytes(b"")
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setitem(screen._PLUGINS, "xcb", broken)
    monkeypatch.setattr(screen.importlib.util, "find_spec", lambda name: _Spec(package))

    trouble = trouble_with_screen({"DISPLAY": ":0"})

    assert isinstance(trouble, DisplayLibraryMissingError)
    assert broken in str(trouble)


class _Spec:
    def __init__(self, folder: Path) -> None:
        self.submodule_search_locations = [str(folder)]
