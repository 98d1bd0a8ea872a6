"""How much memory training takes, from what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.lora import LoraAdapter
from calotype.domain.models import ModelFamily
from calotype.domain.plan import TrainingPlan

GIB = 2**30


@dataclass(frozen=True, slots=True)
class _Kept:
    """GiB for each image of 512 x 512 pixels: a whole way through the U-Net, and one with gradient checkpointing.

    `half`: the same with weights at 16 bits; less than half is saved, since a LoRA computes at 32.
    """

    whole: float
    checkpointed: float
    half: float
    half_checkpointed: float


# The peak of what one step of batch 1 makes beside the weights, gradients of a LoRA of rank 16 included. Counted with
# tensors without numbers (tests/benchmarks/kept_activations.py) at 512 pixels, SD XL at 1024; with numbers the same was
# counted for Starter at 512 and for SD 1 at 256. Derived: that it grows with the area (SD 1 at 256 and 512 differs from
# that by 1 %, at 16 bits by 6 %), and SD 2, which has the widths of SD 1. On a processor, with fused attention: what a
# card takes has not been measured.
_KEPT = {
    ModelFamily.STARTER: _Kept(0.13, 0.035, 0.072, 0.023),
    ModelFamily.SD1: _Kept(1.77, 0.46, 1.05, 0.31),
    ModelFamily.SD2: _Kept(1.77, 0.46, 1.05, 0.31),
    ModelFamily.SDXL: _Kept(3.17, 0.295, 1.81, 0.178),
}
# The same of a DoRA, which keeps what goes into each layer twice: as it was, and as the layer took it.
_KEPT_BY_DORA = {
    ModelFamily.STARTER: _Kept(0.16, 0.044, 0.084, 0.029),
    ModelFamily.SD1: _Kept(2.32, 0.58, 1.25, 0.37),
    ModelFamily.SD2: _Kept(2.32, 0.58, 1.25, 0.37),
    ModelFamily.SDXL: _Kept(4.31, 0.35, 2.18, 0.209),
}


def activation_bytes(
    family: ModelFamily, plan: TrainingPlan, *, is_half: bool = False, is_checkpointed: bool = False
) -> int:
    """What a step keeps of its way through the U-Net, until the gradients have been computed.

    With checkpointing, only what goes into each block is kept, and one block at a time is computed again.
    """
    kept = (_KEPT_BY_DORA if plan.lora.adapter is LoraAdapter.DORA else _KEPT)[family]
    area = plan.batch_size * (plan.resolution_px / 512) ** 2
    if is_half:
        each = kept.half_checkpointed if is_checkpointed else kept.half
    else:
        each = kept.checkpointed if is_checkpointed else kept.whole
    return int(each * GIB * area)
