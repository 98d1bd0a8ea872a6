"""Whatever a person types as a path, asking about it raises nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.startup.typed_paths import is_there, typed_path


def test_that_the_home_of_nobody_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert typed_path("~nobody-of-that-name/x") == tmp_path / "~nobody-of-that-name" / "x"
    assert typed_path("pictures") == tmp_path / "pictures"


def test_that_ones_own_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))

    assert typed_path(Path("~/pictures")) == tmp_path / "pictures"


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "missing"])
def test_that_what_no_disk_could_hold_is_not_there(tmp_path: Path, name: str) -> None:
    assert not is_there(tmp_path / name)
    assert is_there(tmp_path)
