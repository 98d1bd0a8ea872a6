"""Measured values that events are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with the 95 % interval that the images give, see metrics.ratio_to_base."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BandRatios:
    """The validation ratio over coarse structure (much noise), middle, and fine detail (little noise)."""

    coarse: float
    middle: float
    fine: float


@dataclass(frozen=True, slots=True)
class ImageRatio:
    """One picture's own ratio to the base model's loss on it; below 1 is better than the base model."""

    content_hash: str
    ratio: float


@dataclass(frozen=True, slots=True)
class BlockNorm:
    """How much the LoRA changes the weights of one block of the network: the Frobenius norm of scale * B A, over the
    base model's weights that it is added to; 0 is untouched.
    """

    block: str  # as the U-Net calls it: down_blocks.0, mid_block, up_blocks.2
    norm: float


@dataclass(frozen=True, slots=True)
class Leak:
    """A held-out picture and one to learn from that are the same picture, by their content hashes."""

    held_out: str
    training: str
