"""Two runs beside each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calotype.domain.errors import RunNotFoundError
from calotype.domain.runs import Run
from calotype.services.run_comparison import compare, number_rows, outcome, setting_rows
from calotype.services.workspace import Workspace

MakeRun = Callable[..., Run]
LATER = 1_700_000_100.0


def test_that_only_the_settings_that_differ_are_shown_in_plain_words(workspace: Workspace, make_run: MakeRun) -> None:
    make_run("one")
    make_run("two", settings={"rank": "4", "flip": "yes", "targets": "all", "preview_seed": "9"}, started_at=LATER)

    rows = setting_rows(compare(workspace, "one", "two"))

    assert [(row.name, row.one, row.other) for row in rows] == [
        ("rank", "16", "4"),
        ("targets", "Attention and MLP", "All layers"),
        ("flip", "no", "yes"),
        ("preview_seed", "1", "9"),
    ]
    assert rows[1].label == "Layers"


def test_that_equal_plans_have_no_differing_settings(workspace: Workspace, make_run: MakeRun) -> None:
    make_run("one")
    make_run("two", started_at=LATER)

    assert setting_rows(compare(workspace, "one", "two")) == []


def test_that_the_numbers_of_both_stand_beside_each_other(workspace: Workspace, make_run: MakeRun) -> None:
    make_run("one", [1.0, 0.8, 0.6])
    make_run("two", [1.0, 0.9, 0.95, 0.97], started_at=LATER)

    rows = {row.name: (row.one, row.other) for row in number_rows(compare(workspace, "one", "two"))}

    assert rows["best_step"] == ("20", "10")
    assert rows["ratio"] == ("0.600", "0.900")
    assert rows["interval"] == ("0.550 – 0.650", "0.850 – 0.950")
    assert rows["steps"] == ("20", "30")
    assert rows["verdict"] == ("Learned it", "Learned it, then too much")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (0.60, 0.80, "Run 1 is better on held-out pictures: 0.600 of the base model's error, against 0.800 of Run 2."),
        (0.80, 0.60, "Run 2 is better on held-out pictures: 0.600 of the base model's error, against 0.800 of Run 1."),
        (0.60, 0.65, "against 0.650 of Run 2. Their 95 % intervals meet: it may be chance."),
        (0.60, 0.60, "Both are equally good on held-out pictures."),
        (0.60, 1.10, "Run 2 was never better than its base model on held-out pictures."),
    ],
)
def test_that_the_better_run_is_named_and_doubt_is_said(
    first: float, second: float, said: str, workspace: Workspace, make_run: MakeRun
) -> None:
    make_run("one", [1.0, first], captions=["a"])
    make_run("two", [1.0, second], captions=["a"], started_at=LATER)

    text = outcome(compare(workspace, "one", "two"))

    assert text.endswith(said)
    assert ("chance" in text) == ("chance" in said)


def test_that_runs_checked_on_other_pictures_are_compared_with_a_warning(
    workspace: Workspace, make_run: MakeRun
) -> None:
    make_run("one", [1.0, 0.6], captions=["a"])
    make_run("two", [1.0, 0.8], captions=[], started_at=LATER)

    assert outcome(compare(workspace, "one", "two")).endswith("so this is rough.")


def test_that_a_run_without_any_measurement_can_be_compared(workspace: Workspace, make_run: MakeRun) -> None:
    make_run("one")
    make_run("two", [], failure="The disk is full.", started_at=LATER)

    rows = {row.name: row.other for row in number_rows(compare(workspace, "one", "two"))}

    assert rows["best_step"] == "–"
    assert "Run 2 was never better" in outcome(compare(workspace, "one", "two"))


def test_that_an_unknown_run_is_refused(workspace: Workspace, make_run: MakeRun) -> None:
    make_run("one")

    with pytest.raises(RunNotFoundError, match="nowhere"):
        compare(workspace, "one", "nowhere")
