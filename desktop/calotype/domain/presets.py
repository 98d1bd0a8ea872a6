"""Good settings for a kind of subject, a quality and a base model, so that nobody has to know what a rank is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from calotype.domain.imageset import ImageSet, SubjectKind
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import PreviewPlan, TrainingPlan

PREVIEW_PROMPTS = 2
PREVIEW_ROUNDS = 2  # of measuring for one of drawing: a picture tells less than a number, and costs nearly as much
PATIENCE = 3  # measurements: half a run without a better one, while the rate falls, and none will come
ROUNDS = 6  # of measuring, besides the one before the first step; measuring takes 8 % of a run of the Starter


class Quality(StrEnum):
    """How much time a run may take."""

    QUICK = "quick"
    BALANCED = "balanced"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will need. `seconds` is None until this computer has trained with this base model once.

    `least_memory_bytes`: with gradient checkpointing, which a run uses by itself where less memory is free.
    """

    seconds: float | None
    memory_bytes: int
    least_memory_bytes: int
    disk_bytes: int
    trained_parameters: int


def preset_plan(image_set: ImageSet, quality: Quality, model: BaseModelCard) -> TrainingPlan:
    """The plan that fits this set, quality and base model."""
    kind = image_set.project.kind
    plan = TrainingPlan(base_model=model.id, project_id=image_set.project.id, resolution_px=_resolution(model))
    if model.family is ModelFamily.STARTER:
        plan = _for_starter(plan, quality)
    else:
        usual = _USUAL_FOR_XL if model.family is ModelFamily.SDXL else _USUAL
        plan = _for_stable_diffusion(plan, usual, quality, image_set)
    every = max(1, plan.step_count // ROUNDS)
    return replace(
        plan,
        caption_dropout=0.1 if kind is SubjectKind.STYLE else 0.05,
        validate_every=every,
        checkpoint_every=every,
        patience=PATIENCE,
        preview=replace(plan.preview, every=PREVIEW_ROUNDS * every, prompts=preview_prompts(image_set)),
    )


def _for_starter(plan: TrainingPlan, quality: Quality) -> TrainingPlan:
    """Small networks want a high rate, and their convolutions must learn too: attention sits only on the coarsest
    levels.

    Measured on eighteen drawings of a mascot like the sample, 200 steps: ratio 0.52 with min-SNR 5 and 0.50 without
    (it all but removes the noisiest timesteps of a v-prediction model, where shape is decided); 0.49 at twice the rate,
    with the eye and the antennae in their places.
    """
    return replace(
        plan,
        lora=LoraSpec(rank=16, alpha=16.0, targets=LoraTargets.ALL_LAYERS),
        step_count={Quality.QUICK: 120, Quality.BALANCED: 180, Quality.BEST: 360}[quality],
        batch_size=4,
        learning_rate=2e-3,
        warmup_steps=10,
        weight_decay=0.001,
        min_snr_gamma=0.0,
        preview=PreviewPlan(sampling_steps=8),  # to the eye the same as twenty, in less than half the time
    )


@dataclass(frozen=True, slots=True)
class _Usual:
    """What the popular trainers recommend for a family; `visits` counts how often each picture is learned from."""

    rank: int
    rank_for_style: int
    batch_size: int
    visits: Mapping[Quality, int]


_USUAL = _Usual(16, 32, 2, {Quality.QUICK: 50, Quality.BALANCED: 100, Quality.BEST: 160})
# At 1024 pixels one picture fills as much memory as five of 512, and a larger U-Net learns it in fewer visits.
_USUAL_FOR_XL = _Usual(32, 32, 1, {Quality.QUICK: 40, Quality.BALANCED: 80, Quality.BEST: 120})


def _for_stable_diffusion(plan: TrainingPlan, usual: _Usual, quality: Quality, image_set: ImageSet) -> TrainingPlan:
    """Rates and ranks as the popular trainers recommend them (alpha = rank / 2), steps by the number of pictures."""
    rank = usual.rank_for_style if image_set.project.kind is SubjectKind.STYLE else usual.rank
    visited = sum(image_set.turns) * usual.visits[quality]
    steps = min(3000, max(300, visited // usual.batch_size)) // ROUNDS * ROUNDS
    return replace(
        plan,
        lora=LoraSpec(rank=rank, alpha=rank / 2, targets=LoraTargets.ATTENTION_AND_MLP),
        step_count=steps,
        batch_size=usual.batch_size,
        learning_rate=1e-4,
        warmup_steps=steps // 20,
        preview=PreviewPlan(guidance=6.0, sampling_steps=20),
    )


def preview_prompts(image_set: ImageSet) -> tuple[str, ...]:
    """Captions of held-out pictures: what is drawn can be compared with a picture that was never learned from."""
    captions = dict.fromkeys(image.caption for image in image_set.held_out if image.caption.strip())
    chosen: Sequence[str] = list(captions)[:PREVIEW_PROMPTS]
    return tuple(chosen) or (image_set.project.trigger_word,)


def _resolution(model: BaseModelCard) -> int:
    return max(64, model.resolution_px // 64 * 64)
