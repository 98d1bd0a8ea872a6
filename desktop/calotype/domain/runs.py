"""A training run as history knows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calotype.domain.plan import TrainingPlan


class RunState(StrEnum):
    """Where a run stands. A run that is `running` while nobody runs it was interrupted by a crash."""

    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


def step_name(step: int) -> str:
    """The name of the file with the LoRA of one step."""
    return f"step-{step:06d}.safetensors"


def step_paths(checkpoints: Path) -> dict[int, Path]:
    """The LoRA files of single steps in the folder of a run's checkpoints, by ascending step."""
    numbers = {path: path.stem.removeprefix("step-") for path in checkpoints.glob("step-*.safetensors")}
    return dict(sorted((int(number), path) for path, number in numbers.items() if number.isdecimal()))


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its plan, its folder and how far it came."""

    id: str
    project_id: str
    plan: TrainingPlan
    folder: Path
    state: RunState
    started_at: float  # seconds since 1970
    last_step: int
    best_step: int
    best_ratio: float | None
    failure: str  # the sentence of the error that ended it; empty if none

    @property
    def best_lora_path(self) -> Path:
        """The best checkpoint by validation."""
        return self.folder / "checkpoints" / "best.safetensors"

    @property
    def last_lora_path(self) -> Path:
        """The newest checkpoint."""
        return self.folder / "checkpoints" / "last.safetensors"

    @property
    def state_path(self) -> Path:
        """What the run needs to go on exactly from its newest checkpoint."""
        return self.folder / "checkpoints" / "state.safetensors"

    @property
    def metrics_path(self) -> Path:
        """One line of JSON for each event of the run."""
        return self.folder / "metrics.jsonl"
