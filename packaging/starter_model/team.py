"""A few processes that train one model together on a CPU, or one process on a GPU.

Two processes of one thread each beat one process of two threads on a busy machine: OpenMP's barriers wait for
whichever core is taken away.
"""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn


@dataclass(frozen=True, slots=True)
class Team:
    """One member of the team, seen from itself."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this member writes files and speaks."""
        return self.rank == 0

    def start_alike(self, parameters: Sequence[nn.Parameter]) -> None:
        """Give everyone the weights of the leader."""
        if self.size > 1:
            for parameter in parameters:
                torch.distributed.broadcast(parameter.data, 0)

    def average(self, tensors: Sequence[Tensor], numbers: Sequence[float]) -> list[float]:
        """Average tensors in place, and some numbers; all are the same for all members afterwards."""
        if self.size == 1:
            return list(numbers)
        flat = torch.cat([*(tensor.reshape(-1) for tensor in tensors), torch.tensor(numbers, dtype=tensors[0].dtype)])
        torch.distributed.all_reduce(flat)
        flat /= self.size
        at = 0
        for tensor in tensors:
            tensor.copy_(flat[at : at + tensor.numel()].view_as(tensor))
            at += tensor.numel()
        averaged: list[float] = flat[at:].tolist()
        return averaged


def choose_device(wanted: str) -> torch.device:
    """The device by name; `auto` takes CUDA if there is one."""
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def run_as_team(work: Callable[[Team], None], size: int, device: torch.device) -> None:
    """Call `work` in `size` processes on a CPU, or here on a GPU. Returns when all have ended."""
    if device.type != "cpu" or size == 1:
        work(Team(0, 1, device))
        return
    with tempfile.TemporaryDirectory(prefix="starter-team-") as folder:
        meeting = str(Path(folder, "meeting"))
        spawn(_member, (work, size, meeting), nprocs=size)  # type: ignore[no-untyped-call]


def _member(rank: int, work: Callable[[Team], None], size: int, meeting: str) -> None:
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=datetime.timedelta(minutes=30)
    )
    try:
        work(Team(rank, size, torch.device("cpu")))
    finally:
        torch.distributed.destroy_process_group()
