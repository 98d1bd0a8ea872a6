"""Every failure that a user can meet, as a tree.

CalotypeError
├─ ImageSetError
│  ├─ UnreadableImageError       a file that is not a whole picture
│  ├─ ImageTooLargeError         more pixels than we agree to decode
│  ├─ UnsafeArchiveError         a zip that would write elsewhere or never end
│  ├─ FolderNotReadableError
│  ├─ MaskNotUsableError
│  ├─ CaptionNotReadableError
│  ├─ RegularisationPicturesError
│  ├─ ConditioningImagesError
│  ├─ WebAddressError            nothing is downloaded
│  ├─ NoUsableImagesError
│  ├─ LinkedPicturesMissingError  left where they were, and not there
│  ├─ LinkedPicturesChangedError
│  └─ TooFewImagesError
├─ FilterError                    typed above the pictures, said beside the field
│  ├─ UnknownFilterKeyError
│  ├─ FilterValueError
│  └─ FilterUnfinishedError       a quote, a bracket, a value is missing
├─ ProjectError
│  ├─ ProjectNotFoundError
│  ├─ InvalidProjectError
│  └─ ProjectBusyError
├─ BaseModelError
│  ├─ BaseModelNotFoundError     no model has this id
│  ├─ BaseModelMissingError      its folder, or a part of it, is gone
│  ├─ BaseModelInUseError        another one, which a paused run keeps
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
│  ├─ LoraLayoutError            a DoRA in the layout of diffusers
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
├─ ScreenError                    no window can be shown, see errors.startup
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
   ├─ AlreadyOpenError
   │  └─ OlderVersionOpenError
   └─ others of a folder that is looked at before it is used, see errors.folders

Each class carries fields and one `sentence`: what happened, to what, and what to do next. `str(error)` is that sentence
in English; the window translates the template before it fills the fields in. Anything else that is raised is a bug.
"""

from calotype.domain.errors.comparison import ComparisonModelDamagedError as ComparisonModelDamagedError
from calotype.domain.errors.comparison import ComparisonModelError as ComparisonModelError
from calotype.domain.errors.comparison import ComparisonModelMissingError as ComparisonModelMissingError
from calotype.domain.errors.comparison import ComparisonModelUnsupportedError as ComparisonModelUnsupportedError
from calotype.domain.errors.filters import FilterError as FilterError
from calotype.domain.errors.filters import FilterUnfinishedError as FilterUnfinishedError
from calotype.domain.errors.filters import FilterValueError as FilterValueError
from calotype.domain.errors.filters import UnknownFilterKeyError as UnknownFilterKeyError
from calotype.domain.errors.folders import FolderNameTooLongError as FolderNameTooLongError
from calotype.domain.errors.folders import FolderRiskError as FolderRiskError
from calotype.domain.errors.folders import FragileDiskError as FragileDiskError
from calotype.domain.errors.folders import LittleSpaceError as LittleSpaceError
from calotype.domain.errors.folders import NetworkFolderError as NetworkFolderError
from calotype.domain.errors.folders import NotAFolderError as NotAFolderError
from calotype.domain.errors.folders import PortableFolderError as PortableFolderError
from calotype.domain.errors.folders import SmallFilesError as SmallFilesError
from calotype.domain.errors.folders import SyncedFolderError as SyncedFolderError
from calotype.domain.errors.folders import TrashEmptiedError as TrashEmptiedError
from calotype.domain.errors.hub import DownloadBusyError as DownloadBusyError
from calotype.domain.errors.hub import DownloadDamagedError as DownloadDamagedError
from calotype.domain.errors.hub import DownloadInterruptedError as DownloadInterruptedError
from calotype.domain.errors.hub import DownloadNotConfirmedError as DownloadNotConfirmedError
from calotype.domain.errors.hub import HubAnswerError as HubAnswerError
from calotype.domain.errors.hub import HubError as HubError
from calotype.domain.errors.hub import HubFileNotChosenError as HubFileNotChosenError
from calotype.domain.errors.hub import HubFileNotFoundError as HubFileNotFoundError
from calotype.domain.errors.hub import HubGatedError as HubGatedError
from calotype.domain.errors.hub import HubNameError as HubNameError
from calotype.domain.errors.hub import HubNothingUsableError as HubNothingUsableError
from calotype.domain.errors.hub import HubRepositoryNotFoundError as HubRepositoryNotFoundError
from calotype.domain.errors.hub import HubRevisionNotFoundError as HubRevisionNotFoundError
from calotype.domain.errors.hub import HubTokenRefusedError as HubTokenRefusedError
from calotype.domain.errors.hub import HubUnreachableError as HubUnreachableError
from calotype.domain.errors.model_files import CheckpointPartMissingError as CheckpointPartMissingError
from calotype.domain.errors.model_files import ControlGivenError as ControlGivenError
from calotype.domain.errors.model_files import EmbeddingGivenError as EmbeddingGivenError
from calotype.domain.errors.model_files import InpaintingModelError as InpaintingModelError
from calotype.domain.errors.model_files import LoraGivenError as LoraGivenError
from calotype.domain.errors.model_files import ModelFileError as ModelFileError
from calotype.domain.errors.model_files import NotAModelFileError as NotAModelFileError
from calotype.domain.errors.model_files import OtherArchitectureError as OtherArchitectureError
from calotype.domain.errors.model_files import PickleFileError as PickleFileError
from calotype.domain.errors.model_files import TensorsMisshapenError as TensorsMisshapenError
from calotype.domain.errors.model_files import TensorsMissingError as TensorsMissingError
from calotype.domain.errors.model_files import TextEncoderGivenError as TextEncoderGivenError
from calotype.domain.errors.model_files import UnknownTensorsError as UnknownTensorsError
from calotype.domain.errors.model_files import UnsupportedPrecisionError as UnsupportedPrecisionError
from calotype.domain.errors.model_files import VaeGivenError as VaeGivenError
from calotype.domain.errors.models import BaseModelError as BaseModelError
from calotype.domain.errors.models import BaseModelInUseError as BaseModelInUseError
from calotype.domain.errors.models import BaseModelMissingError as BaseModelMissingError
from calotype.domain.errors.models import BaseModelNotFoundError as BaseModelNotFoundError
from calotype.domain.errors.models import BaseModelUnsupportedError as BaseModelUnsupportedError
from calotype.domain.errors.models import LoraDoesNotFitError as LoraDoesNotFitError
from calotype.domain.errors.models import LoraError as LoraError
from calotype.domain.errors.models import LoraLayoutError as LoraLayoutError
from calotype.domain.errors.models import LoraNotFoundError as LoraNotFoundError
from calotype.domain.errors.models import LoraNotVerifiedError as LoraNotVerifiedError
from calotype.domain.errors.models import LoraOfOtherKindError as LoraOfOtherKindError
from calotype.domain.errors.models import LoraTensorsUnusedError as LoraTensorsUnusedError
from calotype.domain.errors.models import LoraToolError as LoraToolError
from calotype.domain.errors.models import LoraUnreadableError as LoraUnreadableError
from calotype.domain.errors.models import WeightsCorruptError as WeightsCorruptError
from calotype.domain.errors.packs import CardMissingError as CardMissingError
from calotype.domain.errors.packs import DriverMissingError as DriverMissingError
from calotype.domain.errors.packs import DriverTooOldError as DriverTooOldError
from calotype.domain.errors.packs import NotAPackError as NotAPackError
from calotype.domain.errors.packs import PackAbiError as PackAbiError
from calotype.domain.errors.packs import PackCrashedError as PackCrashedError
from calotype.domain.errors.packs import PackDamagedError as PackDamagedError
from calotype.domain.errors.packs import PackError as PackError
from calotype.domain.errors.packs import PackFailedError as PackFailedError
from calotype.domain.errors.packs import PackIncompleteError as PackIncompleteError
from calotype.domain.errors.packs import PackInUseError as PackInUseError
from calotype.domain.errors.packs import PackPlatformError as PackPlatformError
from calotype.domain.errors.packs import PackTorchVersionError as PackTorchVersionError
from calotype.domain.errors.pictures import CaptionNotReadableError as CaptionNotReadableError
from calotype.domain.errors.pictures import ConditioningImagesError as ConditioningImagesError
from calotype.domain.errors.pictures import FolderNotReadableError as FolderNotReadableError
from calotype.domain.errors.pictures import ImageSetError as ImageSetError
from calotype.domain.errors.pictures import ImageTooLargeError as ImageTooLargeError
from calotype.domain.errors.pictures import InvalidProjectError as InvalidProjectError
from calotype.domain.errors.pictures import LinkedPicturesChangedError as LinkedPicturesChangedError
from calotype.domain.errors.pictures import LinkedPicturesMissingError as LinkedPicturesMissingError
from calotype.domain.errors.pictures import MaskNotUsableError as MaskNotUsableError
from calotype.domain.errors.pictures import NoUsableImagesError as NoUsableImagesError
from calotype.domain.errors.pictures import ProjectBusyError as ProjectBusyError
from calotype.domain.errors.pictures import ProjectError as ProjectError
from calotype.domain.errors.pictures import ProjectNotFoundError as ProjectNotFoundError
from calotype.domain.errors.pictures import RegularisationPicturesError as RegularisationPicturesError
from calotype.domain.errors.pictures import TooFewImagesError as TooFewImagesError
from calotype.domain.errors.pictures import UnreadableImageError as UnreadableImageError
from calotype.domain.errors.pictures import UnsafeArchiveError as UnsafeArchiveError
from calotype.domain.errors.pictures import WebAddressError as WebAddressError
from calotype.domain.errors.root import CalotypeError as CalotypeError
from calotype.domain.errors.runs import CheckpointUnusableError as CheckpointUnusableError
from calotype.domain.errors.runs import InvalidPlanError as InvalidPlanError
from calotype.domain.errors.runs import LossNotFiniteError as LossNotFiniteError
from calotype.domain.errors.runs import NothingLearnedError as NothingLearnedError
from calotype.domain.errors.runs import OutOfDeviceMemoryError as OutOfDeviceMemoryError
from calotype.domain.errors.runs import PlanError as PlanError
from calotype.domain.errors.runs import RunError as RunError
from calotype.domain.errors.runs import RunNotFoundError as RunNotFoundError
from calotype.domain.errors.runs import UnknownSettingError as UnknownSettingError
from calotype.domain.errors.startup import DisplayLibraryMissingError as DisplayLibraryMissingError
from calotype.domain.errors.startup import DisplayUnreachableError as DisplayUnreachableError
from calotype.domain.errors.startup import NoDisplayError as NoDisplayError
from calotype.domain.errors.startup import ScreenError as ScreenError
from calotype.domain.errors.storage import AlreadyOpenError as AlreadyOpenError
from calotype.domain.errors.storage import DatabaseBusyError as DatabaseBusyError
from calotype.domain.errors.storage import DatabaseCorruptError as DatabaseCorruptError
from calotype.domain.errors.storage import DatabaseDamagedError as DatabaseDamagedError
from calotype.domain.errors.storage import DatabaseTooNewError as DatabaseTooNewError
from calotype.domain.errors.storage import DiskFullError as DiskFullError
from calotype.domain.errors.storage import DiskTooSmallError as DiskTooSmallError
from calotype.domain.errors.storage import FolderNotWritableError as FolderNotWritableError
from calotype.domain.errors.storage import ModelListDamagedError as ModelListDamagedError
from calotype.domain.errors.storage import OlderVersionOpenError as OlderVersionOpenError
from calotype.domain.errors.storage import SettingsDamagedError as SettingsDamagedError
from calotype.domain.errors.storage import StorageError as StorageError
from calotype.domain.errors.vaes import NotAVaeError as NotAVaeError
from calotype.domain.errors.vaes import VaeDoesNotFitError as VaeDoesNotFitError
from calotype.domain.errors.vaes import VaeError as VaeError
from calotype.domain.errors.vaes import VaeMissingError as VaeMissingError
