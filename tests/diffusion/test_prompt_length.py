"""Proof that what is said to be read of a text is what training and drawing read of it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from calotype.diffusion.model_cards import config_folder, tokenizer_folder
from calotype.diffusion.prompt_length import cut_text, token_limit
from calotype.domain.models import ModelFamily

STARTER = Path(str(files("calotype_resources") / "starter"))
TEXTS = [
    "zkw, " + ", ".join(f"a very long tag number {number}" for number in range(40)),
    "Hello, WORLD! it's 3d 12.5 — ß é 👩‍🚀 קפה  two\nlines " * 8,
    "אَلْعَرَبِيَّة, tag_1 (x:1.2) " * 12,
    "a" * 600,
    "漢字かな交じり文" * 20,
]


def _folder(family: ModelFamily) -> Path:
    return STARTER / "tokenizer" if family is ModelFamily.STARTER else tokenizer_folder()


@pytest.mark.parametrize("family", [ModelFamily.STARTER, ModelFamily.SD1])
@pytest.mark.parametrize("text", TEXTS, ids=["tags", "mixed", "right to left", "one word", "no spaces"])
def test_that_a_long_text_is_cut_where_the_text_encoder_cuts_it(family: ModelFamily, text: str) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(_folder(family), local_files_only=True, model_max_length=100_000)
    limit = token_limit(family)

    cut = cut_text(text, family)

    assert cut is not None
    assert cut.token_count == len(tokenizer(text).input_ids) - 2
    assert tokenizer(cut.read).input_ids[:limit] == tokenizer(text).input_ids[:limit]
    assert text.startswith(cut.read) and len(cut.read) < len(text)


@pytest.mark.parametrize("family", list(ModelFamily))
def test_that_the_limits_are_those_of_the_text_encoders(family: ModelFamily) -> None:
    folder = STARTER if family is ModelFamily.STARTER else config_folder(family)
    config = json.loads((folder / "text_encoder" / "config.json").read_text(encoding="utf-8"))

    assert token_limit(family) == config["max_position_embeddings"] - 2


def test_that_a_text_of_exactly_the_limit_is_read_whole() -> None:
    assert cut_text("a " * 75, ModelFamily.SD1) is None
    cut = cut_text("a " * 76, ModelFamily.SD1)

    assert cut is not None
    assert (cut.token_count, cut.limit, cut.read) == (76, 75, ("a " * 75).strip())
