"""calotype generate: pictures from a prompt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ModelOption, as_command, made_folder, opened_workspace, true_text
from calotype.cli.progress import follow_generation
from calotype.domain.control import Control
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora_blocks import AS_ONE, BlockStrengths
from calotype.domain.models import STARTER_ID
from calotype.services import generation, model_catalog
from calotype.services.workspace import Workspace

LorasOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE_OR_NAME[:STRENGTH[:BLOCKS]]",
        help="A LoRA; 1 is as trained. Blocks: text=0,down=0.5,up3=1.2. May be repeated.",
    ),
]


@dataclass(frozen=True, slots=True)
class DrawingOptions:
    """How to draw; what is None is as the base model likes it."""

    negative: Annotated[str, typer.Option(metavar="TEXT", help="What to keep out.", callback=true_text)] = ""
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the first picture; the next ones count up.")] = 1
    count: Annotated[int, typer.Option(metavar="N", help="How many pictures.")] = 1
    size: Annotated[str, typer.Option(metavar="WxH", help="Pixels; otherwise as the model likes them.")] = ""
    steps: Annotated[int | None, typer.Option(metavar="N", help="Denoising steps of a picture.")] = None
    guidance: Annotated[float | None, typer.Option(metavar="G", help="How closely to follow the prompt.")] = None
    clip_skip: Annotated[int, typer.Option(metavar="N", help="Layer of the text encoder, 1 being the last.")] = 1

    def on(self, usual: GenerationRequest) -> GenerationRequest:
        """The usual request of a base model with what was chosen. Raises typer.BadParameter or InvalidPlanError."""
        request = replace(
            usual,
            negative_prompt=self.negative,
            sampling_steps=usual.sampling_steps if self.steps is None else self.steps,
            guidance=usual.guidance if self.guidance is None else self.guidance,
            seed=self.seed,
            count=self.count,
            clip_skip=self.clip_skip,
        )
        return with_size(request, self.size)


@as_command
def generate(
    chosen: Choices,
    prompt: Annotated[
        str, typer.Option(metavar="TEXT", help="What to draw, with the trigger word of the LoRA.", callback=true_text)
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the pictures.")],
    lora: LorasOption = None,
    model: ModelOption = STARTER_ID,
    *,
    drawing: DrawingOptions,
) -> None:
    """Make pictures. Each is a PNG with its settings inside. Ctrl+C stops and keeps the finished ones."""
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        usual = generation.default_request(model_catalog.find_base_model(workspace, model), prompt)
        request = replace(drawing.on(usual), loras=tuple(parsed_lora(workspace, text) for text in lora or []))
        events = generation.generate(workspace, request, control, made_folder(out))
        made = follow_generation(events, chosen.output)
    pictures = [{"path": picture.path, "seed": picture.seed} for picture in made]
    chosen.output.result(f"Made {len(made)} of {request.count} in {out}", {"pictures": pictures})
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


def with_size(request: GenerationRequest, text: str) -> GenerationRequest:
    """Read a size such as 512x768; without one, the request stays as it is. Raises typer.BadParameter."""
    if not text:
        return request
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise typer.BadParameter(f"“{text}” needs the form 512x768", param_hint="--size")
    return replace(request, width_px=int(width), height_px=int(height))


def parsed_lora(workspace: Workspace, text: str) -> LoraUse:
    """Read NAME, FILE, NAME:0.8 or NAME:0.8:up=0.5,mid=0. Any other colon belongs to the path.

    Raises InvalidPlanError for factors that are none, and LoraNotFoundError.
    """
    text, blocks = _split_blocks(text)
    name, _, tail = text.rpartition(":")
    try:
        strength = float(tail)
    except ValueError:
        name, strength = text, 1.0
    if not name:
        name, strength = text, 1.0
    return LoraUse(model_catalog.find_lora(workspace, name).path, strength, blocks)


def _split_blocks(text: str) -> tuple[str, BlockStrengths]:
    """The factors behind the last colon, if there is an equals sign and neither a folder nor a file."""
    name, _, tail = text.rpartition(":")
    if not name or "=" not in tail or {"/", "\\"} & set(tail) or tail.endswith(".safetensors"):
        return text, AS_ONE
    return name, BlockStrengths.parse(tail)
