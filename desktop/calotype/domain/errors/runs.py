"""What can be wrong with training plans and runs."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class PlanError(CalotypeError):
    """Something is wrong with a training plan."""

    sentence = "These training settings cannot be used."


@dataclass(eq=False)
class InvalidPlanError(PlanError):
    """One field of a plan holds a value that is not allowed."""

    sentence = "The setting {field} cannot be {value}: {allowed}."

    field: str
    value: object
    allowed: str


@dataclass(eq=False)
class UnknownSettingError(PlanError):
    """A setting has no such name."""

    sentence = "There is no setting called “{name}”. Use one of: {known}."

    name: str
    known: str


class RunError(CalotypeError):
    """A training run could not go on."""

    sentence = "Training could not go on."


@dataclass(eq=False)
class RunNotFoundError(RunError):
    """No run has this id."""

    sentence = (
        "There is no training run “{run_id}”. The runs of a project are listed on its Train page, and by "
        "“calotype runs PROJECT”."
    )

    run_id: str


@dataclass(eq=False)
class LossNotFiniteError(RunError):
    """The loss became infinite or not a number; weights from before are kept."""

    sentence = (
        "Training stopped at step {step}: the loss is no longer a number. What was learned up to "
        "step {kept_step} is kept. Try again with a lower learning rate."
    )

    step: int
    kept_step: int


@dataclass(eq=False)
class OutOfDeviceMemoryError(RunError):
    """The device has not enough memory for this work."""

    sentence = (
        "The memory of {device} is full. Choose a smaller batch size or resolution, or close other programs "
        "that use it, and start again."
    )

    device: str


@dataclass(eq=False)
class CheckpointUnusableError(RunError):
    """A checkpoint cannot be resumed from."""

    sentence = (
        "The checkpoint {name} cannot be used: {cause}. Start a new run; your pictures and captions are untouched."
    )

    name: str
    cause: str


@dataclass(eq=False)
class NothingLearnedError(RunError):
    """There is no checkpoint to export yet."""

    sentence = "The run {run_id} has saved no LoRA yet. Let it train for some steps, then export it."

    run_id: str
