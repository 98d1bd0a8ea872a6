"""A set of plain coloured pictures that the starter can learn in a few steps, and a job that trains on it."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PIL import Image, ImageDraw

from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelLease, ModelShelf
from calotype.domain.control import Control
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts, assemble

COLOURS = ["teal", "orange", "purple", "gold", "navy", "crimson"]


@pytest.fixture
def image_set(tmp_path: Path) -> ImageSet:
    """Six pictures of a striped disc, the last two held out; one is wide."""
    project = Project("p1", "Disc", SubjectKind.PRODUCT, "disc", tmp_path / "project", 0.0)
    project.images_folder.mkdir(parents=True)
    images = []
    for number, colour in enumerate(COLOURS):
        width = 256 if number == 1 else 128
        picture = Image.new("RGB", (width, 128), colour)
        ImageDraw.Draw(picture).ellipse((32, 32, 96, 96), fill="white", outline="black", width=12)
        path = project.images_folder / f"{number}.png"
        picture.save(path)
        split = Split.VALIDATION if number >= 4 else Split.TRAINING
        images.append(
            CaptionedImage(path, width, 128, f"disc, {colour} background", f"hash{number}", number, split, path.name)
        )
    return ImageSet(project, tuple(images))


@pytest.fixture
def make_job(image_set: ImageSet, starter_folder: Path, tmp_path: Path) -> Callable[..., TrainingJob]:
    """Make a short job; keywords change its plan."""

    def make(folder: str = "run", *, continues: bool = False, **settings: object) -> TrainingJob:
        plan = TrainingPlan(
            base_model="starter",
            project_id="p1",
            **{
                "lora": LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ATTENTION),
                "step_count": 6,
                "batch_size": 2,
                "learning_rate": 2e-3,
                "warmup_steps": 1,
                "resolution_px": 128,
                "validate_every": 3,
                "checkpoint_every": 3,
                "preview": PreviewPlan(every=6, prompts=("disc, teal background",), sampling_steps=2),
                **settings,
            },  # type: ignore[arg-type]
        )
        card = read_model_card(starter_folder, "starter", "Starter")
        run_folder = tmp_path / folder
        return TrainingJob(
            "run1", plan, image_set, card, run_folder, started_at=0.0, thread_count=1, continues=continues
        )

    return make


@pytest.fixture
def assembled() -> Callable[[TrainingJob], Parts]:
    """Puts the parts of a job together, as a run does before its first step."""

    def assembled(job: TrainingJob) -> Parts:
        work = assemble(job, ModelLease(ModelShelf()), Control())
        while True:
            try:
                next(work)
            except StopIteration as finished:
                assert finished.value is not None
                return cast(Parts, finished.value)

    return assembled
