"""What a report says of the pictures that learn unlike the others."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.domain.event_json import event_to_line
from calotype.domain.events import BandRatios, ImageRatio, Interval, ValidationFinished
from calotype.domain.runs import Run
from calotype.services import run_report
from calotype.services.workspace import Workspace

MakeRun = Callable[..., Run]
ODD = "Held-out picture: it did not get better while the others did. Look at its caption."


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """A run in which the held-out picture “x” stays where the base model is."""
    made = make_run("one", [1.0])
    ratios = {"a": 0.8, "b": 0.82, "c": 0.81, "x": 1.05}
    images = tuple(ImageRatio(key, ratio) for key, ratio in ratios.items())
    point = ValidationFinished(
        10, 0.25, 0.3, Interval(0.8, 0.7, 0.9), BandRatios(0.8, 0.8, 0.8), 0.78, True, 0.5, images
    )
    with made.metrics_path.open("a", encoding="utf-8") as file:
        file.write(event_to_line(point, made.folder) + "\n")
    rows = [{"content_hash": key, "split": "validation", "caption": f"caption of {key} <b>"} for key in ratios]
    text = json.dumps({"started_at": made.started_at, "images": rows})
    (made.folder / "run.json").write_text(text, encoding="utf-8")
    return made


def report_of(workspace: Workspace, run: Run, tmp_path: Path, *, has_captions: bool) -> str:
    written = run_report.write_report(workspace, run.id, tmp_path / "out.html", has_captions=has_captions)
    return written.path.read_text(encoding="utf-8")


def test_that_a_picture_that_stands_out_is_told_with_its_caption(
    workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    text = report_of(workspace, run, tmp_path, has_captions=True)

    section = text.partition("Pictures that stand out")[2].partition("</section>")[0]
    assert ODD in section
    assert html.escape("Step 10: 1.05 of the base model's error, the others about 0.81.") in section
    assert html.escape("“caption of x <b>”") in section
    assert "caption of a" not in section


def test_that_a_report_to_share_tells_it_without_the_caption(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    text = report_of(workspace, run, tmp_path, has_captions=False)

    assert ODD in text
    assert "caption of" not in text


def test_that_a_run_in_which_nothing_stands_out_says_nothing_of_it(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    text = report_of(workspace, make_run("two", [1.0, 0.8]), tmp_path, has_captions=True)

    assert "Pictures that stand out" not in text
