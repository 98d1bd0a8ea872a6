"""A run in a few facts, for the side of the Train page."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import FinishReason, RunFinished
from calotype.domain.lora import LoraAdapter, LoraTargets
from calotype.ui.look.wording import duration
from calotype.ui.models.training_run_model import TrainingRunModel


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_facts", text)


def run_facts(model: TrainingRunModel, base_name: str) -> dict[str, str]:
    """Names and values; a value that is not known yet is empty."""
    loaded, plan = model.model, model.plan
    facts = {_tr("Base"): base_name}
    if plan is not None:
        text = _tr("Rank {rank}, alpha {alpha}, {layers}")
        if plan.lora.adapter is LoraAdapter.DORA:
            text = _tr("DoRA, rank {rank}, alpha {alpha}, {layers}")
        facts[_tr("Adapter")] = text.format(
            rank=plan.lora.rank, alpha=f"{plan.lora.alpha:g}", layers=_layers(plan.lora.targets)
        )
    if loaded is not None:
        text = _tr("{some} of {all} weights")
        facts[_tr("Trains")] = text.format(
            some=_millions(loaded.trained_parameters), all=_millions(loaded.total_parameters)
        )
        facts[_tr("Device")] = f"{loaded.device} · {_precision(loaded.precision)}"
    if model.images_trained:
        text = _tr("{trained} to learn from, {held_out} to check")
        facts[_tr("Pictures")] = text.format(trained=model.images_trained, held_out=model.images_held_out)
    if model.saved_step:
        facts[_tr("Saved")] = _tr("step {step}").format(step=f"{model.saved_step:,}")
    return facts


def ending_text(result: RunFinished | None) -> str:
    """How a run ended, in one line; empty if that is not known."""
    if result is None:
        return ""
    texts = {
        FinishReason.STOPPED: _tr("Stopped at step {step} after {time}. Best: step {best}, ratio {ratio}."),
        FinishReason.SETTLED: _tr(
            "Ended by itself at step {step} after {time}, as nothing became better. Best: step {best}, ratio {ratio}."
        ),
        FinishReason.COMPLETED: _tr("{step} steps in {time}. Best: step {best}, ratio {ratio}."),
    }
    text = texts[result.reason]
    return text.format(
        step=f"{result.step:,}",
        time=duration(result.seconds),
        best=f"{result.best_step:,}",
        ratio=f"{result.best_ratio:.2f}",
    )


def _layers(targets: LoraTargets) -> str:
    names = {
        LoraTargets.ATTENTION: _tr("attention"),
        LoraTargets.ATTENTION_AND_MLP: _tr("attention + MLP"),
        LoraTargets.ALL_LAYERS: _tr("all layers"),
    }
    return names[targets]


def _precision(dtype: str) -> str:
    names = {"float32": _tr("32 bit"), "bfloat16": _tr("16 bit (bf16)"), "float16": _tr("16 bit (fp16)")}
    return names.get(dtype, dtype)


def _millions(count: int) -> str:
    return _tr("{count} M").format(count=f"{count / 1e6:.1f}" if count < 1e8 else f"{count / 1e6:.0f}")
