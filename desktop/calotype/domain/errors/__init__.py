"""Every failure that a user can meet, as a tree.

CalotypeError
├─ ImageSetError
│  ├─ UnreadableImageError       a file that is not a whole picture
│  ├─ ImageTooLargeError         more pixels than we agree to decode
│  ├─ UnsafeArchiveError         a zip that would write elsewhere or never end
│  ├─ FolderNotReadableError
│  ├─ NoUsableImagesError
│  └─ TooFewImagesError
├─ ProjectError
│  ├─ ProjectNotFoundError
│  ├─ InvalidProjectError
│  └─ ProjectBusyError
├─ BaseModelError
│  ├─ BaseModelNotFoundError     no model has this id
│  ├─ BaseModelMissingError      its folder, or a part of it, is gone
│  ├─ BaseModelUnsupportedError
│  ├─ WeightsCorruptError
│  ├─ ModelFileError             a file that is no base model, or not a whole one
│  │  ├─ PickleFileError         never opened
│  │  ├─ NotAModelFileError
│  │  ├─ LoraGivenError
│  │  ├─ VaeGivenError
│  │  ├─ TextEncoderGivenError
│  │  ├─ EmbeddingGivenError     a textual inversion
│  │  ├─ ControlGivenError
│  │  ├─ OtherArchitectureError  Flux, Stable Diffusion 3, …
│  │  ├─ UnknownTensorsError
│  │  ├─ CheckpointPartMissingError
│  │  ├─ TensorsMissingError
│  │  ├─ TensorsMisshapenError
│  │  ├─ UnsupportedPrecisionError
│  │  └─ InpaintingModelError
│  └─ VaeError                   a VAE that cannot take the place of a model's own
│     ├─ NotAVaeError
│     ├─ VaeMissingError
│     └─ VaeDoesNotFitError
├─ HubError                       a download from Hugging Face
│  ├─ HubNameError               not OWNER/NAME
│  ├─ HubRepositoryNotFoundError
│  ├─ HubRevisionNotFoundError
│  ├─ HubTokenRefusedError
│  ├─ HubGatedError              given only to people who signed in
│  ├─ HubUnreachableError
│  ├─ HubAnswerError
│  ├─ HubFileNotFoundError
│  ├─ HubFileNotChosenError      several models in one file each
│  ├─ HubNothingUsableError      pickles only, for example
│  ├─ DownloadNotConfirmedError
│  ├─ DownloadInterruptedError   what is there is kept
│  ├─ DownloadDamagedError       the hash differs
│  └─ DownloadBusyError
├─ ComparisonModelError           what previews are compared by, if not the base model
│  ├─ ComparisonModelMissingError
│  ├─ ComparisonModelUnsupportedError
│  └─ ComparisonModelDamagedError
├─ LoraError
│  ├─ LoraNotFoundError
│  ├─ LoraUnreadableError
│  ├─ LoraOfOtherKindError       Flux, …
│  ├─ LoraDoesNotFitError
│  ├─ LoraTensorsUnusedError     a notice: some of it has no effect
│  ├─ LoraToolError              files that cannot be merged, resized, …
│  └─ LoraNotVerifiedError       an export that differs from the run
├─ PlanError
│  ├─ InvalidPlanError
│  └─ UnknownSettingError
├─ RunError
│  ├─ RunNotFoundError
│  ├─ LossNotFiniteError
│  ├─ OutOfDeviceMemoryError
│  ├─ CheckpointUnusableError
│  └─ NothingLearnedError
└─ StorageError
   ├─ DatabaseTooNewError
   ├─ DatabaseCorruptError       found at the start, and rebuilt
   ├─ DatabaseDamagedError       found while working
   ├─ SettingsDamagedError
   ├─ ModelListDamagedError
   ├─ DatabaseBusyError
   ├─ DiskFullError
   ├─ DiskTooSmallError          found before anything is written
   ├─ FolderNotWritableError
   └─ AlreadyOpenError

Each class carries fields and one `sentence`: what happened, to what, and what to do next. `str(error)` is that sentence
in English; the window translates the template before it fills the fields in. Anything else that is raised is a bug.
"""

from calotype.domain.errors.comparison import (
    ComparisonModelDamagedError,
    ComparisonModelError,
    ComparisonModelMissingError,
    ComparisonModelUnsupportedError,
)
from calotype.domain.errors.hub import (
    DownloadBusyError,
    DownloadDamagedError,
    DownloadInterruptedError,
    DownloadNotConfirmedError,
    HubAnswerError,
    HubError,
    HubFileNotChosenError,
    HubFileNotFoundError,
    HubGatedError,
    HubNameError,
    HubNothingUsableError,
    HubRepositoryNotFoundError,
    HubRevisionNotFoundError,
    HubTokenRefusedError,
    HubUnreachableError,
)
from calotype.domain.errors.model_files import (
    CheckpointPartMissingError,
    ControlGivenError,
    EmbeddingGivenError,
    InpaintingModelError,
    LoraGivenError,
    ModelFileError,
    NotAModelFileError,
    OtherArchitectureError,
    PickleFileError,
    TensorsMisshapenError,
    TensorsMissingError,
    TextEncoderGivenError,
    UnknownTensorsError,
    UnsupportedPrecisionError,
    VaeGivenError,
)
from calotype.domain.errors.models import (
    BaseModelError,
    BaseModelMissingError,
    BaseModelNotFoundError,
    BaseModelUnsupportedError,
    LoraDoesNotFitError,
    LoraError,
    LoraNotFoundError,
    LoraNotVerifiedError,
    LoraOfOtherKindError,
    LoraTensorsUnusedError,
    LoraToolError,
    LoraUnreadableError,
    WeightsCorruptError,
)
from calotype.domain.errors.pictures import (
    FolderNotReadableError,
    ImageSetError,
    ImageTooLargeError,
    InvalidProjectError,
    NoUsableImagesError,
    ProjectBusyError,
    ProjectError,
    ProjectNotFoundError,
    TooFewImagesError,
    UnreadableImageError,
    UnsafeArchiveError,
)
from calotype.domain.errors.root import (
    CalotypeError,
)
from calotype.domain.errors.runs import (
    CheckpointUnusableError,
    InvalidPlanError,
    LossNotFiniteError,
    NothingLearnedError,
    OutOfDeviceMemoryError,
    PlanError,
    RunError,
    RunNotFoundError,
    UnknownSettingError,
)
from calotype.domain.errors.storage import (
    AlreadyOpenError,
    DatabaseBusyError,
    DatabaseCorruptError,
    DatabaseDamagedError,
    DatabaseTooNewError,
    DiskFullError,
    DiskTooSmallError,
    FolderNotWritableError,
    ModelListDamagedError,
    SettingsDamagedError,
    StorageError,
)
from calotype.domain.errors.vaes import NotAVaeError, VaeDoesNotFitError, VaeError, VaeMissingError

__all__ = [
    "AlreadyOpenError",
    "BaseModelError",
    "BaseModelMissingError",
    "BaseModelNotFoundError",
    "BaseModelUnsupportedError",
    "CalotypeError",
    "CheckpointPartMissingError",
    "CheckpointUnusableError",
    "ComparisonModelDamagedError",
    "ComparisonModelError",
    "ComparisonModelMissingError",
    "ComparisonModelUnsupportedError",
    "ControlGivenError",
    "DatabaseBusyError",
    "DatabaseCorruptError",
    "DatabaseDamagedError",
    "DatabaseTooNewError",
    "DiskFullError",
    "DiskTooSmallError",
    "DownloadBusyError",
    "DownloadDamagedError",
    "DownloadInterruptedError",
    "DownloadNotConfirmedError",
    "EmbeddingGivenError",
    "FolderNotReadableError",
    "FolderNotWritableError",
    "HubAnswerError",
    "HubError",
    "HubFileNotChosenError",
    "HubFileNotFoundError",
    "HubGatedError",
    "HubNameError",
    "HubNothingUsableError",
    "HubRepositoryNotFoundError",
    "HubRevisionNotFoundError",
    "HubTokenRefusedError",
    "HubUnreachableError",
    "ImageSetError",
    "ImageTooLargeError",
    "InpaintingModelError",
    "InvalidPlanError",
    "InvalidProjectError",
    "LoraDoesNotFitError",
    "LoraError",
    "LoraGivenError",
    "LoraNotFoundError",
    "LoraNotVerifiedError",
    "LoraOfOtherKindError",
    "LoraTensorsUnusedError",
    "LoraToolError",
    "LoraUnreadableError",
    "LossNotFiniteError",
    "ModelFileError",
    "ModelListDamagedError",
    "NoUsableImagesError",
    "NotAModelFileError",
    "NotAVaeError",
    "NothingLearnedError",
    "OtherArchitectureError",
    "OutOfDeviceMemoryError",
    "PickleFileError",
    "PlanError",
    "ProjectBusyError",
    "ProjectError",
    "ProjectNotFoundError",
    "RunError",
    "RunNotFoundError",
    "SettingsDamagedError",
    "StorageError",
    "TensorsMisshapenError",
    "TensorsMissingError",
    "TextEncoderGivenError",
    "TooFewImagesError",
    "UnknownSettingError",
    "UnknownTensorsError",
    "UnreadableImageError",
    "UnsafeArchiveError",
    "UnsupportedPrecisionError",
    "VaeDoesNotFitError",
    "VaeError",
    "VaeGivenError",
    "VaeMissingError",
    "WeightsCorruptError",
]
