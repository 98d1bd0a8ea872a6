"""The networks that read a prompt, and what a U-Net takes from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.model_folder import TextPart

CHANGED_BY = "calotype_changed_by"  # on a network whose weights were replaced: a hash of the changes


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """One network with its tokenizer. One that projects what it read tells the whole prompt in one vector, too."""

    tokenizer: Any
    network: Any
    skipped_layers: int = 0  # 0: the last layer is taken, with the norm behind it; 1: the one before, as it is

    @property
    def layer_count(self) -> int:
        """Layers that can be read."""
        return int(self.network.config.num_hidden_layers) - self.skipped_layers

    @property
    def token_count(self) -> int:
        """Tokens of every prompt: shorter ones are filled up, and longer ones cut off."""
        return int(self.network.config.max_position_embeddings)

    @property
    def changed_by(self) -> str:
        """What stands in for some of its weights at the moment (see `lora_weights`); empty for its own."""
        return str(getattr(self.network, CHANGED_BY, ""))

    def read(self, prompts: Sequence[str], clip_skip: int) -> tuple[Tensor, Tensor | None]:
        """Hidden states, shape (prompts, tokens, width), and the pooled projection, shape (prompts, width), or None.

        Where the last layer is taken, one before it passes through the norm behind the last as well, as in A1111 and
        kohya's sd-scripts.
        """
        tokens = self.tokenizer(
            list(prompts), padding="max_length", max_length=self.token_count, truncation=True, return_tensors="pt"
        )
        layer = self.skipped_layers + clip_skip  # counted from the end, from 1
        result = self.network(tokens.input_ids.to(self.network.device), output_hidden_states=layer > 1)
        hidden_states = result.hidden_states[-layer] if layer > 1 else result.last_hidden_state
        if layer > 1 and not self.skipped_layers:
            hidden_states = self.network.final_layer_norm(hidden_states)
        return hidden_states, getattr(result, "text_embeds", None)


def network_class(part: TextPart) -> Any:
    """The class of transformers that this text encoder is loaded into."""
    return CLIPTextModelWithProjection if part.has_projection else CLIPTextModel


def read_prompts(
    encoders: Sequence[TextEncoder], prompts: Sequence[str], clip_skip: int, dtype: torch.dtype
) -> Conditioning:
    """What all encoders make of the prompts: their hidden states side by side, and the last one's projection.

    `clip_skip`: which layer is read, counted from the last that the model uses, which is 1.
    """
    read = [encoder.read(prompts, clip_skip) for encoder in encoders]
    pooled = read[-1][1]
    hidden_states = torch.cat([states for states, _ in read], dim=-1)
    return Conditioning(hidden_states.to(dtype), None if pooled is None else pooled.to(dtype))
