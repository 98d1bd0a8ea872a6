"""What a prediction depends on besides the noisy picture and the timestep: words, and how the picture was framed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.model_folder import FRAMING_NUMBERS, TEXT_AND_FRAMING


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture came to its size, in pixels: height and width, or from the top and from the left.

    Stable Diffusion XL is told so while it learns, and draws cut or blurred pictures if told of such when it draws.
    Source: arXiv:2307.01952, section 2.2.
    """

    original_px: tuple[int, int]  # before it was scaled
    cut_px: tuple[int, int]  # after it was scaled
    target_px: tuple[int, int]  # what was left

    @classmethod
    def whole(cls, height_px: int, width_px: int) -> Framing:
        """A picture that always had this size."""
        return cls((height_px, width_px), (0, 0), (height_px, width_px))

    @classmethod
    def covering(cls, original_px: tuple[int, int], target_px: tuple[int, int]) -> Framing:
        """A picture that was scaled to cover another size, with what stands over cut off evenly on both sides."""
        scale = max(target / original for target, original in zip(target_px, original_px, strict=True))
        top, left = (
            round((scale * original - target) / 2) for target, original in zip(target_px, original_px, strict=True)
        )
        return cls(original_px, (top, left), target_px)


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What a U-Net is told of each picture of a batch.

    Shapes: hidden_states (batch, tokens, width), pooled (batch, pooled width), framing (batch, 6). A U-Net that reads
    words alone has neither pooled words nor a framing.
    """

    hidden_states: Tensor  # of every token; of several text encoders side by side
    pooled: Tensor | None = None  # the whole prompt as one vector
    framing: Tensor | None = None  # the numbers of Framing, always at 32 bits: 16 cannot tell 1023 from 1025

    @classmethod
    def joined(cls, parts: Sequence[Conditioning]) -> Conditioning:
        """One batch of several."""
        return cls(
            torch.cat([part.hidden_states for part in parts]),
            _joined([part.pooled for part in parts]),
            _joined([part.framing for part in parts]),
        )

    @classmethod
    def filled(cls, unet: Any, count: int, tokens: int, numbers: Callable[..., Tensor]) -> Conditioning:
        """As this U-Net expects it, without any prompt; `numbers` makes a tensor of a shape, such as torch.zeros."""
        config = unet.config
        hidden_states = numbers(count, tokens, config.cross_attention_dim)
        if config.addition_embed_type != TEXT_AND_FRAMING:
            return cls(hidden_states)
        framing_width = FRAMING_NUMBERS * config.addition_time_embed_dim
        pooled = numbers(count, config.projection_class_embeddings_input_dim - framing_width)
        return cls(hidden_states, pooled, numbers(count, FRAMING_NUMBERS))

    def framed(self, framing: Framing) -> Conditioning:
        """The same words about pictures of this framing, for a U-Net that wants to know it."""
        if self.pooled is None:
            return self
        numbers = (*framing.original_px, *framing.cut_px, *framing.target_px)
        row = torch.tensor(numbers, dtype=torch.float32, device=self.pooled.device)
        return replace(self, framing=row.expand(len(self.pooled), -1))

    def framed_like(self, other: Conditioning) -> Conditioning:
        """The same words about the pictures of another batch of this size."""
        return replace(self, framing=other.framing)

    def silenced(self, is_silent: Sequence[bool]) -> Conditioning:
        """Zeros in place of the words of some pictures."""
        mask = torch.tensor(is_silent, device=self.hidden_states.device)
        pooled = None if self.pooled is None else self.pooled.masked_fill(mask[:, None], 0)
        return Conditioning(self.hidden_states.masked_fill(mask[:, None, None], 0), pooled, self.framing)

    def expand(self, count: int) -> Conditioning:
        """A batch of one, repeated without taking memory."""
        return self._each(lambda part: part.expand(count, *part.shape[1:]))

    def repeat_interleave(self, count: int) -> Conditioning:
        """Each picture of the batch so many times in a row."""
        return self._each(lambda part: part.repeat_interleave(count, dim=0))

    def to(self, device: torch.device) -> Conditioning:
        """The batch on a device that computes."""
        return self._each(lambda part: part.to(device, non_blocking=True))

    def cpu(self) -> Conditioning:
        """The batch in main memory."""
        return self._each(lambda part: part.cpu())

    def unet_arguments(self, dtype: torch.dtype) -> dict[str, Any]:
        """What the U-Net of diffusers is called with besides latents and timesteps. Raises ValueError if a framing is
        missing.
        """
        words = {"encoder_hidden_states": self.hidden_states.to(dtype)}
        if self.pooled is None:
            return words
        if self.framing is None:
            raise ValueError("this U-Net has to be told how pictures are framed")
        return {**words, "added_cond_kwargs": {"text_embeds": self.pooled.to(dtype), "time_ids": self.framing}}

    def _each(self, change: Callable[[Tensor], Tensor]) -> Conditioning:
        parts = (self.hidden_states, self.pooled, self.framing)
        hidden_states, pooled, framing = (None if part is None else change(part) for part in parts)
        assert hidden_states is not None
        return Conditioning(hidden_states, pooled, framing)


def _joined(parts: Sequence[Tensor | None]) -> Tensor | None:
    there = [part for part in parts if part is not None]
    return torch.cat(there) if there else None
