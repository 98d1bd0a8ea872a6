"""The process that a package starts is an ordinary one: streams, libraries, encodings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calotype.__main__ import _is_for_the_window
from calotype.startup.process import give_library_paths_back

Start = Callable[..., Any]
_WITHOUT_STREAMS = """
sys.stdout = sys.stderr = None
from calotype.__main__ import main
code = main()
open(os.environ["ANSWER"], "w", encoding="utf-8").write(json.dumps([code, str(sys.stdout)]))
"""


def test_that_a_program_without_streams_runs_a_command(start: Start, tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"

    start("where", code=_WITHOUT_STREAMS, environment={"ANSWER": answer})

    code, stream = json.loads(answer.read_text(encoding="utf-8"))
    assert code == 0
    assert stream != "None"


def test_that_children_get_the_libraries_of_the_system_back(start: Start, tmp_path: Path) -> None:
    code = (
        "from calotype.startup.process import prepare_process\nprepare_process()\nimport subprocess\n"
        "subprocess.run(['/bin/sh', '-c', 'echo \"[$LD_LIBRARY_PATH]\"'])"
    )
    package, original = tmp_path / "_internal", tmp_path / "own libraries"

    changed = start(
        code=code,
        program=tmp_path / "calotype",
        environment={"LD_LIBRARY_PATH": package, "LD_LIBRARY_PATH_ORIG": original},
    )
    emptied = start(code=code, program=tmp_path / "calotype", environment={"LD_LIBRARY_PATH": package})

    assert changed.stdout == f"[{original}]\n"
    assert emptied.stdout == "[]\n"


def test_that_sources_keep_the_libraries_that_they_were_given(start: Start) -> None:
    prepare = "from calotype.startup.process import prepare_process\nprepare_process()\n"
    code = prepare + "print(os.environ['LD_LIBRARY_PATH'])"

    kept = start(code=code, environment={"LD_LIBRARY_PATH": "/opt/mine"})

    assert kept.stdout == "/opt/mine\n"


def test_that_an_empty_original_stays_empty() -> None:
    environment = {"LD_LIBRARY_PATH": "/package", "LD_LIBRARY_PATH_ORIG": "", "HOME": "/home/me"}

    give_library_paths_back(environment)

    assert environment == {"LD_LIBRARY_PATH": "", "HOME": "/home/me"}


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1", "tr_TR.ISO-8859-9"])
def test_that_no_locale_changes_what_is_read_and_written(start: Start, tmp_path: Path, locale: str) -> None:
    home = tmp_path / "mein Zuhause Ελλάδα 日本"
    surroundings = {"LC_ALL": locale, "CALOTYPE_HOME": home, "PYTHONCOERCECLOCALE": "0"}

    made = start("new", "Füchsin 狐", "--trigger", "fuxa", environment=surroundings)
    listed = start("projects", "--json", environment=surroundings)

    assert made.returncode == 0, made.stderr
    (project,) = (home / "projects").glob("*/project.json")
    assert json.loads(project.read_text(encoding="utf-8"))["name"] == "Füchsin 狐"
    assert listed.returncode == 0, listed.stderr


def _long_folder(start: Path, byte_count: int) -> Path:
    """A folder whose path has this many bytes."""
    while byte_count - len(os.fsencode(start)) > 100:
        start = start / ("ümläute " * 7 + "so")
    return start / ("x" * (byte_count - len(os.fsencode(start)) - 1))


def test_that_a_home_with_a_very_long_name_works(start: Start, tmp_path: Path) -> None:
    home = _long_folder(tmp_path, 440)

    made = start("new", "Rusty", environment={"CALOTYPE_HOME": home})

    assert made.returncode == 0, made.stderr
    assert (home / "calotype.sqlite").is_file()


def test_that_a_name_longer_than_the_index_can_open_is_a_sentence(start: Start, tmp_path: Path) -> None:
    refused = start("new", "Rusty", environment={"CALOTYPE_HOME": _long_folder(tmp_path, 520)})

    assert refused.returncode == 1
    assert "is too long" in refused.stderr and "xxx has 520 bytes" in refused.stderr
    assert len(refused.stderr) < 300


def test_that_files_open_the_window_and_words_are_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "cat.png"
    for path in (picture, tmp_path / "demo"):
        path.write_bytes(b"")

    assert _is_for_the_window([])
    assert _is_for_the_window(["--home", str(tmp_path), str(picture)])
    assert _is_for_the_window([f"--home={tmp_path}"])
    assert not _is_for_the_window(["demo"])  # although a file has that name
    assert not _is_for_the_window([str(tmp_path / "gone.png")])
