"""Proof that no two LoRAs of a list are called the same."""

from __future__ import annotations

from pathlib import Path

from calotype.domain.models import LoraCard
from calotype.ui.look.lora_titles import lora_titles


def _card(path: Path, name: str, step: int) -> LoraCard:
    path.write_bytes(b"")
    return LoraCard(name, path, "", "Starter", 8, 8.0, 9, None, "", step=step)


def test_that_loras_of_one_name_are_told_apart(tmp_path: Path) -> None:
    cards = [
        _card(tmp_path / "a.safetensors", "Zorka", 60),
        _card(tmp_path / "b.safetensors", "Zorka", 120),
        _card(tmp_path / "c.safetensors", "Rusty", 60),
        _card(tmp_path / "d.safetensors", "Oil", 0),
        _card(tmp_path / "e.safetensors", "Oil", 0),
    ]

    titles = lora_titles(cards)

    assert titles[:3] == ["Zorka · step 60", "Zorka · step 120", "Rusty"]
    assert [title.split(" · ")[-1] for title in titles[3:]] == ["d.safetensors", "e.safetensors"]
    assert len(set(titles)) == 5
