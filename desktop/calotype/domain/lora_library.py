"""The LoRAs of the Library: what the user thinks of one, and which are looked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from calotype.domain.lora import LoraKind
from calotype.domain.models import LoraCard
from calotype.domain.recognised import ModelKind

HIGHEST_RATING = 5


@dataclass(frozen=True, slots=True)
class LoraNotes:
    """What the user wrote about a LoRA. rating: 1 to 5, or 0 for none; other numbers count as the nearest."""

    rating: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rating", max(0, min(HIGHEST_RATING, self.rating)))


@dataclass(frozen=True, slots=True)
class ShelvedLora:
    """A LoRA of the Library with its notes."""

    card: LoraCard
    notes: LoraNotes = field(default_factory=LoraNotes)


@dataclass(frozen=True, slots=True)
class LoraFilter:
    """What is looked for; the empty filter accepts everything.

    text: words that must all occur in the name, file name, trigger word, base model or notes; case does not matter.
    """

    text: str = ""
    made_for: ModelKind | None = None
    kind: LoraKind | None = None

    def accepts(self, lora: ShelvedLora) -> bool:
        """Whether the LoRA is one of those."""
        card = lora.card
        told = " ".join((card.name, card.path.name, card.trigger_word, card.base_model, lora.notes.text)).lower()
        return (
            all(word in told for word in self.text.lower().split())
            and self.made_for in (None, card.made_for)
            and self.kind in (None, card.kind)
        )
