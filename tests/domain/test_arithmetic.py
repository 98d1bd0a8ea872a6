"""Buckets, the learning rate, the control and events as lines."""

from pathlib import Path
from typing import get_args

import pytest

from calotype.domain.buckets import Bucket, buckets_for, nearest_bucket
from calotype.domain.control import Control, Pause, Stop
from calotype.domain.errors import CalotypeError, InvalidProjectError
from calotype.domain.event_json import event_from_line, event_to_line
from calotype.domain.events import (
    BandRatios,
    BlockNorm,
    CheckpointSaved,
    FinishReason,
    ImageRatio,
    Interval,
    Leak,
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
    Stage,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.imageset import Project, SubjectKind, suggest_trigger_word
from calotype.domain.learning_rate import learning_rate_at


@pytest.mark.parametrize(("resolution", "quantum"), [(128, 32), (512, 64), (768, 64), (1024, 32)])
def test_that_every_bucket_fits_the_network_and_the_area(resolution: int, quantum: int) -> None:
    buckets = buckets_for(resolution, quantum)

    assert Bucket(resolution, resolution) in buckets
    for bucket in buckets:
        assert bucket.width_px % quantum == bucket.height_px % quantum == 0
        assert bucket.width_px * bucket.height_px == pytest.approx(resolution**2, rel=0.2)


def test_that_a_portrait_never_lands_in_a_landscape_bucket() -> None:
    buckets = buckets_for(512, 64)

    for width in range(300, 1000, 37):
        bucket = nearest_bucket(width, 1000, buckets)
        assert bucket.width_px <= bucket.height_px


def test_that_the_rate_rises_to_its_peak_and_falls_to_a_twentieth() -> None:
    rates = [learning_rate_at(step, peak=1.0, warmup_steps=10, step_count=110) for step in range(1, 111)]

    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == max(rates) == 1.0
    assert rates[59] == pytest.approx(0.525)
    assert rates[-1] == pytest.approx(0.05)


def test_that_a_rate_without_warm_up_starts_below_its_peak() -> None:
    assert 0.9 < learning_rate_at(1, peak=1.0, warmup_steps=0, step_count=100) < 1.0


def test_that_a_stop_is_remembered_and_commands_keep_their_order() -> None:
    control = Control()

    control.send(Pause())
    control.send(Stop())

    assert control.is_stopping
    assert control.drain() == [Pause(), Stop()]
    assert control.drain() == []
    assert control.is_stopping


def test_that_every_event_survives_its_line(tmp_path: Path) -> None:
    events: list[TrainingEvent] = [
        RunStarted("r", 10, 1, 12, 2),
        StageChanged(Stage.CACHING_IMAGES, 1, 2),
        ModelLoaded("CPU", "float32", 1, 2),
        StepFinished(1, 0.5, 1e-4, 0.1, 0.3, 4.0, 10),
        ValidationFinished(5, 0.4, 0.5, Interval(0.8, 0.7, 0.9), BandRatios(0.7, 0.8, 0.9), 0.75, True, 1.0),
        ValidationFinished(
            6,
            0.4,
            0.5,
            Interval(0.8, 0.7, 0.9),
            BandRatios(0.7, 0.8, 0.9),
            0.75,
            True,
            1.0,
            held_out_images=(ImageRatio("a1", 0.8),),
            probe_images=(ImageRatio("b2", 0.7), ImageRatio("c3", 0.75)),
            drift=0.02,
            weight_norms=(BlockNorm("mid_block", 0.01), BlockNorm("up_blocks.1", 0.02)),
        ),
        SetExamined(12, 11, True, 0.9, 0.4, ("a1", "b2"), 0.5, (Leak("d4", "a1"),), 1.5),
        LoraChecked(5, 80, 1, 0.3),
        PartsCompared(5, 0.4, ("a1",), 1.0),
        PreviewReady(5, 0, "zorbi, „winkt“", 7, tmp_path / "previews" / "a.png"),
        PreviewsMeasured(5, 0.4, 0.9, 1, "c3", "three.png", 0.6, False, 0.2),
        CheckpointSaved(5, tmp_path / "best.safetensors", True),
        RunPaused(5),
        RunResumed(5),
        RunFinished(FinishReason.STOPPED, 5, 5, 0.8, 0.5, 3.0, None),
    ]

    assert {type(event) for event in events} == set(get_args(TrainingEvent))
    for event in events:
        line = event_to_line(event, tmp_path)
        assert "\n" not in line and str(tmp_path) not in line
        assert event_from_line(line, tmp_path) == event


def test_that_a_measurement_of_an_earlier_version_is_still_read(tmp_path: Path) -> None:
    line = (
        '{"event": "ValidationFinished", "step": 5, "loss": 0.4, "base_loss": 0.5, '
        '"ratio": {"value": 0.8, "low": 0.7, "high": 0.9}, '
        '"bands": {"coarse": 0.7, "middle": 0.8, "fine": 0.9}, '
        '"probe_ratio": 0.75, "is_best": true, "seconds": 1.0}'
    )

    event = event_from_line(line, tmp_path)

    assert isinstance(event, ValidationFinished)
    assert (event.ratio.value, event.held_out_images, event.probe_images) == (0.8, (), ())


@pytest.mark.parametrize("line", ["", "{", '{"event": "StepFinished"}', '{"event": "Other"}', "3"])
def test_that_a_torn_line_is_passed_over(line: str, tmp_path: Path) -> None:
    assert event_from_line(line, tmp_path) is None


@pytest.mark.parametrize("word", ["", "two words", "a,b", "<lora>", "x" * 33])
def test_that_a_trigger_word_that_breaks_prompts_is_refused(word: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidProjectError, match="trigger word"):
        Project("p", "Name", SubjectKind.CHARACTER, word, tmp_path, 0.0)


def test_that_a_trigger_word_is_suggested_from_the_name() -> None:
    assert suggest_trigger_word("Rusty the Fox!") == "rustythefox"
    assert suggest_trigger_word("…") == "subject"


def _leaves(error_class: type[CalotypeError]) -> list[type[CalotypeError]]:
    children = error_class.__subclasses__()
    return [leaf for child in children for leaf in _leaves(child)] if children else [error_class]


def test_that_every_failure_says_what_happened_and_what_to_do() -> None:
    for leaf in _leaves(CalotypeError):
        assert leaf.__doc__, leaf
        assert leaf.sentence.count(". ") + leaf.sentence.count(": ") >= 1, leaf.sentence
        assert leaf.sentence.endswith("."), leaf.sentence
