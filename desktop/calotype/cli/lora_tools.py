"""calotype loras merge, resize, extract and bake: new files out of LoRAs and base models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, assert_never

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, as_command, made_folder, opened_workspace
from calotype.cli.output import Output
from calotype.cli.pictures import parsed_lora
from calotype.cli.words import counted, file_size
from calotype.domain.control import Control
from calotype.domain.lora_export import LoraPrecision
from calotype.domain.lora_tools import LayerDone, LoraToolEvent, LoraWritten, ModelBaked, ToolStopped
from calotype.services import lora_tools, model_catalog
from calotype.services.lora_tools import LoraChoice

_STOPPED = "Stopped; nothing was written."
LorasArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE_OR_NAME[:STRENGTH[:BLOCKS]]...",
        help="LoRAs; 1 is as trained, the default. Blocks: text=0,down=0.5,up3=1.2.",
    ),
]
OutOption = Annotated[Path, typer.Option(metavar="FILE", help="The .safetensors file to write.")]
PrecisionOption = Annotated[LoraPrecision, typer.Option(help="The number format of its weights.")]


@as_command
def merge(
    chosen: Choices,
    loras: LorasArgument,
    out: OutOption,
    rank: Annotated[
        int | None, typer.Option(metavar="N", help="Cut the sum to this rank; without it, the sum is exact.")
    ] = None,
    precision: PrecisionOption = LoraPrecision.FP16,
) -> None:
    """Make one LoRA that draws as several do together, each at its strength."""
    control = Control()
    choice = LoraChoice(_destination(out), rank, precision)
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        uses = [parsed_lora(workspace, text) for text in loras]
        _follow(lora_tools.merge_loras(uses, choice, control), chosen.output)


@as_command
def resize(
    chosen: Choices,
    lora: Annotated[str, typer.Argument(metavar="FILE_OR_NAME", help="A LoRA file, or a name in the Library.")],
    rank: Annotated[int, typer.Option(metavar="N", help="The rank that no layer shall exceed.")],
    out: OutOption,
    precision: PrecisionOption = LoraPrecision.FP16,
) -> None:
    """Make a LoRA smaller, and say how much of it is kept."""
    control = Control()
    choice = LoraChoice(_destination(out), rank, precision)
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        path = model_catalog.find_lora(workspace, lora).path
        _follow(lora_tools.resize_lora(path, choice, control), chosen.output)


@as_command
def extract(
    chosen: Choices,
    base: Annotated[str, typer.Option(metavar="MODEL", help="The model before: an id, a name, a file or a folder.")],
    tuned: Annotated[str, typer.Option(metavar="MODEL", help="The model after; of the same kind.")],
    out: OutOption,
    rank: Annotated[int, typer.Option(metavar="N", help="How closely to follow the difference.")] = 32,
    precision: PrecisionOption = LoraPrecision.FP16,
) -> None:
    """Make a LoRA of what two base models differ by, and say how much of the difference it holds."""
    control = Control()
    choice = LoraChoice(_destination(out), rank, precision)
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        before, after = (lora_tools.model_path(workspace, name) for name in (base, tuned))
        _follow(lora_tools.extract_lora(before, after, choice, control), chosen.output)


@as_command
def bake(
    chosen: Choices,
    loras: LorasArgument,
    model: Annotated[str, typer.Option(metavar="MODEL", help="The base model: an id, a name, a file or a folder.")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="The new file, or the new folder if the model is one.")],
) -> None:
    """Write a copy of a base model with LoRAs in its weights. The model itself is not changed."""
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        uses = [parsed_lora(workspace, text) for text in loras]
        source = lora_tools.model_path(workspace, model)
        destination = _destination(out) if source.is_file() else made_folder(out.absolute().parent) / out.name
        _follow(lora_tools.bake_loras(source, uses, destination, control), chosen.output)


def _destination(out: Path) -> Path:
    named = out if out.suffix == ".safetensors" else out.with_name(f"{out.name}.safetensors")
    return made_folder(named.absolute().parent) / named.name


def _follow(events: Iterable[LoraToolEvent], output: Output) -> None:
    """Say each step and the result. Leaves with the code of an interruption if it was stopped."""
    for event in events:
        match event:
            case LayerDone():
                output.passing(f"{event.done} of {event.total}")
            case LoraWritten():
                output.result("\n".join(_of_lora(event)), asdict(event))
            case ModelBaked():
                output.result("\n".join(_of_model(event)), asdict(event))
            case ToolStopped():
                output.result(_STOPPED, {"is_stopped": True})
                raise typer.Exit(INTERRUPTED)
            case _:
                assert_never(event)


def _of_lora(written: LoraWritten) -> list[str]:
    size = file_size(written.size_bytes)
    rounded = f"rounded by at most {written.weight_difference:.1g} of a layer's change"
    rounded = rounded if written.weight_difference else "nothing rounded"
    kept = f"It keeps {100 * written.kept:.1f} % of the change (by norm)."
    lines = [
        f"Wrote {written.path}: {counted(written.layer_count, 'layer')}, rank up to {written.rank}, {size}.",
        "Nothing was cut off." if written.kept == 1 else kept,
        f"Verified: all {written.key_count} keys read back, {rounded}.",
    ]
    if written.left_out:
        lines.append(f"Left out: {counted(written.left_out, 'tensor')} that such a LoRA cannot hold.")
    return lines


def _of_model(baked: ModelBaked) -> list[str]:
    lines = [
        f"Wrote {baked.path}: {baked.changed_tensors} of {baked.total_tensors} tensors changed, "
        f"{file_size(baked.size_bytes)}.",
        "Verified: read back, every other tensor is the original's.",
    ]
    if baked.unused:
        shown = ", ".join(baked.unused[:3]) + (" …" if len(baked.unused) > 3 else "")
        lines.append(f"Without effect: {counted(len(baked.unused), 'layer')} that the model does not have: {shown}")
    return lines
