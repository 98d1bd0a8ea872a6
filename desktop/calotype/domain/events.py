"""What long work reports, as data: numbers, text and paths, in the order in which things happened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Stage(StrEnum):
    """What happens before and between training steps."""

    LOADING_MODEL = "loading model"
    CACHING_IMAGES = "caching images"
    VALIDATING = "validating"
    DRAWING_PREVIEWS = "drawing previews"
    COMPARING_PREVIEWS = "comparing previews"
    SAVING = "saving"


class FinishReason(StrEnum):
    """Why a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    SETTLED = "settled"  # held-out pictures had not become better for as long as the plan's patience


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with the 95 % interval that resampling the images gives."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BandRatios:
    """The validation ratio over coarse structure (much noise), middle, and fine detail (little noise)."""

    coarse: float
    middle: float
    fine: float


@dataclass(frozen=True, slots=True)
class ImageRatio:
    """One picture's own ratio to the base model's loss on it; below 1 is better than the base model."""

    content_hash: str
    ratio: float


@dataclass(frozen=True, slots=True)
class BlockNorm:
    """How much the LoRA changes the weights of one block of the network: the Frobenius norm of scale * B A, over the
    base model's weights that it is added to; 0 is untouched.
    """

    block: str  # as the U-Net calls it: down_blocks.0, mid_block, up_blocks.2
    norm: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has an identity; nothing is loaded yet."""

    run_id: str
    step_count: int
    first_step: int  # 1, or the step after the checkpoint that the run continues from
    images_trained: int
    images_held_out: int


@dataclass(frozen=True, slots=True)
class StageChanged:
    """Work other than steps is going on: `done` of `total` parts."""

    stage: Stage
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The base model is on the device and the LoRA is attached."""

    device: str
    precision: str
    trained_parameters: int
    total_parameters: int


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


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """The LoRA of this step is on disk."""

    step: int
    path: Path
    is_best: bool


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
    | StepFinished
    | ValidationFinished
    | PreviewReady
    | PreviewsMeasured
    | CheckpointSaved
    | RunPaused
    | RunResumed
    | RunFinished
)


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """The dropped things were listed: `total` files will be looked at."""

    total: int


@dataclass(frozen=True, slots=True)
class ImageAccepted:
    """A picture was copied into the project."""

    name: str
    path: Path
    was_turned: bool


@dataclass(frozen=True, slots=True)
class DuplicateSkipped:
    """A picture with exactly the same pixels is in the project already."""

    name: str
    same_as: str


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file was left out; `reason` is the whole sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """Always the last event of an import that did not fail."""

    accepted: int
    duplicates: int
    refused: int
    was_stopped: bool


ImportEvent = ImportStarted | ImageAccepted | DuplicateSkipped | FileRefused | ImportFinished


@dataclass(frozen=True, slots=True)
class GenerationStarted:
    """The request is known to be possible; `total` pictures will be made."""

    total: int


@dataclass(frozen=True, slots=True)
class SamplingProgress:
    """One denoising step of one picture is done."""

    index: int
    step: int
    step_count: int


@dataclass(frozen=True, slots=True)
class PictureReady:
    """One picture is on disk, with its settings inside."""

    index: int
    seed: int
    path: Path


@dataclass(frozen=True, slots=True)
class GenerationFinished:
    """Always the last event of a generation that did not fail."""

    made: int
    was_stopped: bool


GenerationEvent = GenerationStarted | StageChanged | SamplingProgress | PictureReady | GenerationFinished
