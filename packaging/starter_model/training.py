"""Train anything within a budget of minutes, by a team, with a moving average of the weights, and go on after a break.

Read `train_within` from top to bottom. What is trained is a `Task`.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from team import Team
from torch import Tensor, nn

WARM_UP, FLOOR = 0.02, 0.02  # shares of the budget, and of the highest learning rate
SPEAK_EVERY_S, SAVE_EVERY_S = 60.0, 300.0


@dataclass(frozen=True, slots=True)
class Group:
    """Weights with a learning rate of their own."""

    parameters: Sequence[nn.Parameter]
    learning_rate: float
    weight_decay: float = 0.01


class Task(Protocol):
    """What `train_within` needs to know of a model."""

    def groups(self) -> Sequence[Group]:
        """Everything that is trained."""

    def loss(self, chance: random.Random) -> Tensor:
        """The loss of the next batch; chance differs from member to member."""

    def report(self) -> str:
        """How good the model is now, in one line; called with the averaged weights."""

    def write(self) -> None:
        """Write the model where it belongs; called with the averaged weights."""


class Average:
    """The exponential moving average of the weights: much better pictures than the weights of the moment.

    Source: arXiv:2006.11239, and arXiv:2206.00927 for the start with a shorter memory.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float) -> None:
        self._parameters, self._decay = parameters, decay
        self.weights = [parameter.detach().clone() for parameter in parameters]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the weights of the moment."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.weights, [parameter.detach() for parameter in self._parameters], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the averaged weights inside, and its own afterwards."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the weights of the moment and the average."""
        for parameter, weight in zip(self._parameters, self.weights, strict=True):
            own = parameter.data.clone()
            parameter.data.copy_(weight)
            weight.copy_(own)


@dataclass(slots=True)
class Progress:
    """How far a training is; `seconds` is its share of the budget that is used up."""

    step: int = 0
    seconds: float = 0.0


def learning_rate_share(spent: float) -> float:
    """The share of the highest rate after a share of the budget: a short warm-up, then half a cosine."""
    if spent < WARM_UP:
        return max(spent / WARM_UP, 1e-3)
    wave = 0.5 * (1 + math.cos(math.pi * min(1.0, (spent - WARM_UP) / (1 - WARM_UP))))
    return FLOOR + (1 - FLOOR) * wave


def train_within(task: Task, minutes: float, decay: float, team: Team, state: Path) -> None:
    """Train until the budget is spent; what `state` holds of an earlier call counts.

    The task has its averaged weights afterwards, and has written them.
    """
    training = Training(task, decay, team, state)
    training.go_on()
    told = saved = training.progress.seconds
    while training.progress.seconds < minutes * 60:
        training.step(learning_rate_share(training.progress.seconds / (minutes * 60)))
        if team.leads and training.progress.seconds - told > SPEAK_EVERY_S:
            training.speak()
            told = training.progress.seconds
        if team.leads and training.progress.seconds - saved > SAVE_EVERY_S:
            training.keep()
            saved = training.progress.seconds
    if team.leads:
        training.keep()
    training.settle()


class Training:
    """A task with its optimizer, its averaged weights and how far it is."""

    def __init__(self, task: Task, decay: float, team: Team, state: Path) -> None:
        self._task, self._team, self._state = task, team, state
        self._groups = task.groups()
        self._parameters = [parameter for group in self._groups for parameter in group.parameters]
        team.start_alike(self._parameters)
        self._optimizer = torch.optim.AdamW(
            [
                {"params": list(g.parameters), "lr": g.learning_rate, "weight_decay": g.weight_decay}
                for g in self._groups
            ],
            betas=(0.9, 0.99),
            fused=True,
        )
        self._average = Average(self._parameters, decay)
        self.progress = Progress()
        self._losses: list[float] = []

    def go_on(self) -> None:
        """Take up what was kept, if anything was, and start the clock."""
        if self._state.exists():
            self.progress = restore(self._state, self._parameters, self._average, self._optimizer)
        self._chance = random.Random(f"{self._team.rank}/{self.progress.step}")
        torch.manual_seed(self._chance.randrange(2**31))
        self._began = time.monotonic() - self.progress.seconds

    def step(self, rate_share: float) -> None:
        """One update of the weights."""
        for values, group in zip(self._optimizer.param_groups, self._groups, strict=True):
            values["lr"] = group.learning_rate * rate_share
        loss = self._task.loss(self._chance)
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        numbers = [float(loss.detach()), time.monotonic() - self._began]
        mean_loss, self.progress.seconds = self._team.average(gradients, numbers)  # one clock: all stop together
        self._losses.append(mean_loss)
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.progress.step += 1
        self._average.update(self.progress.step)

    def speak(self) -> None:
        """Say how it goes."""
        mean = sum(self._losses) / max(1, len(self._losses))
        _say(f"{self.progress.seconds / 60:.1f} min, step {self.progress.step}, loss {mean:.4f}")
        self._losses.clear()

    def keep(self) -> None:
        """Save what going on needs, and let the task write and measure its averaged weights."""
        save(self._state, self._parameters, self._average, self._optimizer, self.progress)
        with self._average.applied():
            _say(f"    step {self.progress.step}: {self._task.report()}")
            self._task.write()

    def settle(self) -> None:
        """Leave the averaged weights in the model."""
        self._average.swap()


def save(
    path: Path,
    parameters: Sequence[nn.Parameter],
    average: Average,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
) -> None:
    """Everything that going on needs, in one file that replaces the last one whole."""
    tensors: dict[str, Tensor] = {}
    for place, parameter in enumerate(parameters):
        tensors[f"{place}.weight"] = parameter.detach()
        tensors[f"{place}.average"] = average.weights[place]
        for name, value in optimizer.state[parameter].items():
            tensors[f"{place}.{name}"] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    whole = {name: tensor.contiguous().cpu() for name, tensor in tensors.items()}
    save_file(whole, new, {"step": str(progress.step), "seconds": str(progress.seconds)})
    new.replace(path)


def restore(
    path: Path, parameters: Sequence[nn.Parameter], average: Average, optimizer: torch.optim.Optimizer
) -> Progress:
    """Put back what `save` wrote."""
    with safe_open(path, framework="pt") as file, torch.no_grad():
        for place, parameter in enumerate(parameters):
            parameter.copy_(file.get_tensor(f"{place}.weight"))
            average.weights[place].copy_(file.get_tensor(f"{place}.average"))
            optimizer.state[parameter] = {
                name: file.get_tensor(f"{place}.{name}").to(parameter.device if name != "step" else "cpu")
                for name in ("step", "exp_avg", "exp_avg_sq")
            }
        about = file.metadata()
    return Progress(int(about["step"]), float(about["seconds"]))


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)
