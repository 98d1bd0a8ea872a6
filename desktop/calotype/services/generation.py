"""Make pictures, and find those that were made. torch is imported when the first picture is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.events import GenerationEvent, GenerationFinished, GenerationStarted, PictureReady
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.runs import Run
from calotype.imagesets.picture_metadata import parse_parameters, read_parameters
from calotype.services.compute_modules import load_compute_modules
from calotype.services.model_catalog import find_base_model
from calotype.services.workspace import Workspace, load_settings
from calotype.storage.files import make_folder, newest_first


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """A picture that was made here; the file itself says how."""

    path: Path
    created_at: float  # seconds since 1970
    prompt: str
    negative_prompt: str
    settings: dict[str, str]


def generate(
    workspace: Workspace,
    request: GenerationRequest,
    control: Control,
    folder: Path | None = None,
    shelf: ModelShelf | None = None,
) -> Iterator[GenerationEvent]:
    """Make the pictures of a request into `folder`, or into the outputs of today."""
    load_compute_modules()
    from calotype.inference import generate as inference

    card = find_base_model(workspace, request.base_model)
    target = folder or workspace.folder.outputs / time.strftime("%Y-%m-%d")
    make_folder(target)
    yield from inference.generate(request, card, target, shelf or ModelShelf(), control, load_settings(workspace))


def default_request(model: BaseModelCard, prompt: str = "") -> GenerationRequest:
    """Good settings for a base model."""
    is_small = model.family is ModelFamily.STARTER
    return GenerationRequest(
        prompt=prompt,
        base_model=model.id,
        width_px=model.resolution_px,
        height_px=model.resolution_px,
        sampling_steps=20 if is_small else 25,
        guidance=4.0 if is_small else 6.0,
    )


def compare_strengths(
    workspace: Workspace, run: Run, strengths: Sequence[float], control: Control, shelf: ModelShelf | None = None
) -> Iterator[GenerationEvent]:
    """The same picture without the LoRA (strength 0) and with it; `PictureReady.index` counts strengths.

    Pictures are kept in the run's folder, and drawn only once for each strength and checkpoint.
    """
    lora = run.best_lora_path if run.best_lora_path.is_file() else run.last_lora_path
    step = run.best_step or run.last_step
    wanted = [
        WantedPicture(index, compared_folder(run, step, strength), preview_request(run, lora, strength))
        for index, strength in enumerate(strengths)
    ]
    yield from draw_once(workspace, wanted, control, shelf)


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """One picture that is kept in a folder of its own once it is drawn."""

    index: int
    folder: Path
    request: GenerationRequest

    @property
    def kept(self) -> Path | None:
        """The picture, if it was drawn before."""
        return next(iter(sorted(self.folder.glob("*.png"))), None)


def draw_once(
    workspace: Workspace, wanted: Sequence[WantedPicture], control: Control, shelf: ModelShelf | None = None
) -> Iterator[GenerationEvent]:
    """Report each picture in order with its index: from its folder, or drawn into it now. A Stop ends it."""
    yield GenerationStarted(len(wanted))
    made, shelf = 0, shelf or ModelShelf()
    for picture in wanted:
        kept = picture.kept
        if kept is not None:
            events: Iterator[GenerationEvent] = iter([PictureReady(picture.index, picture.request.seed, kept)])
        else:
            load_compute_modules()  # not before a picture has to be drawn: those that are kept appear at once
            events = generate(workspace, picture.request, control, picture.folder, shelf)
        for event in events:
            if isinstance(event, PictureReady):
                made += 1
                yield replace(event, index=picture.index)
            elif not isinstance(event, GenerationStarted | GenerationFinished):
                yield event
        if control.is_stopping:
            break
    yield GenerationFinished(made, was_stopped=made < len(wanted))


def compared_folder(run: Run, step: int, strength: float) -> Path:
    """Where the picture of a checkpoint at a strength is kept."""
    return run.folder / "compare" / f"step-{step:06d}-strength-{strength:.2f}"


def preview_request(run: Run, lora: Path, strength: float) -> GenerationRequest:
    """The first preview of a run again, with one of its LoRAs at some strength."""
    preview = run.plan.preview
    return GenerationRequest(
        prompt=next(iter(preview.prompts), ""),
        base_model=run.plan.base_model,
        loras=(LoraUse(lora, strength),) if strength else (),
        width_px=run.plan.resolution_px,
        height_px=run.plan.resolution_px,
        sampling_steps=preview.sampling_steps,
        guidance=preview.guidance,
        seed=preview.seed,
        clip_skip=run.plan.clip_skip,
    )


def recent_pictures(workspace: Workspace, limit: int = 200) -> list[PictureRecord]:
    """The newest pictures of the outputs folder, newest first; the folder itself is the truth."""
    paths = newest_first(workspace.folder.outputs.glob("*/*.png"))
    return [record for record in map(read_record, paths[:limit]) if record is not None]


def read_record(path: Path) -> PictureRecord | None:
    """How a picture was made, from the file itself; None if the file is gone or no picture."""
    try:
        prompt, negative_prompt, settings = parse_parameters(read_parameters(path))
        created_at = path.stat().st_mtime
    except (OSError, SyntaxError, ValueError):
        return None
    return PictureRecord(path, created_at, prompt, negative_prompt, settings)
