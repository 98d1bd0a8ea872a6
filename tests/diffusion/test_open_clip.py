"""The text encoder of a Stable Diffusion 2 file computes what a forward pass written from its paper computes.

Sources of that pass: arXiv:1706.03762 for attention, the text tower of CLIP (arXiv:2103.00020: layer norms before each
part, a causal mask, learned positions), GELU from arXiv:1606.08415; the shapes are those of torch's MultiheadAttention,
which OpenCLIP uses. It shares nothing with transformers and nothing with the code under test.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
from transformers.activations import QuickGELUActivation

from calotype.diffusion.checkpoint_layout import SD2_TEXT_LAYERS, SD2_TEXT_PREFIX, TEXT_ENCODER, checkpoint_parts
from calotype.diffusion.model_cards import config_folder, tokenizer_folder
from calotype.diffusion.open_clip import open_clip_name, separated
from calotype.domain.models import ModelFamily
from calotype.domain.recognised import ModelKind

WIDTH, HEADS, LAYERS, VOCABULARY, LENGTH = 32, 4, 24, 60, 12


def _random_tensors() -> dict[str, Tensor]:
    """A text tower of all 24 layers, with the names of OpenCLIP, drawn at random; no weight is zero or one."""
    chance = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> Tensor:
        return 0.2 * torch.randn(shape, generator=chance)

    tensors = {
        "positional_embedding": draw(LENGTH, WIDTH),
        "token_embedding.weight": draw(VOCABULARY, WIDTH),
        "ln_final.weight": 1 + draw(WIDTH),
        "ln_final.bias": draw(WIDTH),
        "text_projection": draw(WIDTH, WIDTH),
        "logit_scale": draw(),
    }
    for number in range(LAYERS):
        at = f"transformer.resblocks.{number}"
        for norm in ("ln_1", "ln_2"):
            tensors |= {f"{at}.{norm}.weight": 1 + draw(WIDTH), f"{at}.{norm}.bias": draw(WIDTH)}
        tensors |= {f"{at}.attn.in_proj_weight": draw(3 * WIDTH, WIDTH), f"{at}.attn.in_proj_bias": draw(3 * WIDTH)}
        tensors |= {f"{at}.attn.out_proj.weight": draw(WIDTH, WIDTH), f"{at}.attn.out_proj.bias": draw(WIDTH)}
        tensors |= {f"{at}.mlp.c_fc.weight": draw(4 * WIDTH, WIDTH), f"{at}.mlp.c_fc.bias": draw(4 * WIDTH)}
        tensors |= {f"{at}.mlp.c_proj.weight": draw(WIDTH, 4 * WIDTH), f"{at}.mlp.c_proj.bias": draw(WIDTH)}
    return tensors


def _normed(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    mean = x.mean(-1, keepdim=True)
    variance = (x - mean).square().mean(-1, keepdim=True)
    return (x - mean) / (variance + 1e-5).sqrt() * weight + bias


def _attention(x: Tensor, t: dict[str, Tensor], at: str) -> Tensor:
    tokens = x.shape[0]
    mixed = x @ t[f"{at}.attn.in_proj_weight"].T + t[f"{at}.attn.in_proj_bias"]  # (tokens, 3 * width)
    queries, keys, values = mixed.reshape(tokens, 3, HEADS, WIDTH // HEADS).permute(1, 2, 0, 3)  # (heads, tokens, size)
    scores = queries @ keys.transpose(1, 2) / math.sqrt(WIDTH // HEADS)
    later = torch.ones(tokens, tokens).triu(1).bool()  # a word must not see the words behind it
    weights = scores.masked_fill(later, -math.inf).softmax(-1)
    together = (weights @ values).permute(1, 0, 2).reshape(tokens, WIDTH)
    mapped: torch.Tensor = together @ t[f"{at}.attn.out_proj.weight"].T + t[f"{at}.attn.out_proj.bias"]
    return mapped


def _perceptron(x: Tensor, t: dict[str, Tensor], at: str) -> Tensor:
    inner = x @ t[f"{at}.mlp.c_fc.weight"].T + t[f"{at}.mlp.c_fc.bias"]
    bent = inner * 0.5 * (1 + torch.erf(inner / math.sqrt(2)))
    return bent @ t[f"{at}.mlp.c_proj.weight"].T + t[f"{at}.mlp.c_proj.bias"]


def _text_of(words: list[int], t: dict[str, Tensor]) -> Tensor:
    """What Stable Diffusion 2 reads: the last layer but one, and the last norm. Shape (tokens, width)."""
    x = t["token_embedding.weight"][words] + t["positional_embedding"][: len(words)]
    for number in range(LAYERS - 1):
        at = f"transformer.resblocks.{number}"
        x = x + _attention(_normed(x, t[f"{at}.ln_1.weight"], t[f"{at}.ln_1.bias"]), t, at)
        x = x + _perceptron(_normed(x, t[f"{at}.ln_2.weight"], t[f"{at}.ln_2.bias"]), t, at)
    return _normed(x, t["ln_final.weight"], t["ln_final.bias"])


def _converted(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for key, tensor in tensors.items():
        name = open_clip_name(key, SD2_TEXT_LAYERS)
        if name is not None:
            yield from separated(name, tensor)


def _encoder() -> CLIPTextModel:
    """The encoder that the shipped configuration makes, narrow."""
    shipped = json.loads((config_folder(ModelFamily.SD2) / "text_encoder/config.json").read_text())
    narrow = {"hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_attention_heads": HEADS}
    size = {"vocab_size": VOCABULARY, "max_position_embeddings": LENGTH, "bos_token_id": 1, "eos_token_id": 2}
    return CLIPTextModel(CLIPTextConfig(**{**shipped, **narrow, **size})).eval()


def test_that_the_converted_encoder_reads_as_the_specification_says() -> None:
    tensors, encoder = _random_tensors(), _encoder()
    words = [1, 17, 4, 4, 59, 2, 0, 0, 0, 0, 0, 0]

    encoder.load_state_dict(dict(_converted(tensors)), strict=True)

    with torch.no_grad():
        ours = encoder(torch.tensor([words]))[0][0]
    theirs = _text_of(words, {name: tensor.double() for name, tensor in tensors.items()})
    assert float(theirs.abs().max()) > 1
    assert float((ours - theirs).abs().max()) < 1e-5


@pytest.mark.parametrize("wrong", ["last layer", "quick gelu", "order of queries and keys"])
def test_that_the_specification_tells_a_wrong_conversion(wrong: str) -> None:
    """The comparison above would not pass with any of the mistakes that are easily made."""
    tensors, encoder = _random_tensors(), _encoder()
    words = [1, 17, 4, 4, 59, 2]
    converted = dict(_converted(tensors))
    encoder.load_state_dict(converted)

    if wrong == "last layer":
        encoder.encoder.layers = encoder.encoder.layers[:-1]
    elif wrong == "quick gelu":
        for layer in encoder.encoder.layers:
            layer.mlp.activation_fn = QuickGELUActivation()
    else:
        swapped = {name.replace("q_proj", "?").replace("k_proj", "q_proj"): t for name, t in converted.items()}
        encoder.load_state_dict({name.replace("?", "k_proj"): tensor for name, tensor in swapped.items()})

    with torch.no_grad():
        ours = encoder(torch.tensor([words]))[0][0]
    assert float((ours - _text_of(words, tensors)).abs().max()) > 1e-3


def test_that_every_name_is_translated_as_diffusers_does() -> None:
    """Each tensor holds its number in the list, so that it is known again whatever it is called."""
    keys = list(checkpoint_parts(ModelKind.SD2)[TEXT_ENCODER])
    numbered = {key: torch.full((3,) if "in_proj" not in key else (3, 1), float(n)) for n, key in enumerate(keys)}
    model = SimpleNamespace(config=SimpleNamespace(hidden_size=1))

    theirs = convert_open_clip_checkpoint(model, numbered, SD2_TEXT_PREFIX)
    ours = dict(_converted({key.removeprefix(SD2_TEXT_PREFIX): tensor for key, tensor in numbered.items()}))

    assert {name: float(tensor.max()) for name, tensor in ours.items()} == {
        name.removeprefix("text_model."): float(tensor.max()) for name, tensor in theirs.items()
    }


def test_that_texts_are_filled_up_with_zeros_and_keep_their_exclamation_marks() -> None:
    """As open_clip's own tokenizer writes them: 256 is the mark in a text, and 0 what stands behind the end."""
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder(), local_files_only=True)
    shipped = json.loads((config_folder(ModelFamily.SD2) / "text_encoder/config.json").read_text())

    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(shipped["pad_token_id"])

    filled = tokenizer("wow! cat", padding="max_length").input_ids
    assert filled == [49406, 2781, 256, 2368, 49407, *[0] * 72]
