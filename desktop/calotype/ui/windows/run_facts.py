"""A run in a few facts, for the side of the Train page."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import FinishReason, RunFinished
from calotype.domain.lora import LoraTargets
from calotype.ui.look.wording import duration, file_size
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.training_run_model import TrainingRunModel


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_facts", text)


def run_facts(model: TrainingRunModel, base_name: str) -> dict[str, str]:
    """Names and values; a value that is not known yet is empty."""
    loaded, last, plan = model.model, model.last_step, model.plan
    facts = {_tr("Base"): base_name}
    if plan is not None:
        text = _tr("LoRA rank {rank}, alpha {alpha}, {layers}")
        facts[_tr("Adapter")] = text.format(
            rank=plan.lora.rank, alpha=f"{plan.lora.alpha:g}", layers=_layers(plan.lora.targets)
        )
    if loaded is not None:
        text = _tr("{some} of {all} weights")
        facts[_tr("Trains")] = text.format(
            some=_millions(loaded.trained_parameters), all=_millions(loaded.total_parameters)
        )
        facts[_tr("Device")] = f"{loaded.device} · {_precision(loaded.precision)}"
    if last is not None:
        text = _tr("{speed} images/s · {memory}")
        facts[_tr("Speed")] = text.format(speed=f"{last.images_per_second:.1f}", memory=file_size(last.memory_bytes))
    if model.images_trained:
        text = _tr("{trained} to learn from, {held_out} to check")
        facts[_tr("Pictures")] = text.format(trained=model.images_trained, held_out=model.images_held_out)
    if model.saved_step:
        facts[_tr("Saved")] = _tr("step {step}").format(step=f"{model.saved_step:,}")
    return facts


def step_numbers(series: RunSeries, step: int | None) -> str:
    """What was measured at one step, in one line; empty if nothing is known of it."""
    if step is None:
        return ""
    best = series.best
    parts = [_tr("Step {step}").format(step=f"{step:,}") if step else _tr("Base model")]
    if best is not None and best.step == step:
        parts.append(_tr("the best"))
    measured = next((point for point in series.validations if point.step == step), None)
    if measured is not None:
        text = _tr("held-out {ratio} ({low} to {high}), training {probe}")
        ratio = measured.ratio
        numbers = {"ratio": ratio.value, "low": ratio.low, "high": ratio.high, "probe": measured.probe_ratio}
        parts.append(text.format(**{name: f"{value:.3f}" for name, value in numbers.items()}))
    place = bisect_left(series.steps, step)
    if place < len(series.steps) and series.steps[place] == step:
        parts.append(_tr("training loss {loss}, smoothed").format(loss=f"{series.smoothed[place]:.4f}"))
    return "  ·  ".join(parts)


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
