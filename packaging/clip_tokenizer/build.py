"""Rebuild the tokenizer of CLIP from the vocabulary that ships in `open_clip_torch` (MIT).

    pip download --no-deps open_clip_torch && unzip open_clip_torch-*.whl open_clip/bpe_simple_vocab_16e6.txt.gz
    python packaging/clip_tokenizer/build.py open_clip/bpe_simple_vocab_16e6.txt.gz

The ids follow from the order: 256 bytes, the same at the end of a word, one for each merge, then start and end.
Source: openai/CLIP, clip/simple_tokenizer.py, which also says that 48894 merges are used.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

MERGE_COUNT = 49152 - 256 - 2
START, END, WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
TARGET = Path(__file__).parents[2] / "resources/calotype_resources/model_configs/sd1/tokenizer"


def main(source: Path) -> None:
    """Write the files that a CLIPTokenizer reads."""
    lines = gzip.decompress(source.read_bytes()).decode("utf-8").split("\n")[: MERGE_COUNT + 1]
    letters = _letters()
    tokens = [*letters, *(letter + WORD_END for letter in letters)]
    tokens += ["".join(line.split()) for line in lines[1:]] + [START, END]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    settings = {"tokenizer_class": "CLIPTokenizer", **special, "model_max_length": 77, "do_lower_case": True}
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "merges.txt").write_text("\n".join(["#version: 0.2", *lines[1:], ""]), encoding="utf-8")
    (TARGET / "vocab.json").write_text(
        json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    (TARGET / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    (TARGET / "special_tokens_map.json").write_text(json.dumps(special, indent=1) + "\n", encoding="utf-8")


def _letters() -> list[str]:
    """A printable letter for each byte: itself where it is one, else one after the first 256. In CLIP's order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [number for number in range(256) if number not in printable]
    return [chr(number) for number in printable] + [chr(256 + place) for place in range(len(others))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
