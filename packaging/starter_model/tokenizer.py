"""The vocabulary: byte-pair merges learned from the captions and from words that people write into prompts."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from words import COLOURS, CONCEPTS, draw_caption

VOCABULARY, TOKENS = 4096, 32
START, END, WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
SPLIT = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

PROMPT_WORDS = """a photo picture image drawing painting sketch render portrait illustration of the in on with and at
from by for to under over behind beside wearing holding sitting standing running jumping smiling happy sad angry sleepy
cute small large big tiny giant old young simple detailed plain soft bright dark light pastel vivid shiny glossy matte
striped spotted round square character mascot creature monster hero robot cat dog bird fish dragon fox bear rabbit owl
frog mouse toy doll plush logo icon sticker emoji symbol badge cartoon vector flat style art best high quality
masterpiece low blurry bad worst ugly deformed watermark text signature cropped centered front side back view close up
full body head face eye eyes mouth nose ear ears hand hands arm arms leg legs hat scarf glasses shirt jacket dress shoes
boots crown cape ribbon star heart flower tree grass forest beach sea river mountain sky cloud sun moon night day snow
rain city street house room table chair one two three four five six seven eight nine ten zero sks ohwx xyz zwx tok"""


def write_tokenizer(folder: Path, labels: list[str]) -> None:
    """Write a CLIPTokenizer: vocab.json, merges.txt and what goes with them. `labels` are names of all art."""
    chance = random.Random(0)
    captions = [draw_caption(label, chance.choice(list(COLOURS)), chance) for label in CONCEPTS for _ in range(3)]
    corpus = captions + labels * 3 + (PROMPT_WORDS.split() + list(COLOURS)) * 5
    merges = _merges(corpus)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*alphabet, *(letter + WORD_END for letter in alphabet), *(a + b for a, b in merges), START, END]
    vocabulary = {token: place for place, token in enumerate(dict.fromkeys(tokens))}
    folder.mkdir(parents=True, exist_ok=True)
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        **special,
        "model_max_length": TOKENS,
        "do_lower_case": True,
        "add_prefix_space": False,
        "errors": "replace",
    }
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=1), encoding="utf-8")


def _merges(corpus: list[str]) -> list[tuple[str, str]]:
    """Pairs to join, most frequent first, over text split as CLIP splits it."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=WORD_END))
    learner.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix=WORD_END,
        min_frequency=2,
        show_progress=False,
    )
    learner.train_from_iterator(corpus, trainer)
    return [(first, second) for first, second in json.loads(learner.to_str())["model"]["merges"]]
