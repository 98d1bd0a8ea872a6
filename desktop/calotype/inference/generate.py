"""Make pictures from a request: one after the other, each on disk with its settings as soon as it is ready."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from PIL import Image

from calotype import __version__
from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.device import choose_device, choose_precision, memory_errors_named
from calotype.diffusion.lora_blocks import fitted_by_block
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_reading import FittedLora, fit_lora, read_lora_file
from calotype.diffusion.lora_weights import networks_of
from calotype.diffusion.model_shelf import ModelShelf, WantedModel
from calotype.diffusion.sampling import SamplingSettings, draw, make_scheduler
from calotype.domain.control import Control
from calotype.domain.errors import InvalidPlanError
from calotype.domain.events import (
    GenerationEvent,
    GenerationFinished,
    GenerationStarted,
    PictureReady,
    SamplingProgress,
    UnusedTensors,
)
from calotype.domain.generation import GenerationRequest
from calotype.domain.lora_blocks import LORA_BLOCKS, noted_blocks
from calotype.domain.models import BaseModelCard
from calotype.domain.plan import Precision
from calotype.domain.settings import STANDARD, Settings
from calotype.imagesets.picture_metadata import parameters_text, png_bytes
from calotype.storage.files import write_new


def generate(
    request: GenerationRequest,
    card: BaseModelCard,
    folder: Path,
    shelf: ModelShelf,
    control: Control,
    settings: Settings = STANDARD,
) -> Iterator[GenerationEvent]:
    """Make the pictures. Raises BaseModelError, LoraError, InvalidPlanError, OutOfDeviceMemoryError or StorageError.

    A Stop ends the picture that is being drawn; those that are finished stay. While a run is paused, its base model
    draws, in the run's number format.
    """
    device = choose_device(settings.device)
    wanted = WantedModel(card, device, choose_precision(Precision.AUTO, device), settings.thread_count)
    made = 0
    with memory_errors_named(device), shelf.lease(is_guest=True) as lease:
        lent = yield from lease.take(wanted, control)
        if lent is None:
            yield GenerationFinished(0, was_stopped=True)
            return
        model = lent.reading(request.clip_skip)
        _require_size(request, model)
        known = model.known_loras.fitted([use.path for use in request.loras], lambda path: _fitted(model, path))
        loras = [part for lora, use in zip(known, request.loras, strict=True) for part in fitted_by_block(lora, use)]
        with drawing_with(model, loras):
            yield GenerationStarted(request.count, _unused(request, known))
            for index in range(request.count):
                seed = (request.seed + index) % 2**32
                picture = yield from _draw_one(model, request, index, seed, control)
                if picture is None:
                    break
                data = png_bytes(picture, _parameters(model, request, seed))
                path = write_new(partial(_next_path, folder, seed), data)
                made += 1
                yield PictureReady(index, seed, path)
    yield GenerationFinished(made, was_stopped=made < request.count)


def _draw_one(
    model: BaseModel, request: GenerationRequest, index: int, seed: int, control: Control
) -> Generator[GenerationEvent, None, Image.Image | None]:
    settings = SamplingSettings(request.width_px, request.height_px, request.sampling_steps, request.guidance)
    with closing(draw(model, settings, [request.prompt], request.negative_prompt, [seed])) as steps:
        while not control.is_stopping:
            try:
                yield SamplingProgress(index, next(steps), request.sampling_steps)
            except StopIteration as finished:
                pictures: list[Image.Image] = finished.value
                return pictures[0]
    return None


def _fitted(model: BaseModel, path: Path) -> FittedLora:
    return fit_lora(read_lora_file(path), networks_of(model), model.card.name)


def _unused(request: GenerationRequest, loras: Sequence[FittedLora]) -> tuple[UnusedTensors, ...]:
    found = ((use.path.name, lora.left_over) for use, lora in zip(request.loras, loras, strict=True))
    return tuple(UnusedTensors(name, keys) for name, keys in found if keys)


def _require_size(request: GenerationRequest, model: BaseModel) -> None:
    quantum = model.quantum_px
    for name, value in (("width", request.width_px), ("height", request.height_px)):
        if value % quantum:
            raise InvalidPlanError(name, value, f"use a multiple of {quantum} with the base model {model.card.name}")


def _parameters(model: BaseModel, request: GenerationRequest, seed: int) -> str:
    names = ", ".join(f"{use.path.stem}: {use.strength:g}" for use in request.loras)
    blocks = noted_blocks((use.path.stem, use.blocks) for use in request.loras)
    words: dict[str, object] = {
        "Steps": request.sampling_steps,
        "Sampler": make_scheduler(model)[1],
        "CFG scale": f"{request.guidance:g}",
        "Seed": seed,
        "Size": f"{request.width_px}x{request.height_px}",
        "Model": model.card.name,
        **({"VAE": model.card.vae.name} if model.card.vae else {}),
        **({"Clip skip": request.clip_skip} if request.clip_skip > 1 else {}),
        **({"Lora": names} if names else {}),
        **({LORA_BLOCKS: blocks} if blocks else {}),
        "Version": f"Calotype {__version__}",
    }
    prompt = request.prompt + "".join(f" <lora:{use.path.stem}:{use.strength:g}>" for use in request.loras)
    return parameters_text(prompt, request.negative_prompt, words)


def _next_path(folder: Path, seed: int) -> Path:
    """The next number in the folder, so that pictures sort in the order in which they were made."""
    taken = [path.name.split("-")[0] for path in folder.glob("*.png")]
    number = 1 + max((int(name) for name in taken if name.isdecimal()), default=0)
    return folder / f"{number:05d}-{seed}.png"
