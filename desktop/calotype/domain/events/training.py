"""What a training run reports, from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calotype.domain.events.stages import StageChanged
from calotype.domain.events.values import BandRatios, BlockNorm, ImageRatio, Interval, Leak


class FinishReason(StrEnum):
    """Why a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    SETTLED = "settled"  # held-out pictures had not become better for as long as the plan's patience


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has an identity; nothing is loaded yet."""

    run_id: str
    step_count: int
    first_step: int  # 1, or the step after the checkpoint that the run continues from
    images_trained: int
    images_held_out: int


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The base model is on the device and the LoRA is attached."""

    device: str
    precision: str
    trained_parameters: int
    total_parameters: int


@dataclass(frozen=True, slots=True)
class SetExamined:
    """What can be said of the pictures and captions before the first step; see `training.examination`.

    `caption_fit` is how often a picture's own caption explains it better to the base model than another's, 0.5 is
    chance; None if too few captions differ to the model. `kinship` is how much the two parts that differ most pull the
    LoRA the same way, 1 as much as each picture pulls twice; `held_out_kinship` is the same for held-out pictures and
    those to learn from. None if there are too few pictures.
    """

    captions: int  # of pictures to learn from
    with_trigger: int  # of these captions, that name the trigger word
    needs_trigger_word: bool  # False for a style, which may come without being called
    caption_fit: float | None
    kinship: float | None
    other_part: tuple[str, ...]  # content hashes of the smaller of the two parts
    held_out_kinship: float | None
    leaks: tuple[Leak, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class PartsCompared:
    """How much two parts of the pictures still pull the LoRA apart when it has learned what they share, see
    `training.kinship`; `other_part` are the content hashes of the smaller one.
    """

    step: int
    contrast: float
    other_part: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class StepFinished:
    """One update of the LoRA."""

    step: int
    loss: float
    learning_rate: float
    gradient_norm: float
    seconds: float
    images_per_second: float
    memory_bytes: int
    temperature_c: float | None = None  # of the graphics card; None where its driver does not tell
    power_watts: float | None = None


@dataclass(frozen=True, slots=True)
class ValidationFinished:
    """Held-out images and a probe of training images, measured on the same fixed noise as the base model.

    A ratio below 1 means better than the base model. `probe_ratio` is the same for training images; a probe ratio that
    falls while the ratio rises is overfitting.
    """

    step: int
    loss: float
    base_loss: float
    ratio: Interval
    bands: BandRatios
    probe_ratio: float
    is_best: bool
    seconds: float
    held_out_images: tuple[ImageRatio, ...] = ()  # empty in runs of versions that did not measure it
    probe_images: tuple[ImageRatio, ...] = ()
    drift: float | None = (
        None  # how far captions without the trigger word moved, see training.drift; None if unmeasured
    )
    weight_norms: tuple[BlockNorm, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewReady:
    """One preview picture is on disk."""

    step: int
    index: int
    prompt: str
    seed: int
    path: Path


@dataclass(frozen=True, slots=True)
class PreviewsMeasured:
    """The previews of a step, compared with the pictures by what the base model itself sees in them.

    `similarity` to held-out pictures is 0 for what the base model draws and 1 for what training pictures reach; None if
    the base model's previews cannot be told from the subject. `diversity` is how different the previews are from each
    other, 1 as much as training pictures; None for a single preview. `nearest_distance` is that of the preview and the
    training picture that are closest, 1 as close as training pictures come to each other, 0 a copy; None if the
    training pictures are all copies of each other.
    """

    step: int
    similarity: float | None
    diversity: float | None
    nearest_preview: int  # its index
    nearest_hash: str  # content hash of the training picture
    nearest_name: str
    nearest_distance: float | None
    is_memorised: bool
    seconds: float
    model_similarity: float | None = None  # the same as similarity, by a CLIP or DINOv2 model of the user's
    adherence: float | None = None  # of previews to their prompts by a CLIP, see training.vision_metrics


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """The LoRA of this step is on disk."""

    step: int
    path: Path
    is_best: bool


@dataclass(frozen=True, slots=True)
class LoraChecked:
    """The LoRA file that the run keeps, read back and tried: how many of its layers are zero, and how far it moves the
    predictions for held-out pictures, as a share of the base model's (0 is not at all).
    """

    step: int
    layers: int
    empty_layers: int
    change: float


@dataclass(frozen=True, slots=True)
class RunPaused:
    """The run waits and keeps everything in memory."""

    step: int


@dataclass(frozen=True, slots=True)
class RunResumed:
    """The run goes on after a pause."""

    step: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Always the last event of a run that did not fail. `lora_path` is the best checkpoint, None if nothing was learned
    yet.
    """

    reason: FinishReason
    step: int
    best_step: int
    best_ratio: float
    base_loss: float
    seconds: float
    lora_path: Path | None


TrainingEvent = (
    RunStarted
    | StageChanged
    | ModelLoaded
    | SetExamined
    | PartsCompared
    | StepFinished
    | ValidationFinished
    | PreviewReady
    | PreviewsMeasured
    | CheckpointSaved
    | LoraChecked
    | RunPaused
    | RunResumed
    | RunFinished
)
