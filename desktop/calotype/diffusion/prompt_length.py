"""How much of a text a base model reads, told without loading any of its networks, nor torch."""

from __future__ import annotations

import functools
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.diffusion.model_cards import tokenizer_folder
from calotype.domain.captions import CutText
from calotype.domain.models import ModelFamily

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_FRAME = 2  # the tokens that begin and end every text
_POSITIONS = {ModelFamily.STARTER: 32}  # that a text encoder knows; CLIP's have 77, which all other families use
_CLIP_POSITIONS = 77
# As transformers splits texts for CLIP: words, single digits, and everything else up to the next of these.
_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def token_limit(family: ModelFamily) -> int:
    """Tokens of a text that the models of a family read; what comes after them is cut off."""
    return _POSITIONS.get(family, _CLIP_POSITIONS) - _FRAME


@functools.lru_cache(maxsize=20_000)
def cut_text(text: str, family: ModelFamily) -> CutText | None:
    """What a model of a family reads of a text; None if that is all of it."""
    limit = token_limit(family)
    if len(text.encode("utf-8")) <= limit:  # no token is shorter than a byte
        return None
    offsets = _tokenizer(family is ModelFamily.STARTER).encode(text, add_special_tokens=False).offsets
    if len(offsets) <= limit:
        return None
    return CutText(read=text[: offsets[limit - 1][1]], token_count=len(offsets), limit=limit)


@functools.lru_cache(maxsize=2)
def _tokenizer(is_starter: bool) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers  # not before a text is long
    from tokenizers.models import BPE

    folder = Path(str(files("calotype_resources") / "starter" / "tokenizer")) if is_starter else tokenizer_folder()
    words = BPE.from_file(
        str(folder / "vocab.json"), str(folder / "merges.txt"), end_of_word_suffix="</w>", unk_token="<|endoftext|>"
    )
    made = Tokenizer(words)
    parts = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    made.normalizer = normalizers.Sequence(parts)
    splits = pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([splits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return made
