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
│  ├─ BaseModelMissingError
│  ├─ BaseModelUnsupportedError
│  └─ WeightsCorruptError
├─ LoraError
│  ├─ LoraNotFoundError
│  ├─ LoraUnreadableError
│  └─ LoraDoesNotFitError
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
   ├─ DatabaseBusyError
   ├─ DiskFullError
   ├─ FolderNotWritableError
   └─ AlreadyOpenError

Each class carries fields and one `sentence`: what happened, to what, and what to do next. `str(error)` is that sentence
in English; the window translates the template before it fills the fields in. Anything else that is raised is a bug.
"""

from __future__ import annotations

from typing import ClassVar


class CalotypeError(Exception):
    """A failure that the user can understand and answer."""

    sentence: ClassVar[str] = "Something went wrong."

    def __init__(self, **fields: object) -> None:
        super().__init__(fields)
        self.fields = fields

    def __str__(self) -> str:
        return self.sentence.format(**self.fields)


class ImageSetError(CalotypeError):
    """Something is wrong with the pictures of a project."""

    sentence = "The pictures of this project cannot be used."


class UnreadableImageError(ImageSetError):
    """A file is not a whole picture; `cause` says why in a few words."""

    sentence = "{name} was left out: {cause}. Open it in another program and save it again, or use another picture."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class ImageTooLargeError(ImageSetError):
    """A picture has more pixels than we agree to decode."""

    sentence = (
        "{name} was left out: it has {megapixels} megapixels, and pictures over {limit} are refused. "
        "Save a smaller copy and add that."
    )

    def __init__(self, name: str, megapixels: int, limit: int) -> None:
        super().__init__(name=name, megapixels=megapixels, limit=limit)


class UnsafeArchiveError(ImageSetError):
    """A zip would write outside its folder, is nested, or unpacks to far too much."""

    sentence = "{name} was left out: {cause}. Unpack it yourself and drop the folder with the pictures."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class FolderNotReadableError(ImageSetError):
    """A folder or file cannot be opened."""

    sentence = "{name} could not be opened ({cause}). Check that it exists and that you may read it."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class NoUsableImagesError(ImageSetError):
    """Nothing among the dropped files is a picture."""

    sentence = (
        "No pictures were found there. Drop PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC files, a folder or a zip."
    )


class TooFewImagesError(ImageSetError):
    """A set has fewer pictures than training needs."""

    sentence = (
        "{have} pictures are too few: training needs at least {need}, of which one is held out to check the result. "
        "Add {missing} more."
    )

    def __init__(self, have: int, need: int) -> None:
        super().__init__(have=have, need=need, missing=need - have)


class ProjectError(CalotypeError):
    """Something is wrong with a project."""

    sentence = "This project cannot be used."


class ProjectNotFoundError(ProjectError):
    """No project has this name or id."""

    sentence = "There is no project called “{name}”. Create it first, or check the spelling."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class InvalidProjectError(ProjectError):
    """A name, kind or trigger word is not allowed."""

    sentence = "The {field} “{value}” cannot be used: {allowed}."

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(field=field, value=value, allowed=allowed)


class ProjectBusyError(ProjectError):
    """Another import or run is working on the project."""

    sentence = "“{name}” is busy with another import or training run. Wait until that has ended, or stop it."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class BaseModelError(CalotypeError):
    """Something is wrong with a base model."""

    sentence = "This base model cannot be used."


class BaseModelMissingError(BaseModelError):
    """The folder of a base model, or a file in it, is not there."""

    sentence = (
        "The base model “{name}” is not complete: {missing} is missing. Add the model again from its folder in Library."
    )

    def __init__(self, name: str, missing: str) -> None:
        super().__init__(name=name, missing=missing)


class BaseModelUnsupportedError(BaseModelError):
    """The folder holds something that this version cannot train."""

    sentence = "“{name}” cannot be used as a base model: {cause}. Choose a Stable Diffusion 1 or 2 folder."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class WeightsCorruptError(BaseModelError):
    """A weights file is truncated or does not match its config."""

    sentence = "{name} is damaged: {cause}. Get the model again from where you had it."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class LoraError(CalotypeError):
    """Something is wrong with a LoRA file."""

    sentence = "This LoRA cannot be used."


class LoraNotFoundError(LoraError):
    """No LoRA has this name or path."""

    sentence = "There is no LoRA called “{name}”. Give the path of a .safetensors file, or a name shown in Library."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class LoraUnreadableError(LoraError):
    """The file is not a LoRA that we can read."""

    sentence = "{name} could not be read as a LoRA: {cause}. Check that the file was copied completely."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class LoraDoesNotFitError(LoraError):
    """The LoRA was made for another kind of base model."""

    sentence = (
        "The LoRA {name} does not fit the base model {model}: {cause}. Choose the base model that it was trained on."
    )

    def __init__(self, name: str, model: str, cause: str) -> None:
        super().__init__(name=name, model=model, cause=cause)


class PlanError(CalotypeError):
    """Something is wrong with a training plan."""

    sentence = "These training settings cannot be used."


class InvalidPlanError(PlanError):
    """One field of a plan holds a value that is not allowed."""

    sentence = "The setting {field} cannot be {value}: {allowed}."

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(field=field, value=value, allowed=allowed)


class UnknownSettingError(PlanError):
    """A setting has no such name."""

    sentence = "There is no setting called “{name}”. Use one of: {known}."

    def __init__(self, name: str, known: str) -> None:
        super().__init__(name=name, known=known)


class RunError(CalotypeError):
    """A training run could not go on."""

    sentence = "Training could not go on."


class RunNotFoundError(RunError):
    """No run has this id."""

    sentence = "There is no training run “{run_id}”. The runs of a project are listed on its Train page."

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id=run_id)


class LossNotFiniteError(RunError):
    """The loss became infinite or not a number; weights from before are kept."""

    sentence = (
        "Training stopped at step {step}: the loss is no longer a number. What was learned up to "
        "step {kept_step} is kept. Try again with a lower learning rate."
    )

    def __init__(self, step: int, kept_step: int) -> None:
        super().__init__(step=step, kept_step=kept_step)


class OutOfDeviceMemoryError(RunError):
    """The device has not enough memory for this work."""

    sentence = (
        "The memory of {device} is full. Choose a smaller batch size or resolution, or close other programs "
        "that use it, and start again."
    )

    def __init__(self, device: str) -> None:
        super().__init__(device=device)


class CheckpointUnusableError(RunError):
    """A checkpoint cannot be resumed from."""

    sentence = (
        "The checkpoint {name} cannot be used: {cause}. Start a new run; your pictures and captions are untouched."
    )

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class NothingLearnedError(RunError):
    """There is no checkpoint to export yet."""

    sentence = "The run {run_id} has saved no LoRA yet. Let it train for some steps, then export it."

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id=run_id)


class StorageError(CalotypeError):
    """The data folder or the database cannot be used."""

    sentence = "The data folder cannot be used."


class DatabaseTooNewError(StorageError):
    """A newer version of the app wrote the database."""

    sentence = "{name} was written by a newer version of Calotype. Update Calotype, or choose another data folder."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class DatabaseCorruptError(StorageError):
    """The database is damaged; it can be rebuilt from the files."""

    sentence = (
        "{name} is damaged. It was put aside as {backup} and rebuilt from your project folders; nothing was lost."
    )

    def __init__(self, name: str, backup: str) -> None:
        super().__init__(name=name, backup=backup)


class DatabaseDamagedError(StorageError):
    """The database turned out to be damaged while it was in use."""

    sentence = "{name} is damaged. Close Calotype and open it again: it is then rebuilt from your project folders."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class SettingsDamagedError(StorageError):
    """The settings file cannot be read; it was put aside."""

    sentence = "{name} is damaged. It was put aside as {backup}; standard settings are used. Check them in Settings."

    def __init__(self, name: str, backup: str) -> None:
        super().__init__(name=name, backup=backup)


class DatabaseBusyError(StorageError):
    """Another program holds the database for too long."""

    sentence = "{name} is in use by another program. Close other copies of Calotype and try again."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class DiskFullError(StorageError):
    """No space is left for what must be written."""

    sentence = (
        "The disk is full: {name} could not be written. Free some space and try again; nothing that was saved is lost."
    )

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class FolderNotWritableError(StorageError):
    """A folder cannot be written to."""

    sentence = "{name} cannot be written to ({cause}). Choose another folder, or allow writing there."

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name=name, cause=cause)


class AlreadyOpenError(StorageError):
    """Another window uses the same data folder."""

    sentence = "Calotype is already open with the data folder {name}. Use that window, or close it first."

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
