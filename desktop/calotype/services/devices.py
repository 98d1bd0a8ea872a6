"""What this computer can compute with. Imports torch: call it inside a job."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.settings import DeviceChoice
from calotype.services.compute_modules import load_compute_modules


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """A device in words. `memory_bytes` is all the memory it has."""

    name: str
    kind: str  # "cuda", "mps" or "cpu"
    memory_bytes: int


def describe_device(choice: DeviceChoice) -> DeviceDescription:
    """The device that a run would use with this choice."""
    load_compute_modules()
    import psutil
    import torch

    from calotype.diffusion.device import choose_device, device_name

    device = choose_device(choice)
    if device.type == "cuda":
        memory = int(torch.cuda.get_device_properties(device).total_memory)
    else:
        memory = int(psutil.virtual_memory().total)
    return DeviceDescription(device_name(device), device.type, memory)
