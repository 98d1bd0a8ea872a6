"""What LoRAs are called where several are listed: those of one name are told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from calotype.domain.models import LoraCard
from calotype.ui.look.wording import file_when


def step_text(card: LoraCard) -> str:
    """The step of its training that a LoRA is from; empty if its file does not tell."""
    return QCoreApplication.translate("loras", "step {step}").format(step=f"{card.step:,}") if card.step else ""


def lora_titles(cards: Sequence[LoraCard]) -> list[str]:
    """A name for each: with its step and its time only where others are called the same, at last with its file."""
    titles = [card.name for card in cards]
    more: tuple[Callable[[LoraCard], str], ...] = (step_text, lambda card: file_when(card.path), _file_text)
    for further in more:
        counts = {title: titles.count(title) for title in titles}
        titles = [
            title if counts[title] == 1 else " · ".join(filter(None, (title, further(card))))
            for card, title in zip(cards, titles, strict=True)
        ]
    return titles


def _file_text(card: LoraCard) -> str:
    return card.path.name
