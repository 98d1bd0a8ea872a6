"""Losses to judge a validation by: LoRAs at several stages, and far more draws of each than an app could pay for.

Two things that the Starter never saw are taught by the balanced preset from twelve pictures each, and five LoRAs on
the way are kept. Then, for the base model and each LoRA: `deep`, a few held-out pictures at some seventy timesteps with
eight noises each, and `wide`, many held-out pictures at the timesteps and noises that the app itself would take.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from starter_art import COLOURS, HELD_OUT, ROOT, STYLE_WORDS, Sprite, draw_scene, draw_scenes, load_sprites
from starter_teaching import AS_PHOTOGRAPHED, SUBJECTS
from torch import Tensor

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.lora_adapter import attach_for_drawing, remove_adapters
from calotype.diffusion.lora_reading import read_lora
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.control import Control
from calotype.domain.events import StepFinished
from calotype.domain.imageset import ImageSet, Project, Split, SubjectKind
from calotype.domain.plan import PreviewPlan
from calotype.domain.presets import Quality
from calotype.domain.runs import step_paths
from calotype.services import library, model_catalog, projects, training_runs
from calotype.services.workspace import Workspace, close_workspace, open_workspace
from calotype.training.latent_cache import CachedImage, cache_images
from calotype.training.objective import Batch, generator_for, losses_of
from calotype.training.validation import FixedDraws

TAUGHT = ("robot", "octopus")
TRAINED, WIDE_IMAGES, WIDE_TIMESTEPS, DEEP_IMAGES, STAGES = 12, 48, 8, 4, 5
TIME_CELLS, NOISES = 48, 8  # noises in pairs of one and its negative
FINE_TIMESTEPS = tuple(range(0, 40, 4)) + tuple(range(44, 140, 12))
AT_ONCE = 16
OUT = ROOT / "build" / "validation-draws"


@dataclass(frozen=True, slots=True)
class Pool:
    """Shapes: deep (models, images, timesteps, noises), wide (models, images, timesteps); model 0 is the base model.
    `log_snr` and `shares`, of the whole time range, belong to the timesteps of `deep`.
    """

    subject: str
    steps: tuple[int, ...]  # of the LoRAs
    step_losses: tuple[float, ...]  # of the run, each of a batch of four
    timesteps: tuple[int, ...]
    log_snr: Tensor
    shares: Tensor
    deep: Tensor
    wide: Tensor


def read_pools(path: Path) -> list[Pool]:
    """What `write_pools` left."""
    return [Pool(**values) for values in torch.load(path)]


def write_pools(path: Path) -> list[Pool]:
    """Teach, measure, and keep the losses in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pools = []
    for sprite in load_sprites(("3d",), HELD_OUT):
        if sprite.label in TAUGHT:
            with tempfile.TemporaryDirectory(prefix="calotype-draws-") as folder:
                workspace = open_workspace(Path(folder, "home"))
                try:
                    pools.append(_pool_of(workspace, sprite))
                finally:
                    close_workspace(workspace)
    torch.save([asdict(pool) for pool in pools], path)
    return pools


def _pool_of(workspace: Workspace, sprite: Sprite) -> Pool:
    project = projects.create_project(workspace, sprite.label, SubjectKind.CHARACTER, SUBJECTS[sprite.label])
    pictures = _fill(workspace, project, sprite)
    loras, step_losses = _train(workspace, project, pictures)
    model = load_base_model(model_catalog.starter_card(), torch.device("cpu"), torch.float32, thread_count=1)
    schedule = NoiseSchedule.from_config(model.scheduler_config, model.device)
    images = list(cache_images(model, pictures.held_out, 128, with_mirrored=False))
    timesteps, shares = _timesteps(schedule.timestep_count)
    deep, wide = [], []
    for path in (None, *loras.values()):
        _use(model, path)
        deep.append(_deep(model.unet, schedule, images[:DEEP_IMAGES], timesteps))
        draws = FixedDraws.of(images, WIDE_IMAGES, schedule.timestep_count, WIDE_TIMESTEPS)
        wide.append(torch.tensor(list(draws.measure(model.unet, schedule, torch.float32))))
        sys.stderr.write(f"\r{sprite.label}: {len(deep)} of {len(loras) + 1} models measured")
    log_snr = schedule.snr(torch.tensor(timesteps)).double().clamp(min=1e-12).log()
    return Pool(
        sprite.label, tuple(loras), step_losses, timesteps, log_snr, shares, torch.stack(deep), torch.stack(wide)
    )


def _fill(workspace: Workspace, project: Project, sprite: Sprite) -> ImageSet:
    """Bring in the pictures with captions; the first twelve are learned from."""
    chance = random.Random(sprite.label)
    colours = [chance.choice(list(COLOURS)) for _ in range(TRAINED + WIDE_IMAGES)]
    scenes = [draw_scene(0, AS_PHOTOGRAPHED, chance, colour) for colour in colours]
    with tempfile.TemporaryDirectory() as folder:
        for number, (picture, colour) in enumerate(zip(draw_scenes([sprite], scenes), colours, strict=True)):
            picture.save(Path(folder, f"{number:02d}.png"))
            caption = f"{project.trigger_word}, {STYLE_WORDS}, {colour} background"
            Path(folder, f"{number:02d}.txt").write_text(caption, encoding="utf-8")
        list(library.import_images(workspace, project, [Path(folder)], Control()))
    splits = {
        image.content_hash: Split.TRAINING if int(image.original_name[:2]) < TRAINED else Split.VALIDATION
        for image in library.image_set(workspace, project).images
    }
    library.set_splits(workspace, project, splits)
    return library.image_set(workspace, project)


def _train(workspace: Workspace, project: Project, pictures: ImageSet) -> tuple[dict[int, Path], tuple[float, ...]]:
    """The LoRA files by step, and each step's loss."""
    plan = training_runs.default_plan(workspace, pictures, Quality.BALANCED, model_catalog.starter_card())
    silent = PreviewPlan(every=plan.step_count, prompts=())
    plan = replace(plan, validate_every=plan.step_count, checkpoint_every=plan.step_count // STAGES, preview=silent)
    events = list(training_runs.start(workspace, project, plan, Control()))
    run = training_runs.list_runs(workspace, project)[0]
    losses = tuple(event.loss for event in events if isinstance(event, StepFinished))
    return step_paths(run.folder / "checkpoints"), losses


def _use(model: BaseModel, path: Path | None) -> None:
    """Let this LoRA alone count, added into the weights, where it costs nothing."""
    model.unet.eval()
    if path is not None:
        if getattr(model.unet, "peft_config", None):
            model.unet.unfuse_lora()
            remove_adapters(model.unet)
        attach_for_drawing(model.unet, read_lora(path, model.unet, "Starter"), "lora0")
        model.unet.fuse_lora()


def _timesteps(timestep_count: int) -> tuple[tuple[int, ...], Tensor]:
    """Evenly through time, and closer where log-SNR changes fast; each with its share of the time range."""
    even = (int((place + 0.5) * timestep_count / TIME_CELLS) for place in range(TIME_CELLS))
    timesteps = tuple(sorted({*even, *FINE_TIMESTEPS}))
    inner = [(one + other + 1) / 2 for one, other in pairwise(timesteps)]
    edges = torch.tensor([0.0, *inner, float(timestep_count)], dtype=torch.float64)
    return timesteps, edges.diff() / timestep_count


def _deep(unet: Any, schedule: NoiseSchedule, images: Sequence[CachedImage], timesteps: Sequence[int]) -> Tensor:
    """Losses of all draws, shape (images, timesteps, noises)."""
    rows = []
    for image in images:
        with torch.no_grad():
            losses = [losses_of(unet, schedule, batch, torch.float32) for batch in _batches(image, timesteps)]
        rows.append(torch.cat(losses).reshape(len(timesteps), NOISES))
    return torch.stack(rows)


def _batches(image: CachedImage, timesteps: Sequence[int]) -> Iterator[Batch]:
    for start in range(0, len(timesteps), AT_ONCE // NOISES):
        chosen = timesteps[start : start + AT_ONCE // NOISES]
        noise = torch.cat([_noises(image, timestep) for timestep in chosen])
        count = len(noise)
        yield Batch(
            latents=image.latents.expand(count, -1, -1, -1),
            noise=noise,
            timesteps=torch.tensor(chosen).repeat_interleave(NOISES),
            conditioning=image.conditioning.expand(count),
        )


def _noises(image: CachedImage, timestep: int) -> Tensor:
    """Shape (noises, channels, h, w): each noise is followed by its negative."""
    generator = generator_for("pool", image.content_hash, timestep)
    half = torch.randn(NOISES // 2, *image.latents.shape, generator=generator)
    return torch.stack([half, -half], dim=1).flatten(0, 1)
