"""How each setting of a training plan is called, what it does, and what its value means in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.lora import LoraAdapter, LoraTargets
from calotype.domain.plan import Precision, TrainingPlan, setting_value
from calotype.domain.speech import Say, as_written


@dataclass(frozen=True, slots=True)
class SettingText:
    """One setting in words. `name` is the one that `plan.override` understands."""

    name: str
    label: str
    effect: str


# What a plan can be given in the window, the most useful first.
SETTING_TEXTS = (
    SettingText("step_count", "Steps", "How many times the LoRA is corrected. More takes longer and may overfit."),
    SettingText("batch_size", "Pictures per step", "More makes each step steadier, slower and hungrier for memory."),
    SettingText(
        "learning_rate", "Learning rate", "How far each step goes. Too high breaks pictures, too low learns nothing."
    ),
    SettingText("rank", "Rank", "How much the LoRA can hold. Higher makes a larger file and overfits sooner."),
    SettingText("alpha", "Alpha", "How strongly it counts: alpha divided by rank."),
    SettingText("targets", "Layers", "Which layers learn. All of them catch shape and texture better, but slowly."),
    SettingText(
        "adapter",
        "Kind of adapter",
        "A DoRA also learns how much each input of a layer counts. Its steps are slower, and diffusers cannot read it.",
    ),
    SettingText("resolution_px", "Resolution", "The side of the pictures in training, in pixels; a multiple of 64."),
    SettingText("precision", "Precision", "The number format. Auto takes what the device does best."),
    SettingText(
        "warmup_steps", "Warm-up steps", "The learning rate rises over these steps, so that the start is gentle."
    ),
    SettingText(
        "caption_dropout",
        "Caption dropout",
        "How often a caption is left out in training, so that guidance works later.",
    ),
    SettingText(
        "min_snr_gamma", "Min-SNR gamma", "Keeps easy noise levels from drowning hard ones. 0 switches it off."
    ),
    SettingText("clip_skip", "Clip skip", "Which text layer is read. 1: the last. 2, for drawn art: the one before."),
    SettingText("weight_decay", "Weight decay", "Pulls the LoRA back a little at each step."),
    SettingText("max_gradient_norm", "Gradient limit", "Steps larger than this are cut down."),
    SettingText(
        "flip", "Mirror pictures", "Shows each picture mirrored half of the time. Not for anything with lettering."
    ),
    SettingText("seed", "Seed", "The same seed, plan and pictures give the same LoRA."),
    SettingText(
        "patience", "Patience", "Checks without a better result after which training ends by itself. 0: never."
    ),
    SettingText("validate_every", "Check every", "Steps between two measurements on held-out pictures."),
    SettingText("preview_every", "Preview every", "Steps between two rows of preview pictures."),
    SettingText("preview_prompts", "Preview prompts", "What the previews show. Separate prompts with |."),
)

# What only the terminal and the presets choose.
MORE_TEXTS = (
    SettingText("checkpoint_every", "Save every", "Steps between two saved states that the run can go on from."),
    SettingText("preview_seed", "Preview seed", "Fixed, so that between two previews only the LoRA differs."),
    SettingText("preview_steps", "Preview sampling steps", "How many times noise is removed to draw a preview."),
    SettingText("preview_guidance", "Preview guidance", "How closely previews follow their prompts."),
)
ALL_TEXTS = (*SETTING_TEXTS, *MORE_TEXTS)

OPTION_WORDS: dict[StrEnum, str] = {
    LoraTargets.ATTENTION: "Attention",
    LoraTargets.ATTENTION_AND_MLP: "Attention and MLP",
    LoraTargets.ALL_LAYERS: "All layers",
    LoraAdapter.LORA: "LoRA",
    LoraAdapter.DORA: "DoRA",
    Precision.AUTO: "Automatic",
    Precision.FP32: "32 bit",
    Precision.BF16: "16 bit (bf16)",
    Precision.FP16: "16 bit (fp16)",
}


def value_text(plan: TrainingPlan, name: str, say: Say = as_written) -> str:
    """The value of a setting in plain words. Raises UnknownSettingError."""
    value = setting_value(plan, name)
    match value:
        case bool():
            return say("yes") if value else say("no")
        case StrEnum():
            return say(OPTION_WORDS[value])
        case tuple():
            return " · ".join(value) or say("none")
        case float() | int() if name in ("min_snr_gamma", "patience") and value == 0:
            return say("off")
    return f"{value:g}" if isinstance(value, float) else str(value)


def differing_settings(one: TrainingPlan, other: TrainingPlan) -> tuple[SettingText, ...]:
    """The settings in which two plans differ, the most useful first."""
    return tuple(text for text in ALL_TEXTS if setting_value(one, text.name) != setting_value(other, text.name))
