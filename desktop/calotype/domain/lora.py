"""What a LoRA is: low-rank updates of some layers of a U-Net, and how strongly they count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.errors import InvalidPlanError


class LoraTargets(StrEnum):
    """Which layers of the U-Net learn."""

    ATTENTION = "attention"  # the four projections of each attention
    ATTENTION_AND_MLP = "attention+mlp"  # every linear layer and 1x1 convolution inside the transformer blocks
    ALL_LAYERS = "all"  # those, and the convolutions of the residual blocks ("LoCon")


class LoraAdapter(StrEnum):
    """What is learned of each layer."""

    LORA = "lora"  # a low-rank change of its weights
    DORA = "dora"  # that, and apart from it how long each column of the weights is


class LoraKind(StrEnum):
    """The formula by which a file changes the layers; a file with several is named for the last that applies."""

    LORA = "lora"  # up @ down
    LOCON = "locon"  # the same for convolutions wider than one pixel, with or without a kernel between the two
    LOHA = "loha"  # the product, number by number, of two of them
    LOKR = "lokr"  # the Kronecker product of two matrices
    FULL = "full"  # the difference itself
    DORA = "dora"  # any of them, with the length of each row or column of the weights learned apart


LORA_KIND_NAMES = {
    LoraKind.LORA: "LoRA",
    LoraKind.LOCON: "LoCon",
    LoraKind.LOHA: "LoHa",
    LoraKind.LOKR: "LoKr",
    LoraKind.FULL: "Full",
    LoraKind.DORA: "DoRA",
}


@dataclass(frozen=True, slots=True)
class LoraSpec:
    """The size of a LoRA. A layer W becomes W + scale * up @ down, with up and down of rank `rank`; as a DoRA, the
    columns of that sum have lengths of their own. Sources: arXiv:2106.09685, arXiv:2402.09353.
    """

    rank: int = 16
    alpha: float = 16.0
    targets: LoraTargets = LoraTargets.ATTENTION_AND_MLP
    adapter: LoraAdapter = LoraAdapter.LORA

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= 256:
            raise InvalidPlanError("rank", self.rank, "use a whole number from 1 to 256")
        if not 0 < self.alpha <= 1024:
            raise InvalidPlanError("alpha", self.alpha, "use a number above 0, up to 1024")

    @property
    def scale(self) -> float:
        """How strongly the update counts: alpha / rank."""
        return self.alpha / self.rank
