"""What long work reports, as data: numbers, text and paths, in the order in which things happened."""

from __future__ import annotations

from calotype.domain.events.downloading import (
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadStarted,
    ModelPlaced,
)
from calotype.domain.events.examination import (
    ExaminationEvent,
    ExaminationFinished,
    ExaminationStarted,
    ImagesExamined,
)
from calotype.domain.events.generation import (
    GenerationEvent,
    GenerationFinished,
    GenerationStarted,
    PictureReady,
    SamplingProgress,
    UnusedTensors,
)
from calotype.domain.events.importing import (
    DuplicateSkipped,
    FileRefused,
    ImageAccepted,
    ImportEvent,
    ImportFinished,
    ImportStarted,
    OfferedWords,
)
from calotype.domain.events.stages import (
    Stage,
    StageChanged,
)
from calotype.domain.events.training import (
    CheckpointSaved,
    FinishReason,
    LoraChecked,
    ModelLoaded,
    PartsCompared,
    PreviewReady,
    PreviewsMeasured,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SetExamined,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.events.values import (
    BandRatios,
    BlockNorm,
    ImageRatio,
    Interval,
    Leak,
)

__all__ = [
    "BandRatios",
    "BlockNorm",
    "CheckpointSaved",
    "DownloadEvent",
    "DownloadFinished",
    "DownloadProgress",
    "DownloadStarted",
    "DuplicateSkipped",
    "ExaminationEvent",
    "ExaminationFinished",
    "ExaminationStarted",
    "FileRefused",
    "FinishReason",
    "GenerationEvent",
    "GenerationFinished",
    "GenerationStarted",
    "ImageAccepted",
    "ImageRatio",
    "ImagesExamined",
    "ImportEvent",
    "ImportFinished",
    "ImportStarted",
    "Interval",
    "Leak",
    "LoraChecked",
    "ModelLoaded",
    "ModelPlaced",
    "OfferedWords",
    "PartsCompared",
    "PictureReady",
    "PreviewReady",
    "PreviewsMeasured",
    "RunFinished",
    "RunPaused",
    "RunResumed",
    "RunStarted",
    "SamplingProgress",
    "SetExamined",
    "Stage",
    "StageChanged",
    "StepFinished",
    "TrainingEvent",
    "UnusedTensors",
    "ValidationFinished",
]
