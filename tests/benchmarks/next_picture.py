"""The next picture, with another strength of its LoRA, against the steps of a picture of the base model alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import torch
from places import Place, sample_place
from table import Row, interleaved, report

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.lora_adapter import LoraLayer, target_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.model_shelf import ModelShelf
from calotype.diffusion.sampling import SamplingSettings, draw
from calotype.domain.control import Control
from calotype.domain.generation import LoraUse
from calotype.services import generation

TURNS, GOAL = 15, 1.05
STRENGTHS = (0.6, 1.0)


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        model = load_base_model(place.model, torch.device("cpu"), torch.float32)
        lora = place.scratch / "lora.safetensors"
        lora.write_bytes(lora_file_bytes(_layers(model, place), {}, torch.float16))
        ours, plain = interleaved(TURNS, _next_picture(place, lora), _plain_picture(place, model))
    steps = generation.default_request(place.model).sampling_steps
    name = f"Next picture with another LoRA strength, {place.model.resolution_px} px, {steps} steps"
    compared = f"{plain:.2f} s, steps and decoding without any LoRA; goal {GOAL}"
    report([Row(name, f"{ours:.2f} s", compared, ours / plain, ours <= GOAL * plain)])


def _layers(model: BaseModel, place: Place) -> dict[str, LoraLayer]:
    """A LoRA of the size that the plan of the sample trains."""
    chance, spec, layers = torch.Generator().manual_seed(1), place.plan.lora, {}
    for name in target_layers(model.unet, spec.targets):
        weight = model.unet.get_submodule(name).weight
        down = torch.randn(spec.rank, *weight.shape[1:], generator=chance) / weight[0].numel() ** 0.5
        up = torch.randn(len(weight), spec.rank, *[1] * (weight.ndim - 2), generator=chance) * 0.01
        layers[name] = LoraLayer(down, up, spec.alpha)
    return layers


def _next_picture(place: Place, lora: Path) -> Callable[[], float]:
    shelf, strengths = ModelShelf(), cycle(STRENGTHS)

    def turn() -> float:
        began = time.perf_counter()
        request = generation.default_request(place.model, "zorbi, 3d render")
        request = replace(request, loras=(LoraUse(lora, next(strengths)),))
        for _ in generation.generate(place.workspace, request, Control(), place.scratch / "out", shelf):
            pass
        return time.perf_counter() - began

    return turn


def _plain_picture(place: Place, model: BaseModel) -> Callable[[], float]:
    def turn() -> float:
        began = time.perf_counter()
        request = generation.default_request(place.model, "zorbi, 3d render")
        settings = SamplingSettings(request.width_px, request.height_px, request.sampling_steps, request.guidance)
        for _ in draw(model, settings, [request.prompt], "", [1]):
            pass
        return time.perf_counter() - began

    return turn


if __name__ == "__main__":
    main()
