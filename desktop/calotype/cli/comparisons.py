"""calotype compare: two runs beside each other."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from calotype.cli.options import Choices, RunArgument, as_command, opened_workspace
from calotype.cli.words import table
from calotype.services import run_comparison
from calotype.services.run_comparison import ComparedRow, RunComparison
from calotype.services.run_contents import RunContents


@as_command
def compare(
    chosen: Choices,
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Id of the run to compare it with.")],
) -> None:
    """Say which of two runs is better, the numbers of both, and the settings in which they differ."""
    with opened_workspace(chosen) as workspace:
        comparison = run_comparison.compare(workspace, run, other)
    chosen.output.result(_text(comparison), _values(comparison))


def _text(comparison: RunComparison) -> str:
    names = tuple(f"{side.project.name}, run {side.number}" for side in (comparison.one, comparison.other))
    settings = run_comparison.setting_rows(comparison)
    parts = [
        run_comparison.outcome(comparison),
        table([("", *names), *map(_cells, run_comparison.number_rows(comparison))]),
        table([("Settings that differ", "", ""), *map(_cells, settings)]) if settings else "The settings are the same.",
    ]
    return "\n\n".join(parts)


def _cells(row: ComparedRow) -> tuple[str, str, str]:
    return row.label, row.one, row.other


def _values(comparison: RunComparison) -> dict[str, object]:
    better = comparison.better
    return {
        "runs": [_side(side) for side in (comparison.one, comparison.other)],
        "better": better.run.id if better else None,
        "intervals_apart": comparison.is_clear,
        "same_held_out_pictures": comparison.is_same_check,
        "differing_settings": [
            {"name": row.name, "values": [row.one, row.other]} for row in run_comparison.setting_rows(comparison)
        ],
    }


def _side(side: RunContents) -> dict[str, object]:
    best = side.log.best
    return {
        "run": side.run.id,
        "project": side.project.id,
        "number": side.number,
        "verdict": side.verdict.kind.value,
        "best_step": best.step if best else None,
        "ratio": asdict(best.ratio) if best else None,
        "probe_ratio": best.probe_ratio if best else None,
        "steps": side.log.last_step,
        "seconds": round(side.log.seconds, 2),
        "base_model": side.run.plan.base_model,
        "notes": side.notes,
    }
