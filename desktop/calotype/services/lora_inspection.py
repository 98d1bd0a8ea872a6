"""What a LoRA file tells of itself: its kind, what it changes, and how it was trained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from calotype.diffusion.lora_headers import lora_contents, read_lora_header
from calotype.diffusion.safetensors_header import readable
from calotype.domain.models import LoraCard
from calotype.services.model_catalog import read_lora_card

_LONGEST_WORD = 300
_TAGS_SHOWN = 12
# Words of the file's metadata that a person may want to know, by what they are called here.
_FACTS = {
    "base model": "ss_sd_model_name",
    "pictures": "ss_num_train_images",
    "steps": "ss_steps",
    "epochs": "ss_num_epochs",
    "learning rate": "ss_learning_rate",
    "optimizer": "ss_optimizer",
    "resolution": "ss_resolution",
    "clip skip": "ss_clip_skip",
    "author": "modelspec.author",
    "date": "modelspec.date",
    "licence": "modelspec.license",
    "description": "modelspec.description",
    "hint": "modelspec.usage_hint",
    "made by": "calotype.made_by",
}


@dataclass(frozen=True, slots=True)
class LoraDetails:
    """A LoRA file in detail. facts: what its metadata says, by name; left_over: tensors of unknown meaning."""

    card: LoraCard
    unet_layers: int
    facts: dict[str, str]
    left_over: tuple[str, ...]


def inspect_lora(path: Path) -> LoraDetails:
    """Describe a LoRA from its header. Raises LoraError."""
    header = read_lora_header(path)
    contents, words = lora_contents(header), header.metadata
    facts = {name: _shortened(words[word]) for name, word in _FACTS.items() if words.get(word)}
    tags = _frequent_tags(words.get("ss_tag_frequency", ""))
    if tags:
        facts["captions"] = ", ".join(tags)
    return LoraDetails(read_lora_card(path), contents.unet_layers, facts, tuple(map(readable, contents.left_over)))


def _shortened(word: str) -> str:
    text = " ".join(word.split())
    return text if len(text) <= _LONGEST_WORD else f"{text[:_LONGEST_WORD]}…"


def _frequent_tags(text: str) -> list[str]:
    """The words that captions had most often, the most frequent first; none if the file does not tell or is odd."""
    try:
        folders = json.loads(text)
        counts = {str(tag): int(count) for tags in folders.values() for tag, count in tags.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []
    return [_shortened(tag) for tag in sorted(counts, key=lambda tag: -counts[tag])[:_TAGS_SHOWN]]
