"""How each setting of a training plan is called, and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from calotype.domain.lora import LoraTargets
from calotype.domain.plan import Precision


@dataclass(frozen=True, slots=True)
class SettingText:
    """One setting in words."""

    name: str
    label: str
    effect: str


_TEXTS: tuple[tuple[str, object, object], ...] = (  # a marked text is an object to the type checker
    (
        "step_count",
        QT_TRANSLATE_NOOP("PlanDrawer", "Steps"),
        QT_TRANSLATE_NOOP("PlanDrawer", "How many times the LoRA is corrected. More takes longer and may overfit."),
    ),
    (
        "batch_size",
        QT_TRANSLATE_NOOP("PlanDrawer", "Pictures per step"),
        QT_TRANSLATE_NOOP("PlanDrawer", "More makes each step steadier, slower and hungrier for memory."),
    ),
    (
        "learning_rate",
        QT_TRANSLATE_NOOP("PlanDrawer", "Learning rate"),
        QT_TRANSLATE_NOOP("PlanDrawer", "How far each step goes. Too high breaks pictures, too low learns nothing."),
    ),
    (
        "rank",
        QT_TRANSLATE_NOOP("PlanDrawer", "Rank"),
        QT_TRANSLATE_NOOP("PlanDrawer", "How much the LoRA can hold. Higher makes a larger file and overfits sooner."),
    ),
    (
        "alpha",
        QT_TRANSLATE_NOOP("PlanDrawer", "Alpha"),
        QT_TRANSLATE_NOOP("PlanDrawer", "How strongly it counts: alpha divided by rank."),
    ),
    (
        "targets",
        QT_TRANSLATE_NOOP("PlanDrawer", "Layers"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Which layers learn. All of them catch shape and texture better, but slowly."),
    ),
    (
        "resolution_px",
        QT_TRANSLATE_NOOP("PlanDrawer", "Resolution"),
        QT_TRANSLATE_NOOP("PlanDrawer", "The side of the pictures in training, in pixels; a multiple of 64."),
    ),
    (
        "precision",
        QT_TRANSLATE_NOOP("PlanDrawer", "Precision"),
        QT_TRANSLATE_NOOP("PlanDrawer", "The number format. Auto takes what the device does best."),
    ),
    (
        "warmup_steps",
        QT_TRANSLATE_NOOP("PlanDrawer", "Warm-up steps"),
        QT_TRANSLATE_NOOP("PlanDrawer", "The learning rate rises over these steps, so that the start is gentle."),
    ),
    (
        "caption_dropout",
        QT_TRANSLATE_NOOP("PlanDrawer", "Caption dropout"),
        QT_TRANSLATE_NOOP("PlanDrawer", "How often a caption is left out in training, so that guidance works later."),
    ),
    (
        "min_snr_gamma",
        QT_TRANSLATE_NOOP("PlanDrawer", "Min-SNR gamma"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Keeps easy noise levels from drowning hard ones. 0 switches it off."),
    ),
    (
        "weight_decay",
        QT_TRANSLATE_NOOP("PlanDrawer", "Weight decay"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Pulls the LoRA back a little at each step."),
    ),
    (
        "max_gradient_norm",
        QT_TRANSLATE_NOOP("PlanDrawer", "Gradient limit"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Steps larger than this are cut down."),
    ),
    (
        "flip",
        QT_TRANSLATE_NOOP("PlanDrawer", "Mirror pictures"),
        QT_TRANSLATE_NOOP(
            "PlanDrawer", "Shows each picture mirrored half of the time. Not for anything with lettering."
        ),
    ),
    (
        "seed",
        QT_TRANSLATE_NOOP("PlanDrawer", "Seed"),
        QT_TRANSLATE_NOOP("PlanDrawer", "The same seed, plan and pictures give the same LoRA."),
    ),
    (
        "validate_every",
        QT_TRANSLATE_NOOP("PlanDrawer", "Check every"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Steps between two measurements on held-out pictures."),
    ),
    (
        "preview_every",
        QT_TRANSLATE_NOOP("PlanDrawer", "Preview every"),
        QT_TRANSLATE_NOOP("PlanDrawer", "Steps between two rows of preview pictures."),
    ),
    (
        "preview_prompts",
        QT_TRANSLATE_NOOP("PlanDrawer", "Preview prompts"),
        QT_TRANSLATE_NOOP("PlanDrawer", "What the previews show. Separate prompts with |."),
    ),
)


_OPTIONS: dict[LoraTargets | Precision, object] = {
    LoraTargets.ATTENTION: QT_TRANSLATE_NOOP("PlanDrawer", "Attention"),
    LoraTargets.ATTENTION_AND_MLP: QT_TRANSLATE_NOOP("PlanDrawer", "Attention and MLP"),
    LoraTargets.ALL_LAYERS: QT_TRANSLATE_NOOP("PlanDrawer", "All layers"),
    Precision.AUTO: QT_TRANSLATE_NOOP("PlanDrawer", "Automatic"),
    Precision.FP32: QT_TRANSLATE_NOOP("PlanDrawer", "32 bit"),
    Precision.BF16: QT_TRANSLATE_NOOP("PlanDrawer", "16 bit (bf16)"),
    Precision.FP16: QT_TRANSLATE_NOOP("PlanDrawer", "16 bit (fp16)"),
}


def setting_texts() -> list[SettingText]:
    """Every setting in the language of the window, the most useful first."""
    return [SettingText(name, _tr(str(label)), _tr(str(effect))) for name, label, effect in _TEXTS]


def _tr(text: str) -> str:
    return QCoreApplication.translate("PlanDrawer", text)


def option_text(option: LoraTargets | Precision) -> str:
    """A choice of a setting in plain words."""
    return _tr(str(_OPTIONS[option]))
