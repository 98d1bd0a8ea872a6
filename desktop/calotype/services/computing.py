"""What would compute, told at once and without torch: the cards there are, and whether our torch can use them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.graphics import NEEDED_KIND, GraphicsCard, TorchBuild
from calotype.packs.graphics_cards import graphics_cards
from calotype.packs.torch_build import torch_build


class Advice(StrEnum):
    """What to say about a computer."""

    READY = "ready"  # the card is used
    NEEDS_PACK = "needs pack"  # the card could be used by another torch
    NEEDS_DRIVER = "needs driver"  # the card has no driver of its vendor
    APPLE = "apple"  # the graphics of an Apple chip are used
    PROCESSOR = "processor"  # there is no card


@dataclass(frozen=True, slots=True)
class ComputingReport:
    """The best card, if there is one, the torch that would be loaded, and what follows from both."""

    advice: Advice
    card: GraphicsCard | None
    torch: TorchBuild


def computing_report() -> ComputingReport:
    """Look at this computer. Asking a sleeping card may take a second: call it in a job."""
    return judged(graphics_cards(), torch_build(), is_apple=sys.platform == "darwin")


def judged(cards: tuple[GraphicsCard, ...], torch: TorchBuild, *, is_apple: bool = False) -> ComputingReport:
    """What follows from the cards and the torch that were found."""
    usable = next((card for card in cards if NEEDED_KIND[card.vendor] is torch.kind), None)
    card = usable or next(iter(cards), None)
    if card is None:
        return ComputingReport(Advice.APPLE if is_apple else Advice.PROCESSOR, None, torch)
    if not card.driver and sys.platform != "win32":  # on Windows only the driver of NVIDIA can be asked for it
        return ComputingReport(Advice.NEEDS_DRIVER, card, torch)
    return ComputingReport(Advice.READY if usable else Advice.NEEDS_PACK, card, torch)
