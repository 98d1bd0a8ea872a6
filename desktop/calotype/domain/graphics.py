"""Graphics cards and builds of torch, as far as they matter for what computes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Vendor(StrEnum):
    """Who made a card."""

    NVIDIA = "nvidia"
    AMD = "amd"


class TorchKind(StrEnum):
    """What a build of torch can compute on."""

    CPU = "cpu"
    CUDA = "cuda"  # NVIDIA
    ROCM = "rocm"  # AMD


NEEDED_KIND = {Vendor.NVIDIA: TorchKind.CUDA, Vendor.AMD: TorchKind.ROCM}


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """A card that could compute. What is not known is empty or 0."""

    vendor: Vendor
    name: str = ""
    memory_bytes: int = 0
    driver: str = ""  # the version of its vendor's driver; empty if that is not installed


@dataclass(frozen=True, slots=True)
class TorchBuild:
    """A torch that lies on this computer, known without loading it."""

    version: str = ""  # as 2.13.0+cu130; empty if there is none
    kind: TorchKind = TorchKind.CPU


def version_numbers(text: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version, to be compared: (580, 65, 6) for 580.65.06, (2, 13, 0) for 2.13.0+cpu.

    The first part that is no number ends them.
    """
    numbers = []
    for part in text.partition("+")[0].strip().split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)
