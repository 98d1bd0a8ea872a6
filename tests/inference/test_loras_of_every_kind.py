"""Pictures with LoRAs from elsewhere: they count, their strength counts, and the base model is back afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control, Stop
from calotype.domain.events import GenerationEvent, GenerationStarted, PictureReady
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.inference.generate import generate

REQUEST = GenerationRequest("red apple, 3d render", width_px=128, height_px=128, sampling_steps=2, seed=9)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A LoHa of the U-Net and a LoRA of the text encoder in one file, and a tensor of unknown meaning."""
    chance = torch.Generator().manual_seed(2)
    loha, text = (
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q",
        "lora_te_text_model_encoder_layers_0_",
    )
    tensors = {
        f"{loha}.hada_w{n}_{half}": torch.randn(shape, generator=chance)
        for n in (1, 2)
        for half, shape in (("a", (256, 2)), ("b", (2, 256)))
    }
    tensors |= {
        f"{text}self_attn_q_proj.lora_down.weight": torch.randn(2, 256, generator=chance),
        f"{text}self_attn_q_proj.lora_up.weight": torch.randn(256, 2, generator=chance),
        "lora_unet_conv_norm_out.w_norm": torch.zeros(64),
    }
    save_file(tensors, tmp_path / "mixed.safetensors")
    return tmp_path / "mixed.safetensors"


def test_that_the_base_model_is_back_after_a_picture_and_after_a_stop(
    mixed: Path, starter_folder: Path, tmp_path: Path
) -> None:
    card, shelf = read_model_card(starter_folder, "starter", "Starter"), ModelShelf()
    with_lora = GenerationRequest(
        "red apple, 3d render", loras=(LoraUse(mixed, 0.8),), width_px=128, height_px=128, sampling_steps=2, seed=9
    )

    def drawn(request: GenerationRequest) -> tuple[bytes, list[GenerationEvent]]:
        events = list(generate(request, card, tmp_path / "out", shelf, Control()))
        [ready] = [event for event in events if isinstance(event, PictureReady)]
        with Image.open(ready.path) as picture:
            return picture.tobytes(), events

    before, _ = drawn(REQUEST)
    changed, events = drawn(with_lora)
    again, _ = drawn(with_lora)
    stopped = Control()
    for event in generate(with_lora, card, tmp_path / "out", shelf, stopped):
        if isinstance(event, GenerationStarted):
            stopped.send(Stop())
    after, _ = drawn(REQUEST)

    assert changed != before and changed == again
    assert after == before
    [started] = [event for event in events if isinstance(event, GenerationStarted)]
    [unused] = started.unused
    assert unused.names == ("lora_unet_conv_norm_out.w_norm",)
    assert str(unused.notice).startswith("mixed.safetensors is drawn with, but 1 of its parts have no place")
