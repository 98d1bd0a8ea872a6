"""Rating and notes of a LoRA, in a small file beside it, so that they go where it goes."""

from __future__ import annotations

import json
from pathlib import Path

from calotype.domain.lora_library import LoraNotes
from calotype.storage.files import failures_named, write_text_atomically


def notes_path(lora: Path) -> Path:
    """The file with the notes of a LoRA file."""
    return lora.with_suffix(".notes.json")


def read_notes(lora: Path) -> LoraNotes:
    """What was written about the LoRA; empty if nothing was, or the file cannot be read."""
    try:
        entry = json.loads(notes_path(lora).read_text(encoding="utf-8"))
        rating, text = entry.get("rating", 0), entry.get("notes", "")
    except (OSError, ValueError, AttributeError, RecursionError):
        return LoraNotes()
    is_number = isinstance(rating, int) and not isinstance(rating, bool)
    return LoraNotes(rating if is_number else 0, text if isinstance(text, str) else "")


def write_notes(lora: Path, notes: LoraNotes) -> None:
    """Keep the notes; empty ones leave no file. Raises DiskFullError or FolderNotWritableError."""
    path = notes_path(lora)
    if notes == LoraNotes():
        with failures_named(path):
            path.unlink(missing_ok=True)
        return
    entry = {"schema": 1, "rating": notes.rating, "notes": notes.text}
    write_text_atomically(path, json.dumps(entry, indent=2, ensure_ascii=False) + "\n")
