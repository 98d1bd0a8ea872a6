"""The model as a folder that `StableDiffusionPipeline.from_pretrained` loads, in half precision."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from denoiser import new_scheduler
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

TOKENIZER_FILES = ("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json")


def write_parts(folder: Path, unet: Any, text_encoder: Any) -> None:
    """Keep the two trained parts beside the VAE and the tokenizer, in full precision."""
    for name, part in (("unet", unet), ("text_encoder", text_encoder)):
        plain = copy.deepcopy(part).to("cpu").to(memory_format=torch.contiguous_format)
        plain.save_pretrained(folder / f"{name}.new")
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / f"{name}.new").rename(folder / name)


def write_pipeline(parts: Path, out: Path) -> None:
    """Put the parts together. `out` is replaced whole, once everything is written."""
    tokenizer = CLIPTokenizer.from_pretrained(parts / "tokenizer")
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderTiny.from_pretrained(parts / "vae").half(),
        text_encoder=CLIPTextModel.from_pretrained(parts / "text_encoder").half(),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel.from_pretrained(parts / "unet").half(),
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    pipeline.save_pretrained(new, safe_serialization=True)
    for name in TOKENIZER_FILES:  # the layout that other programs read, beside tokenizer.json
        if not (new / "tokenizer" / name).exists():
            shutil.copy(parts / "tokenizer" / name, new / "tokenizer" / name)
    for config in new.rglob("*config.json"):  # where it was made is nobody's business
        values = json.loads(config.read_text(encoding="utf-8"))
        known = (
            values.pop("_name_or_path", None),
            values.pop("block_out_channels", None) if config.parent.name == "vae" else None,
        )
        if any(known):  # AutoencoderTiny derives its own `block_out_channels`, and warns when it finds one
            config.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    if (out / "README.md").exists():
        shutil.copy(out / "README.md", new / "README.md")
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
