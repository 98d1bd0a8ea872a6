"""Where tensors live and in which number format they are multiplied."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch

from calotype.domain.errors import OutOfDeviceMemoryError
from calotype.domain.plan import Precision
from calotype.domain.settings import DeviceChoice

DTYPES = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}


def choose_device(choice: DeviceChoice) -> torch.device:
    """The device the user asked for, or the best there is; a device that is not there falls back to the CPU."""
    if choice in (DeviceChoice.AUTO, DeviceChoice.CUDA) and torch.cuda.is_available():
        return torch.device("cuda")
    if choice in (DeviceChoice.AUTO, DeviceChoice.MPS) and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """The number format that the device likes. CPUs stay at 32 bits: bf16 was slower there at small sizes."""
    if precision is not Precision.AUTO:
        return DTYPES[precision]
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def device_name(device: torch.device) -> str:
    """A name a person knows."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    count = torch.get_num_threads()
    return f"CPU, {count} {'thread' if count == 1 else 'threads'}"


def memory_in_use(device: torch.device) -> int:
    """Bytes of device memory that this program holds at its peak; on a CPU, the memory of the process now."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


def forget_peak_memory(device: torch.device) -> None:
    """Count the peak from here on, so that what ran before is not in it."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


@contextmanager
def memory_errors_named(device: torch.device) -> Iterator[None]:
    """Turn the device's out-of-memory error into one the user can answer."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold the tensors that filled the memory
        if device.type == "cuda":
            torch.cuda.empty_cache()
        raise OutOfDeviceMemoryError(device_name(device)) from error


def is_out_of_memory(error: BaseException) -> bool:
    """True if memory ran out. Only CUDA has a class of its own for it; the others say it in words."""
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)
