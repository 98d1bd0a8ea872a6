"""Runs as event files, read back by a reader that is no part of the app."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calotype.domain.errors import RunNotFoundError
from calotype.domain.events import PreviewsMeasured, StepFinished
from calotype.domain.run_log import RunLog
from calotype.domain.runs import Run
from calotype.services.tensorboard_export import export_events, scalar_rows
from calotype.services.workspace import Workspace

MakeRun = Callable[..., Run]


def fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a protocol buffer message by their numbers."""
    place = 0

    def varint() -> int:
        nonlocal place
        number = shift = 0
        while True:
            byte = data[place]
            place += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while place < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7) or varint()
        yield key >> 3, data[place : place + size]
        place += size


def read(path: Path) -> list[tuple[float, int, dict[str, float]]]:
    """Time, step and numbers of every event after the first."""
    data, rows = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        event = dict(fields(data[12 : 12 + length]))
        data = data[12 + length + 4 :]
        values: dict[str, float] = {}
        for _number, value in fields(bytes(event.get(5, b""))):  # type: ignore[arg-type]
            known = dict(fields(value))  # type: ignore[arg-type]
            values[known[1].decode()] = struct.unpack("<f", known[2])[0]  # type: ignore[arg-type, union-attr]
        rows.append((struct.unpack("<d", event[1])[0], int(event.get(2, 0)), values))  # type: ignore[arg-type]
    return rows[1:]


def test_that_every_number_of_a_run_can_be_read_back(workspace: Workspace, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("one", [1.0, 0.8, 0.6])

    exported = export_events(workspace, "one", tmp_path)

    rows = read(exported.path)
    assert exported.path.parent == tmp_path / "one"
    assert exported.path.name == "events.out.tfevents.1700000000.calotype"
    assert [step for _, step, _ in rows] == list(range(21))
    assert exported.event_count == 21
    at_20 = rows[20][2]
    assert at_20["validation/ratio"] == pytest.approx(0.6)
    assert at_20["validation/ratio low"] == pytest.approx(0.55)
    assert at_20["validation/coarse"] == pytest.approx(0.7)
    assert at_20["training/loss"] == pytest.approx(1 / 20)
    assert "training/loss" not in rows[0][2]
    assert "validation/ratio" not in rows[7][2]
    assert [time for time, _, _ in rows] == [1_700_000_000.0 + 0.25 * step for step in range(21)]


def test_that_what_previews_and_sensors_told_is_there_where_it_is_known() -> None:
    steps = (StepFinished(1, 0.5, 1e-3, 0.1, 0.2, 5.0, 9, 61.0, 250.5), StepFinished(2, 0.5, 1e-3, 0.1, 0.2, 5.0, 9))
    some = PreviewsMeasured(2, 0.5, None, 0, "abc", "one.png", 1.25, False, 0.1, 0.75, -0.125)

    first, second = scalar_rows(RunLog.of([*steps, some]), 0.0)

    assert first.values["training/temperature C"] == 61.0
    assert first.values["training/power W"] == 250.5
    assert "training/power W" not in second.values
    assert {name: value for name, value in second.values.items() if name.startswith("previews/")} == {
        "previews/subject similarity": 0.5,
        "previews/nearest training picture": 1.25,
        "previews/subject similarity by model": 0.75,
        "previews/prompt adherence": -0.125,
    }


def test_that_a_second_export_replaces_the_first(workspace: Workspace, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("one")

    export_events(workspace, "one", tmp_path / "logs")
    export_events(workspace, "one", tmp_path / "logs")

    assert len([path for path in (tmp_path / "logs").rglob("*") if path.is_file()]) == 1


def test_that_a_run_that_is_not_there_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="nowhere"):
        export_events(workspace, "nowhere", tmp_path)
