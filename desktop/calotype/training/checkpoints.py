"""What a run writes so that nothing is lost: everything that is needed to go on exactly."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from calotype.domain.best_checkpoint import BASE, Candidate
from calotype.domain.errors import CheckpointUnusableError, InvalidPlanError
from calotype.domain.plan import TrainingPlan
from calotype.storage.files import write_atomically
from calotype.training.parts import Parts

STATE_FILE = "state.safetensors"
MOMENTS = ("exp_avg", "exp_avg_sq", "step")
LATENTS = "latents"  # of the first picture: what the run was trained on, to be known again
# As a share of their spread: far more than another device rounds otherwise, and far less than another encoder differs.
ALLOWED_DIFFERENCE = 0.02


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came, and its best measurement so far (step 0 is the base model)."""

    step: int = 0
    best: Candidate = BASE
    lowest_ratio: float = 1.0  # of all steps, kept or not
    patient_since: int = 0  # the step from which measurements without a better one count
    seconds: float = 0.0  # spent before this moment, over all sittings
    thread_count: int = 0  # that computed so far; 0 if nothing did


def save_state(folder: Path, plan: TrainingPlan, parts: Parts, progress: Progress) -> None:
    """Write LoRA weights, Adam's moments and the loss scale at full precision, in one atomic file.

    Everything random is drawn from (seed, step), so that these and the step are all there is to know: a run that goes
    on from here takes bit for bit the steps that it would have taken.
    """
    tensors: dict[str, Tensor] = {}
    for number, parameter in enumerate(parts.parameters):
        moments = parts.optimizer.state.get(parameter, {})
        tensors[f"{number}.weight"] = parameter.detach().cpu()
        tensors |= {f"{number}.{name}": moments[name].detach().cpu() for name in MOMENTS if name in moments}
    tensors[LATENTS] = parts.training[0].latents.contiguous()
    words = {
        "step": str(progress.step),
        "best": json.dumps(asdict(progress.best)),
        "lowest_ratio": repr(progress.lowest_ratio),
        "patient_since": str(progress.patient_since),
        "seconds": repr(progress.seconds),
        "threads": str(torch.get_num_threads()),
        "scaler": json.dumps(parts.scaler.state_dict()),
        "plan": plan.to_json(),
    }
    write_atomically(folder / STATE_FILE, save(tensors, words))


def read_progress(folder: Path, plan: TrainingPlan) -> Progress:
    """How far the saved state is. Raises CheckpointUnusableError if it is missing, damaged or of another plan."""
    words = _read(folder)[0]
    try:
        # Compared as plans and not as text: a newer version may know one more setting.
        if TrainingPlan.from_json(words["plan"]) != plan:
            raise CheckpointUnusableError(STATE_FILE, "it belongs to a run with other settings")
        return Progress(
            int(words["step"]),
            Candidate(**json.loads(words["best"])),
            float(words["lowest_ratio"]),
            int(words["patient_since"]),
            float(words["seconds"]),
            int(words["threads"]),
        )
    except (KeyError, ValueError, TypeError, InvalidPlanError) as error:
        raise CheckpointUnusableError(STATE_FILE, f"it is damaged ({error})") from error


def load_state(folder: Path, parts: Parts) -> None:
    """Put weights, moments and the loss scale back. Raises CheckpointUnusableError, also if the VAE is another one."""
    words, tensors = _read(folder)
    _require_same_latents(parts, tensors.get(LATENTS))
    try:
        state: dict[int, dict[str, Tensor]] = {}
        for number, parameter in enumerate(parts.parameters):
            parameter.data.copy_(tensors[f"{number}.weight"])
            moments = {name: tensors[f"{number}.{name}"] for name in MOMENTS if f"{number}.{name}" in tensors}
            state |= {number: moments} if moments else {}
        groups = parts.optimizer.state_dict()["param_groups"]
        parts.optimizer.load_state_dict({"state": state, "param_groups": groups})
        scale: Mapping[str, float] = json.loads(words["scaler"])
        if scale and parts.scaler.is_enabled():
            parts.scaler.load_state_dict(dict(scale))
    except (KeyError, ValueError, RuntimeError) as error:
        raise CheckpointUnusableError(STATE_FILE, f"it is damaged ({error})") from error


def _require_same_latents(parts: Parts, then: Tensor | None) -> None:
    """A LoRA must not learn from the latents of two VAEs. States of older versions do not hold any."""
    now = parts.training[0].latents
    if then is None or (then.shape == now.shape and float((then - now).abs().mean()) <= ALLOWED_DIFFERENCE * now.std()):
        return
    cause = "its base model has another VAE now, which encodes pictures otherwise"
    raise CheckpointUnusableError(STATE_FILE, cause)


def _read(folder: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The words and tensors of the file. Copies: a tensor that is mapped from a file keeps it from being replaced."""
    path = folder / STATE_FILE
    if not path.is_file():
        raise CheckpointUnusableError(STATE_FILE, "it was never written")
    try:
        with safe_open(os.fspath(path), "pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
            return dict(file.metadata() or {}), tensors
    except (SafetensorError, OSError) as error:
        raise CheckpointUnusableError(STATE_FILE, f"it is damaged ({error})") from error
