"""What computes, in plain words, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from calotype.domain.graphics import GraphicsCard, Vendor
from calotype.services.computing import Advice, ComputingReport
from calotype.ui.look.wording import file_size


def _tr(text: str) -> str:
    return QCoreApplication.translate("computing", text)


def computing_words(report: ComputingReport) -> tuple[str, str]:
    """What there is, as a heading, and what follows from it, as a sentence or two."""
    name = card_name(report.card) if report.card else ""
    match report.advice:
        case Advice.READY:
            return name, _tr("Calotype uses this graphics card.")
        case Advice.NEEDS_PACK:
            words = _tr(
                "Calotype works on the processor until it gets the GPU pack for this card, which makes training many "
                "times faster. Add it in Settings, whenever you like."
            )
            return name, words
        case Advice.NEEDS_DRIVER:
            words = _tr(
                "This card has no driver of its maker, so Calotype works on the processor. Install the driver from "
                "{maker}, and then the GPU pack in Settings."
            )
            return name, words.format(maker=maker(report.card))
        case Advice.APPLE:
            return _tr("Apple graphics"), _tr("Calotype uses the graphics of this Mac.")
        case Advice.PROCESSOR:
            words = _tr(
                "There is no NVIDIA or AMD graphics card that training could use, so Calotype works on the processor. "
                "The small Starter model learns in a minute or two; full-size models take hours."
            )
            return _tr("Processor"), words


def card_name(card: GraphicsCard) -> str:
    """A card as a person knows it, with its memory."""
    name = card.name or _tr("{maker} graphics card").format(maker=maker(card))
    return f"{name}, {file_size(card.memory_bytes)}" if card.memory_bytes else name


def maker(card: GraphicsCard | None) -> str:
    """Who made a card."""
    return {Vendor.NVIDIA: "NVIDIA", Vendor.AMD: "AMD"}[card.vendor] if card else ""
