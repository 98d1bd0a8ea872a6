"""calotype report, calotype tensorboard: what is told of a run to people and programs that were not there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.options import Choices, RunArgument, as_command, made_folder, opened_workspace
from calotype.cli.words import counted, file_size
from calotype.services import run_report, tensorboard_export, training_runs


@as_command
def report(
    chosen: Choices,
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The .html file to write.")],
    without_captions: Annotated[
        bool, typer.Option("--without-captions", help="Leave out captions, prompts and error texts, to share it.")
    ] = False,
) -> None:
    """Write a report of a run as one HTML file that opens anywhere: verdict, curves, previews, settings."""
    wanted = out / f"{run}.html" if out.is_dir() else out
    with opened_workspace(chosen) as workspace:
        found = training_runs.find_run(workspace, run)
        destination = made_folder(wanted.absolute().parent) / wanted.name
        written = run_report.write_report(workspace, found.id, destination, has_captions=not without_captions)
    text = f"Wrote {written.path} ({file_size(written.size_bytes)}). It opens in any browser."
    chosen.output.result(text, asdict(written))


@as_command
def tensorboard(
    chosen: Choices,
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder of logs; each run gets a folder in it.")],
) -> None:
    """Write what a run measured as an event file for TensorBoard, to be shown with tensorboard --logdir DIR."""
    with opened_workspace(chosen) as workspace:
        found = training_runs.find_run(workspace, run)
        exported = tensorboard_export.export_events(workspace, found.id, made_folder(out))
    text = f"Wrote {counted(exported.event_count, 'event')} to {exported.path}."
    chosen.output.result(text, asdict(exported))
