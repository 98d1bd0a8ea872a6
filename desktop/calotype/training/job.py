"""What a run is given: a plan, pictures, a base model, and a folder to write to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.imageset import ImageSet
from calotype.domain.models import BaseModelCard
from calotype.domain.plan import TrainingPlan
from calotype.domain.settings import DeviceChoice


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """Everything `train` needs: what to do, with what, and where to write."""

    run_id: str
    plan: TrainingPlan
    image_set: ImageSet
    model: BaseModelCard
    folder: Path  # of this run; checkpoints/ and previews/ are made inside
    started_at: float  # seconds since 1970
    device: DeviceChoice = DeviceChoice.AUTO
    thread_count: int = 0
    continues: bool = False  # from the state that an earlier sitting saved
    comparison_model: Path | None = None  # folder of a CLIP or DINOv2 model that compares previews, too

    @property
    def checkpoints(self) -> Path:
        """Where the LoRA files of this run are."""
        return self.folder / "checkpoints"

    @property
    def previews(self) -> Path:
        """Where the preview pictures of this run are."""
        return self.folder / "previews"

    def preview_path(self, step: int, index: int) -> Path:
        """Where the preview of a prompt at a step is."""
        return self.previews / f"step-{step:06d}-{index}.png"
