"""Settings survive newer versions, older versions and damage."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calotype.domain.settings import DeviceChoice, Settings, Theme
from calotype.storage.settings_file import put_damaged_settings_aside, read_settings, write_settings


def test_that_settings_come_back_as_they_were_written(tmp_path: Path) -> None:
    settings = Settings(Theme.DARK, DeviceChoice.CPU, thread_count=3, comparison_model="/models/clip with spaces")

    write_settings(tmp_path / "s.json", settings)

    assert read_settings(tmp_path / "s.json") == settings


def test_that_a_path_that_is_no_text_comes_back(tmp_path: Path) -> None:
    settings = Settings(comparison_model="/models/caf\udce9")

    write_settings(tmp_path / "s.json", settings)

    assert read_settings(tmp_path / "s.json") == settings


def test_that_what_a_newer_version_wrote_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"schema": 7, "future": [1, 2], "theme": "dark"}))

    write_settings(path, Settings(theme=Theme.LIGHT))

    kept = json.loads(path.read_text())
    assert (kept["future"], kept["schema"]) == ([1, 2], 7)


@pytest.mark.parametrize(
    "values",
    [
        {"theme": "neon"},
        {"theme": ["dark"]},
        {"thread_count": -1},
        {"thread_count": "4"},
        {"device": 5},
        {"comparison_model": None},
        {"comparison_model": "no\0path"},
    ],
)
def test_that_an_impossible_value_falls_back_alone(tmp_path: Path, values: dict[str, object]) -> None:
    path = tmp_path / "s.json"
    good = {"theme": "dark", "device": "cpu", "thread_count": 2, "comparison_model": "/models/clip"}
    path.write_text(json.dumps({**good, **values}))

    settings = read_settings(path)

    expected = {**good, **{name: getattr(Settings(), name) for name in values}}
    found = (settings.theme, settings.device, settings.thread_count, settings.comparison_model)
    assert found == tuple(expected.values())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"null"])
def test_that_a_damaged_file_is_put_aside_and_kept(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)

    notice = put_damaged_settings_aside(path)

    assert notice is not None and not path.exists()
    assert (tmp_path / str(notice.fields["backup"])).read_bytes() == data
    assert read_settings(path) == Settings()


def test_that_good_settings_and_none_at_all_are_left_alone(tmp_path: Path) -> None:
    write_settings(tmp_path / "s.json", Settings())

    assert put_damaged_settings_aside(tmp_path / "s.json") is None
    assert put_damaged_settings_aside(tmp_path / "missing.json") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps files of a person to that person")
def test_that_nobody_else_reads_the_token(tmp_path: Path) -> None:
    write_settings(tmp_path / "settings.json", Settings(hub_token="hf_secret"))

    assert (tmp_path / "settings.json").stat().st_mode & 0o077 == 0
    assert "hf_secret" not in repr(read_settings(tmp_path / "settings.json"))
