"""What a run writes so that nothing is lost: everything that is needed to go on exactly."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from calotype.domain.errors import CheckpointUnusableError
from calotype.domain.plan import TrainingPlan
from calotype.storage.files import write_atomically

STATE_FILE = "state.safetensors"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came, and its best measurement so far (step 0 is the base model)."""

    step: int
    best_step: int
    best_ratio: float
    seconds: float  # spent before this moment, over all sittings


def save_state(
    folder: Path,
    plan: TrainingPlan,
    parameters: Sequence[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    progress: Progress,
) -> None:
    """Write LoRA weights and Adam's moments at full precision, in one atomic file.

    Everything random is drawn from (seed, step), so that these and the step are all there is to know: a run that goes
    on from here takes bit for bit the steps that it would have taken.
    """
    tensors: dict[str, Tensor] = {}
    for number, parameter in enumerate(parameters):
        moments = optimizer.state.get(parameter, {})
        tensors[f"{number}.weight"] = parameter.detach().cpu()
        for name in ("exp_avg", "exp_avg_sq", "step"):
            if name in moments:
                tensors[f"{number}.{name}"] = moments[name].detach().cpu()
    words = {
        "step": str(progress.step),
        "best_step": str(progress.best_step),
        "best_ratio": repr(progress.best_ratio),
        "seconds": repr(progress.seconds),
        "plan": plan_digest(plan),
        "threads": str(torch.get_num_threads()),
    }
    write_atomically(folder / STATE_FILE, save(tensors, words))


def saved_thread_count(folder: Path) -> int:
    """How many threads computed so far; 0 if nothing readable was saved."""
    try:
        with safe_open(os.fspath(folder / STATE_FILE), "pt") as file:
            return int((file.metadata() or {}).get("threads", 0))
    except (SafetensorError, OSError, ValueError):
        return 0  # load_state says what is wrong


def load_state(
    folder: Path, plan: TrainingPlan, parameters: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer
) -> Progress:
    """Put weights and moments back. Raises CheckpointUnusableError if it is missing, damaged or of another plan."""
    path = folder / STATE_FILE
    if not path.is_file():
        raise CheckpointUnusableError(path.name, "it was never written")
    try:
        with safe_open(os.fspath(path), "pt") as file:
            words = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        if words["plan"] != plan_digest(plan):
            raise CheckpointUnusableError(path.name, "it belongs to a run with other settings")
        _put_back(tensors, parameters, optimizer)
        return Progress(
            int(words["step"]), int(words["best_step"]), float(words["best_ratio"]), float(words["seconds"])
        )
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise CheckpointUnusableError(path.name, f"it is damaged ({error})") from error


def _put_back(tensors: dict[str, Tensor], parameters: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for number, parameter in enumerate(parameters):
        parameter.data.copy_(tensors[f"{number}.weight"])
        state[number] = {
            name: tensors[f"{number}.{name}"]
            for name in ("exp_avg", "exp_avg_sq", "step")
            if f"{number}.{name}" in tensors
        }
    optimizer.load_state_dict(
        {
            "state": {n: s for n, s in state.items() if s},
            "param_groups": optimizer.state_dict()["param_groups"],
        }
    )


def plan_digest(plan: TrainingPlan) -> str:
    """A fingerprint of a plan, to tell whether a checkpoint belongs to it."""
    values = json.loads(plan.to_json())
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
