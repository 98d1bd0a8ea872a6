"""Whether a run's numbers mean anything, by what it never saw: other pictures, other noise, and another judge.

Identity is how much the previews of a step look like the subject on their backgrounds, by colours and gradients
(`packaging/starter_model/likeness.py`). The ratios of the best and the last LoRA are measured on eight new scenes of
the subject, with noise of their own.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from planted_faults import AS_PHOTOGRAPHED, TRIGGER
from starter_art import COLOURS, STYLE_WORDS, Sprite, describe, draw_scene, draw_scenes, views_on

from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.latents import encode_pixels, encode_prompts, pixels_of
from calotype.diffusion.lora_adapter import attach_for_drawing, remove_adapters
from calotype.diffusion.lora_reading import read_lora
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.buckets import Bucket
from calotype.domain.events import PreviewReady, TrainingEvent, ValidationFinished
from calotype.domain.metrics import mean_ratio
from calotype.domain.runs import Run
from calotype.services import model_catalog
from calotype.training.latent_cache import CachedImage
from calotype.training.validation import FixedDraws

UNSEEN, TIMESTEPS = 8, 16


@dataclass(frozen=True, slots=True)
class Trial:
    """One run. `ratios` and `identities` are those of its measurements with previews, the base model's first."""

    ratios: tuple[float, ...]
    identities: tuple[float, ...]
    best: float | None = None  # ratio on unseen pictures
    last: float | None = None

    def to_json(self) -> str:
        """Everything as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Trial:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return cls(tuple(values["ratios"]), tuple(values["identities"]), values["best"], values["last"])


def look_at_previews(events: Sequence[TrainingEvent], sprite: Sprite) -> Trial:
    """How much the previews of each measured step look like the subject."""
    points = {event.step: event.ratio.value for event in events if isinstance(event, ValidationFinished)}
    seen: dict[int, list[float]] = {}
    for event in events:
        if isinstance(event, PreviewReady) and event.step in points:
            colour = event.prompt.rsplit(", ", 1)[1].removesuffix(" background")
            drawn = describe(Image.open(event.path))
            seen.setdefault(event.step, []).append(max(float(drawn @ view) for view in views_on([sprite], colour)[0]))
    steps = sorted(seen)
    return Trial(tuple(points[step] for step in steps), tuple(statistics.fmean(seen[step]) for step in steps))


def try_checkpoints(trial: Trial, run: Run, sprite: Sprite, seed: int) -> Trial:
    """Measure the best and the last LoRA on scenes that nobody trained or checked with."""
    best, last = _ratios(sprite, seed, (run.best_lora_path, run.last_lora_path))
    return replace(trial, best=best, last=last)


def _ratios(sprite: Sprite, seed: int, paths: Sequence[Path]) -> list[float]:
    """The ratio of each LoRA to the base model."""
    card = model_catalog.starter_card()
    model = load_base_model(card, torch.device("cpu"), torch.float32, 0)
    schedule = NoiseSchedule.from_config(model.scheduler_config, torch.device("cpu"))
    chance = random.Random(f"unseen {sprite.label} {seed}")
    colours = chance.choices(list(COLOURS), k=UNSEEN)
    images: list[CachedImage] = []
    for picture, colour in zip(
        draw_scenes([sprite], [draw_scene(0, AS_PHOTOGRAPHED, chance, colour) for colour in colours]),
        colours,
        strict=True,
    ):
        latents = encode_pixels(model, pixels_of(picture)[None])[0]
        words = encode_prompts(model, [f"{TRIGGER}, {STYLE_WORDS}, {colour} background"])
        images.append(CachedImage(f"unseen {len(images)}", Bucket(128, 128), latents, None, words))
    draws = FixedDraws.of(images, UNSEEN, schedule.timestep_count, TIMESTEPS)
    base = list(draws.measure(model.unet, schedule, torch.float32))
    ratios = []
    for path in paths:
        attach_for_drawing(model.unet, read_lora(path, model.unet, card.name), "tried")
        ratios.append(mean_ratio(list(draws.measure(model.unet, schedule, torch.float32)), base))
        remove_adapters(model.unet)
    return ratios
