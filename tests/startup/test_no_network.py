"""Proof that the program connects to nobody by itself, and reads and writes the same text on every system."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import calotype

if TYPE_CHECKING:
    from release_server import ReleaseServer

Start = Callable[..., Any]

# Every page of the real window is shown; Python tells of each socket, name and connection before it is made.
_WINDOW = """
from pathlib import Path
seen = []
sys.addaudithook(lambda event, told: seen.append([event, str(told)]) if event.startswith("socket.") else None)
from calotype import app as calotype_app
from calotype.services.workspace import close_workspace, open_workspace
from calotype.ui.models.session import PAGES
from calotype.ui.workers.background_job import wait_for_all_jobs
app = calotype_app.make_application()
workspace = open_workspace(Path(sys.argv[1]))
session, window = calotype_app.make_window(app, workspace)
window.show()
for name in PAGES:
    window.show_page(name)
    app.processEvents()
wait_for_all_jobs()
app.processEvents()
window.close()
close_workspace(workspace)
print(json.dumps(seen))
"""
_COMMAND = """
seen = []
sys.addaudithook(lambda event, told: seen.append([event, str(told)]) if event.startswith("socket.") else None)
from calotype.__main__ import main
code = main()
sys.stderr.write(json.dumps([code, seen]))
"""


def test_that_the_window_with_all_its_pages_opens_no_socket(start: Start, tmp_path: Path) -> None:
    surroundings = {"CALOTYPE_RELEASES": "https://updates.example.org/releases.json"}

    finished = start(tmp_path / "home", code=_WINDOW, environment=surroundings)

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout.splitlines()[-1]) == []


def test_that_it_asks_once_if_that_was_switched_on(start: Start, tmp_path: Path, releases: ReleaseServer) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.json").write_text('{"looks_for_updates": true}', encoding="utf-8")

    finished = start(tmp_path / "home", code=_WINDOW, environment={"CALOTYPE_RELEASES": releases.address})

    assert [event for event, _ in json.loads(finished.stdout.splitlines()[-1]) if event == "socket.connect"] != []
    assert releases.asked == [("/calotype/releases.json", "")]


def test_that_a_command_opens_no_socket(start: Start, tmp_path: Path) -> None:
    finished = start("models", "list", "--home", tmp_path / "home", code=_COMMAND)

    assert json.loads(finished.stderr.splitlines()[-1]) == [0, []]


def test_that_every_text_names_its_encoding() -> None:
    sources = sorted(Path(calotype.__file__).parent.rglob("*.py"))
    nameless = [f"{path.name}:{line}" for path in sources for line in _nameless(path)]

    assert len(sources) > 300
    assert nameless == []


def _nameless(path: Path) -> list[int]:
    """Lines where text is read or written in the encoding that happens to be usual here."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    found = []
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        words = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
        modes = [word for word in words if word and set(word) <= set("rwaxbt+")]
        is_text_file = name == "open" and bool(modes) and not any("b" in mode for mode in modes)
        if (name in ("read_text", "write_text") or is_text_file) and "encoding" not in {
            keyword.arg for keyword in call.keywords
        }:
            found.append(call.lineno)
    return found
