"""Pictures drawn during training: always the same prompts and seeds, so that only what was learned changes."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from PIL import Image

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import merged
from calotype.diffusion.sampling import SamplingSettings, draw, make_scheduler
from calotype.domain.control import Control
from calotype.domain.events import PreviewReady, PreviewsMeasured, Stage, StageChanged, TrainingEvent
from calotype.domain.plan import TrainingPlan
from calotype.imagesets.picture_metadata import parameters_text, png_bytes
from calotype.storage.files import write_atomically
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts

Measuring = Generator[TrainingEvent, None, PreviewsMeasured | None]


def show_previews(job: TrainingJob, parts: Parts, step: int, control: Control) -> Measuring:
    """Draw the previews of a step, and compare them with the pictures once all are on disk; None if they were not."""
    drawn = 0
    for event in draw_previews(job, parts.model, step, control):
        drawn += isinstance(event, PreviewReady)
        yield event
    if drawn:
        paths, base = ([job.preview_path(at, index) for index in range(drawn)] for at in (step, 0))
        measured = yield from parts.meter.measure(step, paths, base, control)
        if measured is not None:
            yield measured
        return measured
    return None


def draw_previews(
    job: TrainingJob, model: BaseModel, step: int, control: Control
) -> Iterator[StageChanged | PreviewReady]:
    """Draw every preview prompt at once and report each picture when it is on disk; a Stop abandons them."""
    plan, preview, prompts = job.plan, job.plan.preview, job.plan.preview.prompts
    if not prompts:
        return
    side = plan.resolution_px // model.quantum_px * model.quantum_px
    settings = SamplingSettings(side, side, preview.sampling_steps, preview.guidance)
    seeds = [preview.seed + index for index in range(len(prompts))]
    pictures: list[Image.Image] = []
    model.unet.eval()
    with merged(model.unet), closing(draw(model, settings, prompts, "", seeds)) as steps:
        while not control.is_stopping:
            try:
                done = next(steps)
            except StopIteration as finished:
                pictures = finished.value
                break
            yield StageChanged(Stage.DRAWING_PREVIEWS, done, preview.sampling_steps)
    for index, picture in enumerate(pictures):
        path = job.preview_path(step, index)
        text = parameters_text(prompts[index], "", _words(model, plan, settings, seeds[index], step))
        write_atomically(path, png_bytes(picture, text))
        yield PreviewReady(step, index, prompts[index], seeds[index], path)


def _words(model: BaseModel, plan: TrainingPlan, settings: SamplingSettings, seed: int, step: int) -> dict[str, object]:
    return {
        "Steps": settings.sampling_steps,
        "Sampler": make_scheduler(model)[1],
        "CFG scale": settings.guidance,
        "Seed": seed,
        "Size": f"{settings.width_px}x{settings.height_px}",
        "Model": model.card.name,
        **({"Clip skip": plan.clip_skip} if plan.clip_skip > 1 else {}),
        "Training step": step,
    }
