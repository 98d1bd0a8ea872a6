"""Make a step fit into the memory that is free, at the price of time."""

from __future__ import annotations

import logging

import psutil
import torch

from calotype.diffusion.base_model import BaseModel
from calotype.domain.memory_need import activation_bytes
from calotype.domain.plan import TrainingPlan

USABLE_SHARE = 0.8  # of what is free: the optimizer and what the libraries keep need some, too

logger = logging.getLogger(__name__)


def fit_into_memory(model: BaseModel, plan: TrainingPlan, dtype: torch.dtype) -> None:
    """Compute parts of the way through the U-Net again for the gradients, if keeping all of it would take too much.

    A step then takes 1.29 times as long (measured on a processor) and gives the same numbers, so that a run may go on
    with or without it. Until the model is restored.
    """
    is_half = dtype is not torch.float32
    needed = activation_bytes(model.card.family, plan, is_half=is_half)
    free = free_bytes(model.device)
    if needed > USABLE_SHARE * free:
        logger.info("gradient checkpointing: a step would keep %.1f GB, %.1f GB are free", needed / 1e9, free / 1e9)
        model.unet.enable_gradient_checkpointing()


def free_bytes(device: torch.device) -> int:
    """Memory that this program could still take; on Apple's chips the graphics share that of the processor."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    return int(psutil.virtual_memory().available)
