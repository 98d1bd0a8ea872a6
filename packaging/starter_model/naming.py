"""Before the U-Net learns: the text encoder learns what the things look like, from a sixty-fourth of each picture.

A text encoder that starts from nothing gets its gradients through a U-Net that knows nothing yet: after 23,000 pictures
without this stage a wrong name made the loss only 0.3 % larger. Here it predicts the latents of the picture at half
their resolution from the caption alone, by way of the U-Net's own text embedding, so that afterwards every ResNet block
is told from the first step what to draw.
"""

from __future__ import annotations

import random
from typing import Any

import torch
from denoiser import DenoiserSizes, Latents, token_ids
from team import Team
from torch import Tensor, nn
from torch.nn import functional
from words import draw_caption, standard_caption

from training import Group

COARSE = 8  # latents along a side of what is predicted
BATCH_SIZE = 48
LEARNING_RATE = 1e-3
SIZE_PENALTY = 1e-3  # keeps the embedding as large as that of the timestep, to which it will be added


class NamingTask:
    """Trains the text encoder and the U-Net's text embedding; the head that reads them out is thrown away."""

    def __init__(
        self, unet: Any, text_encoder: Any, tokenizer: Any, sizes: DenoiserSizes, latents: Latents, team: Team
    ) -> None:
        self._embedding, self._text_encoder = unet.add_embedding.to(team.device), text_encoder.to(team.device)
        self._tokenizer, self._latents, self._device = tokenizer, latents, team.device
        width, channels = 4 * sizes.channels[0], int(latents.values.shape[1])
        self._head = nn.Linear(width, channels * COARSE**2).to(team.device)

    def groups(self) -> list[Group]:
        """Everything that text passes through."""
        others = [*self._embedding.parameters(), *self._head.parameters()]
        return [
            Group(list(self._text_encoder.parameters()), LEARNING_RATE, 0.0),
            Group(others, LEARNING_RATE),
        ]

    def loss(self, chance: random.Random) -> Tensor:
        """Squared error of the coarse picture that the caption promises."""
        latents = self._latents
        places = [chance.randrange(len(latents.labels)) for _ in range(BATCH_SIZE)]
        captions = [draw_caption(latents.labels[place], latents.backgrounds[place], chance) for place in places]
        error, size = self._errors(captions, places)
        return error.mean() + SIZE_PENALTY * size

    def _errors(self, captions: list[str], places: list[int]) -> tuple[Tensor, Tensor]:
        clean = self._latents.values[places].float().to(self._device)
        coarse = functional.adaptive_avg_pool2d(clean, COARSE).flatten(1)  # (batch, channels * 64)
        with torch.autocast(self._device.type, torch.bfloat16):
            words = self._text_encoder(token_ids(self._tokenizer, captions, self._device))[0]
            embedding = self._embedding(words)
            seen = self._head(embedding)
        return (seen.float() - coarse).square().mean(1), embedding.float().square().mean()

    @torch.no_grad()
    def report(self) -> str:
        """The error with the right name, and with another one."""
        labels, backgrounds = self._latents.labels, self._latents.backgrounds
        places = list(range(0, len(labels), max(1, len(labels) // 96)))[:96]
        names = [labels[place] for place in places]
        colours = [backgrounds[place] for place in places]
        right = self._errors(list(map(standard_caption, names, colours)), places)[0].mean()
        wrong = self._errors(list(map(standard_caption, names[1:] + names[:1], colours)), places)[0].mean()
        return f"coarse picture from the caption: error {right:.4f}, with a wrong name {wrong:.4f}"

    def write(self) -> None:
        """Nothing: the U-Net's training starts from these weights in memory."""
