"""calotype packs, from a file to a start that uses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakePack = Callable[..., Path]


def test_that_a_pack_is_added_listed_and_removed(call: Any, home: Path, make_pack: MakePack) -> None:
    added = call("packs", "add", make_pack(), "--json")
    listed = call("packs", "list", "--json").values
    again = call("packs", "use", "stand-in")
    removed = call("packs", "remove", "stand-in")

    assert (added.code, added.values) == (0, {"name": "stand-in"})
    assert [pack["name"] for pack in listed["packs"]] == ["stand-in"]
    assert (listed["chosen"], listed["in_use"]) == ("stand-in", "")
    assert "next start" in again.out
    assert removed.code == 0
    assert call("packs", "list", "--json").values["packs"] == []


def test_that_another_file_is_one_line_and_no_success(call: Any, home: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.calopack").write_text("dear reader", encoding="utf-8")

    answer = call("packs", "add", tmp_path / "letter.calopack")

    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "is not a GPU pack" in answer.err


@pytest.mark.parametrize("name", ["..", "../projects", "/", "", "unknown"])
def test_that_no_other_folder_is_removed(call: Any, home: Path, name: str) -> None:
    call("projects")

    answer = call("packs", "remove", name)

    assert answer.code == 1
    assert (home / "projects").is_dir()
