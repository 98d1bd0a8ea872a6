"""calotype export, calotype export-set: the LoRA of a run, and the pictures of a project, for other programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ProjectArgument, RunArgument, as_command, made_folder, opened_workspace
from calotype.cli.words import counted, file_size
from calotype.domain.control import Control
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout, LoraPrecision, LoraVerification
from calotype.services import exports, projects, training_runs
from calotype.services.set_export import ExportedPicture, export_set

LEFT_OUT = {
    LeftOut.CAPTIONS: "words of the captions",
    LeftOut.FOLDERS: "folders of pictures",
    LeftOut.PROJECT: "name of the project (the trigger word is the title instead)",
    LeftOut.BASE_MODEL: "name of the base model",
    LeftOut.RUN: "id of the run",
    LeftOut.PROMPT: "prompt in the preview picture",
    LeftOut.OTHER: "words of unknown meaning",
}


@as_command
def export_pictures(
    chosen: Choices,
    project: ProjectArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the new folder is made.")],
) -> None:
    """Write the pictures of a project as a folder for kohya's scripts and OneTrainer: captions, repeats and masks."""
    control = Control()
    last: ExportedPicture | None = None
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        target = projects.find_project(workspace, project)
        for last in export_set(workspace, target, made_folder(out), control):
            chosen.output.passing(f"{last.number} of {last.total} pictures")
    if last is not None:
        text = f"Wrote {counted(last.number, 'picture')} into {last.folder}"
        chosen.output.result(text, {"folder": last.folder, "pictures": last.number, "of": last.total})
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


@as_command
def export(
    chosen: Choices,
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The .safetensors file to write.")],
    layout: Annotated[
        LoraLayout, typer.Option("--format", help="Whose names it has; kohya is read by every program.")
    ] = LoraLayout.KOHYA,
    precision: Annotated[LoraPrecision, typer.Option(help="The number format of its weights.")] = LoraPrecision.FP16,
    share_safe: Annotated[
        bool, typer.Option("--share-safe", help="Leave out captions, prompts and names of folders and files.")
    ] = False,
) -> None:
    """Write the best LoRA of a run as a file that other Stable Diffusion programs load, and verify what was written."""
    wanted = out / f"{run}.safetensors" if out.is_dir() else out
    destination = made_folder(wanted.absolute().parent) / wanted.name
    choice = ExportChoice(layout, precision, is_share_safe=share_safe)
    with opened_workspace(chosen) as workspace:
        exported = exports.export_lora(workspace, training_runs.find_run(workspace, run).id, destination, choice)
    chosen.output.result("\n".join(_lines(exported, choice)), asdict(exported))


def _lines(exported: exports.ExportedLora, choice: ExportChoice) -> list[str]:
    size = file_size(exported.size_bytes)
    lines = [
        f"Wrote {exported.path}: step {exported.step}, {exported.key_count} keys, {size}.",
        _verified(exported.verified),
    ]
    if choice.is_share_safe:
        lines.append(f"Left out: {'; '.join(LEFT_OUT[part] for part in exported.left_out) or 'nothing'}.")
    return lines


def _verified(found: LoraVerification) -> str:
    rounded = f"rounded by at most {found.weight_difference:.1g} of a layer's change"
    parts = [
        f"all {found.key_count} keys of {found.layer_count} layers read back",
        rounded if found.weight_difference else "every number as it was learned",
    ]
    if found.output_difference is not None:
        parts.append(f"the U-Net's prediction the same to {found.output_difference:.1g}")
    if not found.is_base_checked:
        parts.append("its base model is gone or another one now and was not looked at")
    return f"Verified: {', '.join(parts)}."
