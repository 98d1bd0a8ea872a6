"""Everything one training run needs to know, checked once, and to and from JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from calotype.domain.errors import InvalidPlanError, UnknownSettingError
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets

SCHEMA = 1
MOST_CLIP_SKIP = 12  # as A1111 offers; 1 is the last layer, so that nothing is skipped


class Precision(StrEnum):
    """The number format of the forward pass; LoRA weights are always 32-bit."""

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"


@dataclass(frozen=True, slots=True)
class PreviewPlan:
    """Which pictures to draw during training: always the same prompts and seeds, so that only the LoRA changes."""

    every: int = 50  # steps
    prompts: tuple[str, ...] = ()
    seed: int = 1
    sampling_steps: int = 20
    guidance: float = 4.0

    def __post_init__(self) -> None:
        _require(self.every >= 1, "preview_every", self.every, "use 1 or more steps")
        _require(len(self.prompts) <= 8, "preview_prompts", len(self.prompts), "use at most 8 prompts")
        _require(1 <= self.sampling_steps <= 200, "preview_steps", self.sampling_steps, "use 1 to 200")
        _require(0 <= self.seed < 2**32 - 8, "preview_seed", self.seed, f"use 0 to {2**32 - 9}")
        _require(1 <= self.guidance <= 30, "preview_guidance", self.guidance, "use 1 to 30")


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """One run, whole: the same plan on the same pictures gives the same LoRA on the same machine."""

    base_model: str  # id in the model catalogue
    project_id: str
    lora: LoraSpec = field(default_factory=LoraSpec)
    step_count: int = 300
    batch_size: int = 4
    learning_rate: float = 1e-4
    warmup_steps: int = 20
    weight_decay: float = 0.01
    max_gradient_norm: float = 1.0
    min_snr_gamma: float = 5.0  # 0 switches the weighting off
    caption_dropout: float = 0.05
    clip_skip: int = 1  # the layer of the text encoder that is read, counted from its last
    flip: bool = False
    resolution_px: int = 512
    seed: int = 1
    validate_every: int = 50  # steps
    checkpoint_every: int = 50  # steps
    patience: int = 0  # measurements without a better one, after which the run ends early; 0 switches it off
    precision: Precision = Precision.AUTO
    preview: PreviewPlan = field(default_factory=PreviewPlan)

    def __post_init__(self) -> None:
        whole = "use a whole number from {} to {}"
        _require(1 <= self.step_count <= 1_000_000, "step_count", self.step_count, whole.format(1, 1_000_000))
        _require(1 <= self.batch_size <= 256, "batch_size", self.batch_size, whole.format(1, 256))
        _require(0 < self.learning_rate <= 1, "learning_rate", self.learning_rate, "use a number above 0, up to 1")
        _require(self.warmup_steps >= 0, "warmup_steps", self.warmup_steps, "use 0 or more")
        _require(0 <= self.weight_decay <= 1, "weight_decay", self.weight_decay, "use 0 to 1")
        _require(self.max_gradient_norm > 0, "max_gradient_norm", self.max_gradient_norm, "use a number above 0")
        _require(self.min_snr_gamma >= 0, "min_snr_gamma", self.min_snr_gamma, "use 0 (off) or more")
        _require(
            0 <= self.caption_dropout < 1,
            "caption_dropout",
            self.caption_dropout,
            "use 0 up to, not including, 1",
        )
        clip_skip_text = whole.format(1, MOST_CLIP_SKIP)
        _require(1 <= self.clip_skip <= MOST_CLIP_SKIP, "clip_skip", self.clip_skip, clip_skip_text)
        _require(
            64 <= self.resolution_px <= 2048 and self.resolution_px % 64 == 0,
            "resolution_px",
            self.resolution_px,
            "use a multiple of 64 from 64 to 2048",
        )
        _require(0 <= self.seed < 2**32, "seed", self.seed, whole.format(0, 2**32 - 1))
        _require(self.validate_every >= 1, "validate_every", self.validate_every, "use 1 or more steps")
        _require(self.checkpoint_every >= 1, "checkpoint_every", self.checkpoint_every, "use 1 or more steps")
        _require(0 <= self.patience <= 1000, "patience", self.patience, whole.format(0, 1000))

    def to_json(self) -> str:
        """Write the plan as JSON text with its schema number."""
        return json.dumps({"schema": SCHEMA, **dataclasses.asdict(self)}, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> TrainingPlan:
        """Read what `to_json` wrote. Raises InvalidPlanError if it is not a plan of this schema."""
        try:
            values: dict[str, Any] = json.loads(text)
            if values.pop("schema") != SCHEMA:
                raise InvalidPlanError("schema", "unknown", f"this version reads schema {SCHEMA}")
            lora = dict(values.pop("lora"))
            preview = dict(values.pop("preview"))
            adapter = LoraAdapter(lora.get("adapter", LoraAdapter.LORA))  # plans of older versions have none
            return cls(
                lora=LoraSpec(**{**lora, "targets": LoraTargets(lora["targets"]), "adapter": adapter}),
                preview=PreviewPlan(**{**preview, "prompts": tuple(preview["prompts"])}),
                **{**values, "precision": Precision(values["precision"])},
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidPlanError("plan", "read", f"its file is damaged ({error})") from error


def override(plan: TrainingPlan, settings: Mapping[str, str]) -> TrainingPlan:
    """Change settings by name, from text. Raises UnknownSettingError or InvalidPlanError.

    Names are the fields of the plan; `rank`, `alpha`, `targets` and `adapter` reach into the LoRA, and `preview_…` into
    the preview.
    """
    for name, text in settings.items():
        owner, inner = _find(name)
        current = getattr(plan if owner is None else getattr(plan, owner), inner)
        value = _parse(name, text, current)
        changed = value if owner is None else replace(getattr(plan, owner), **{inner: value})
        change: dict[str, Any] = {owner or inner: changed}
        plan = replace(plan, **change)
    return plan


def setting_value(plan: TrainingPlan, name: str) -> object:
    """The value of a setting by the name that `override` understands. Raises UnknownSettingError."""
    owner, inner = _find(name)
    value: object = getattr(plan if owner is None else getattr(plan, owner), inner)
    return value


def setting_names() -> tuple[str, ...]:
    """The names that `override` understands."""
    own = [
        f.name
        for f in dataclasses.fields(TrainingPlan)
        if f.name not in ("lora", "preview", "project_id", "base_model")
    ]
    lora = [f.name for f in dataclasses.fields(LoraSpec)]
    preview = [_PREVIEW_NAMES.get(f.name, f"preview_{f.name}") for f in dataclasses.fields(PreviewPlan)]
    return tuple(own + lora + preview)


_PREVIEW_NAMES = {"sampling_steps": "preview_steps"}


def _find(name: str) -> tuple[str | None, str]:
    if name not in setting_names():
        raise UnknownSettingError(name, ", ".join(setting_names()))
    if name in {f.name for f in dataclasses.fields(LoraSpec)}:
        return "lora", name
    if name.startswith("preview_"):
        inner = {short: long for long, short in _PREVIEW_NAMES.items()}.get(name, name.removeprefix("preview_"))
        return "preview", inner
    return None, name


def _parse(name: str, text: str, current: object) -> object:
    try:
        if isinstance(current, bool):
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.strip().lower()]
        if isinstance(current, StrEnum):
            return type(current)(text.strip().lower())
        if isinstance(current, tuple):
            return tuple(part.strip() for part in text.split("|") if part.strip())
        if isinstance(current, int):
            return int(text)
        return float(text) if isinstance(current, float) else text
    except (KeyError, ValueError, TypeError):
        raise InvalidPlanError(name, text, f"a value like {current} is expected") from None


def _require(condition: bool, name: str, value: object, allowed: str) -> None:
    if not condition:
        raise InvalidPlanError(name, value, allowed)
