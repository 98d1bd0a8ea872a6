"""The verdict on short runs with one known fault each; `make bench-verdict` does it at full length and with more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.events import RunFinished
from calotype.domain.imageset import Project, Split
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.domain.presets import Quality
from calotype.domain.verdict import GOOD, Verdict, VerdictKind
from calotype.services import library, model_catalog, training_runs
from calotype.services.workspace import Workspace

Judge = Callable[..., Verdict]

pytestmark = pytest.mark.slow


@pytest.fixture
def judge(workspace: Workspace, sample: Project) -> Judge:
    """Train on the sample as it is now, a few steps without previews, and judge the run as the window does."""

    def run(**settings: object) -> Verdict:
        images = library.image_set(workspace, sample)
        preset = training_runs.default_plan(workspace, images, Quality.BALANCED, model_catalog.starter_card())
        short = replace(preset, step_count=12, validate_every=4, checkpoint_every=12, preview=PreviewPlan(every=1000))
        plan: TrainingPlan = replace(short, **settings)  # type: ignore[arg-type]
        try:
            events = list(training_runs.start(workspace, sample, plan, Control()))
            assert isinstance(events[-1], RunFinished)
        except LossNotFiniteError:
            pass
        return training_runs.verdict(workspace, training_runs.list_runs(workspace, sample)[0])

    return run


def test_that_the_sample_is_found_sound_and_learned(judge: Judge) -> None:
    verdict = judge(step_count=60, validate_every=20)

    assert verdict.kind is VerdictKind.LEARNED
    assert verdict.best_ratio < 0.9


def test_that_a_rate_of_nothing_has_no_effect(judge: Judge) -> None:
    assert judge(learning_rate=1e-12).kind is VerdictKind.NO_EFFECT


def test_that_a_rate_thirty_times_too_high_is_never_called_good(judge: Judge) -> None:
    assert judge(learning_rate=0.06, warmup_steps=0).kind not in GOOD


def test_that_captions_without_the_word_are_named(judge: Judge, workspace: Workspace, sample: Project) -> None:
    for image in library.image_set(workspace, sample).images:
        words = image.caption.replace(sample.trigger_word, "").strip(", ")
        library.set_caption(workspace, sample, image, words)

    assert judge().kind is VerdictKind.NO_TRIGGER_WORD


def test_that_captions_of_other_pictures_are_named(judge: Judge, workspace: Workspace, sample: Project) -> None:
    images = library.image_set(workspace, sample).images
    captions = [image.caption for image in images]
    for image, caption in zip(images, [*captions[5:], *captions[:5]], strict=True):
        library.set_caption(workspace, sample, image, caption)

    assert judge().kind is VerdictKind.CAPTIONS_DO_NOT_FIT


def test_that_held_out_copies_of_training_pictures_are_named(
    judge: Judge, workspace: Workspace, sample: Project, tmp_path: Path
) -> None:
    image = library.image_set(workspace, sample).training[0]
    copy = tmp_path / "copy.jpg"
    Image.open(image.path).convert("RGB").save(copy, quality=85)
    copy.with_suffix(".txt").write_text(image.caption, encoding="utf-8")
    list(library.import_images(workspace, sample, [copy], Control()))
    added = next(i for i in library.image_set(workspace, sample).images if i.original_name == copy.name)
    library.set_splits(workspace, sample, {added.content_hash: Split.VALIDATION})

    assert judge().kind is VerdictKind.LEAK
