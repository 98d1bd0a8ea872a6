"""A plan checks itself, and survives being written down."""

import json

import pytest

from calotype.domain.errors import InvalidPlanError, UnknownSettingError
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets
from calotype.domain.plan import Precision, PreviewPlan, TrainingPlan, override, setting_names


def test_that_a_plan_survives_json() -> None:
    plan = TrainingPlan(
        "starter",
        "p1",
        lora=LoraSpec(rank=8, alpha=4, targets=LoraTargets.ALL_LAYERS),
        precision=Precision.BF16,
        preview=PreviewPlan(prompts=("zorbi, waving", "é, ü")),
    )

    assert TrainingPlan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "lora": 3}'])
def test_that_a_damaged_plan_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidPlanError):
        TrainingPlan.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [("step_count", 0), ("batch_size", 0), ("learning_rate", 0.0), ("resolution_px", 100), ("caption_dropout", 1.0)],
)
def test_that_nonsense_names_its_field(field: str, value: float) -> None:
    with pytest.raises(InvalidPlanError, match=field):
        TrainingPlan("starter", "p1", **{field: value})  # type: ignore[arg-type]


def test_that_settings_are_changed_by_name_from_text() -> None:
    plan = TrainingPlan("starter", "p1")

    changed = override(
        plan,
        {"rank": "4", "targets": "attention", "flip": "yes", "preview_steps": "7", "preview_prompts": "a | b"},
    )

    assert (changed.lora.rank, changed.lora.targets, changed.flip) == (4, LoraTargets.ATTENTION, True)
    assert (changed.preview.sampling_steps, changed.preview.prompts) == (7, ("a", "b"))
    assert plan.lora.rank == 16


def test_that_a_plan_from_before_there_were_doras_is_a_lora() -> None:
    plan = TrainingPlan("starter", "p1")
    older = json.loads(plan.to_json())
    del older["lora"]["adapter"]

    dora = override(plan, {"adapter": "dora"})

    assert TrainingPlan.from_json(json.dumps(older)) == plan
    assert TrainingPlan.from_json(dora.to_json()) == dora
    assert (plan.lora.adapter, dora.lora.adapter) == (LoraAdapter.LORA, LoraAdapter.DORA)


def test_that_every_setting_can_be_written_back_as_it_is() -> None:
    plan = TrainingPlan("starter", "p1")

    for name in setting_names():
        value = {
            "preview_prompts": "",
            "preview_steps": str(plan.preview.sampling_steps),
            "targets": plan.lora.targets.value,
            "adapter": plan.lora.adapter.value,
            "precision": plan.precision.value,
        }.get(name)
        if value is None:
            inner = name.removeprefix("preview_")
            owner = plan.preview if name.startswith("preview_") else plan.lora if hasattr(plan.lora, name) else plan
            value = str(getattr(owner, inner))
        assert override(plan, {name: value}) == plan, name


def test_that_an_unknown_setting_lists_the_known_ones() -> None:
    with pytest.raises(UnknownSettingError, match="learning_rate"):
        override(TrainingPlan("starter", "p1"), {"lr": "1"})


def test_that_a_wrong_value_names_the_setting() -> None:
    with pytest.raises(InvalidPlanError, match="rank"):
        override(TrainingPlan("starter", "p1"), {"rank": "many"})


def test_that_a_plan_from_before_clip_skip_reads_the_last_layer() -> None:
    values = json.loads(TrainingPlan("starter", "p1").to_json())
    del values["clip_skip"]

    assert TrainingPlan.from_json(json.dumps(values)) == TrainingPlan("starter", "p1", clip_skip=1)
