"""What the terminal tells of runs that have ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from calotype.domain.runs import Run

MakeRun = Callable[..., Run]


def test_that_a_report_is_written_and_named(call: Callable[..., Any], make_run: MakeRun, tmp_path: Path) -> None:
    make_run("one", captions=["zorbi, from behind"])
    out = tmp_path / "new folder" / "told.html"

    answer = call("report", "one", "--out", out, "--home", tmp_path / "home", "--json")

    assert answer.code == 0
    assert answer.values["path"] == str(out)
    assert answer.values["size_bytes"] == out.stat().st_size
    assert "zorbi, from behind" in out.read_text(encoding="utf-8")


def test_that_captions_can_be_left_out(call: Callable[..., Any], make_run: MakeRun, tmp_path: Path) -> None:
    make_run("one", captions=["zorbi, from behind"])

    answer = call("report", "one", "--out", tmp_path, "--home", tmp_path / "home", "--without-captions")

    assert answer.code == 0
    assert "zorbi, from behind" not in (tmp_path / "one.html").read_text(encoding="utf-8")


def test_that_an_unknown_run_is_one_line(call: Callable[..., Any], make_run: MakeRun, tmp_path: Path) -> None:
    answer = call("report", "nowhere", "--out", tmp_path / "a.html", "--home", tmp_path / "home")

    assert answer.code == 1
    assert answer.err.startswith("calotype: There is no training run “nowhere”.")
    assert not (tmp_path / "a.html").exists()


def test_that_two_runs_are_compared_in_words_and_in_numbers(
    call: Callable[..., Any], make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("one", [1.0, 0.9], captions=["a"])
    make_run("two", [1.0, 0.6], captions=["a"], settings={"rank": "4"}, started_at=1_700_000_100.0)

    told = call("compare", "one", "two", "--home", tmp_path / "home")
    values = call("compare", "one", "two", "--home", tmp_path / "home", "--json").values

    assert "Run 2 is better on held-out pictures: 0.600 of the base model's error" in told.out
    assert ["Rank", "16", "4"] in [line.split() for line in told.out.splitlines()]
    assert values["better"] == "two"
    assert values["intervals_apart"] is True
    assert values["same_held_out_pictures"] is True
    assert values["differing_settings"] == [{"name": "rank", "values": ["16", "4"]}]
    assert [side["ratio"]["value"] for side in values["runs"]] == [0.9, 0.6]


def test_that_measurements_are_written_for_tensorboard(
    call: Callable[..., Any], make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("one")

    values = call("tensorboard", "one", "--out", tmp_path / "logs", "--home", tmp_path / "home", "--json").values

    assert values["event_count"] == 21
    assert Path(values["path"]).read_bytes()[23:36] == b"brain.Event:2"
