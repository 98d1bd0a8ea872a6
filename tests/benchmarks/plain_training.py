"""The loop that one writes first with diffusers and peft, as in their examples: it encodes every batch anew."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from PIL import Image
from torch import Tensor
from torch.nn import functional

from calotype.domain.imageset import CaptionedImage
from calotype.domain.models import BaseModelCard
from calotype.domain.plan import TrainingPlan


class PlainTraining:
    """The same model, LoRA, optimizer, batch and pictures; `step` answers with its seconds."""

    def __init__(
        self, card: BaseModelCard, plan: TrainingPlan, images: Sequence[CaptionedImage], layers: Sequence[str]
    ) -> None:
        pipe = StableDiffusionPipeline.from_pretrained(card.folder, dtype=torch.float32, local_files_only=True)
        self._pipe, self._plan, self._images = pipe, plan, images
        for part in (pipe.unet, pipe.vae, pipe.text_encoder):
            part.requires_grad_(False)
        config = LoraConfig(r=plan.lora.rank, lora_alpha=plan.lora.alpha, target_modules=list(layers))
        pipe.unet.add_adapter(config)
        pipe.unet.train()
        self._parameters = [weight for weight in pipe.unet.parameters() if weight.requires_grad]
        self.trained_count = sum(weight.numel() for weight in self._parameters)
        self._optimizer = torch.optim.AdamW(self._parameters, lr=plan.learning_rate)
        self._pixels = [self._loaded(image) for image in images]
        self._number = 0

    def step(self) -> float:
        """One update, from pixels and text."""
        began = time.perf_counter()
        self._number += 1
        chosen = torch.randperm(len(self._images))[: self._plan.batch_size].tolist()
        latents, embeddings = self._encoded(chosen)
        schedule = self._pipe.scheduler
        noise = torch.randn_like(latents)
        timesteps = torch.randint(0, schedule.config.num_train_timesteps, (len(chosen),))
        noisy = schedule.add_noise(latents, noise, timesteps)
        target = schedule.get_velocity(latents, noise, timesteps)
        predicted = self._pipe.unet(noisy, timesteps, embeddings).sample
        loss = functional.mse_loss(predicted.float(), target.float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        float(loss.detach())
        return time.perf_counter() - began

    def _encoded(self, chosen: Sequence[int]) -> tuple[Tensor, Tensor]:
        pipe = self._pipe
        captions = [self._images[place].caption for place in chosen]
        with torch.no_grad():
            pixels = torch.cat([self._pixels[place] for place in chosen])
            latents = pipe.vae.encode(pixels).latents * pipe.vae.config.scaling_factor
            tokens = pipe.tokenizer(
                captions,
                padding="max_length",
                truncation=True,
                max_length=pipe.tokenizer.model_max_length,
                return_tensors="pt",
            )
            return latents, pipe.text_encoder(tokens.input_ids)[0]

    def _loaded(self, image: CaptionedImage) -> Tensor:
        side = self._plan.resolution_px
        with Image.open(image.path) as opened:
            values = np.asarray(opened.convert("RGB").resize((side, side), Image.Resampling.LANCZOS))
        return torch.from_numpy(values.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
