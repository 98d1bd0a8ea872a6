"""Make the Starter from nothing but `art.tar`, within a budget of minutes; call it again to go on after a break.

    OMP_WAIT_POLICY=PASSIVE nice python packaging/starter_model/build.py --work build/starter --minutes 120

The parts, and what is needed to go on, are kept under --work; the finished model is in --work/model. A quarter of the
budget goes to the VAE. Two members of one thread each train on a CPU; a GPU is used alone.
"""

from __future__ import annotations

import argparse
import functools
import random
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from art import load_sprites
from denoiser import DenoiserSizes, DenoiserTask, encode, new_text_encoder, new_unet
from diffusers import AutoencoderTiny, UNet2DConditionModel
from naming import NamingTask
from pipeline import write_pipeline
from team import Team, choose_device, run_as_team
from tokenizer import write_tokenizer
from transformers import CLIPTextModel, CLIPTokenizer
from vae import VaeSizes, VaeTask, new_vae
from words import CONCEPTS, HELD_OUT

from training import train_within

VAE_SHARE, NAMING_SHARE = 0.25, 0.05  # of the budget
VAE_DECAY, NAMING_DECAY, DENOISER_DECAY = 0.998, 0.99, 0.999


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    vae_minutes: float
    naming_minutes: float
    denoiser_minutes: float
    vae: VaeSizes = field(default_factory=VaeSizes)
    denoiser: DenoiserSizes = field(default_factory=DenoiserSizes)
    concepts: tuple[str, ...] = CONCEPTS
    start: Path | None = None  # a folder with a U-Net and a text encoder of these sizes to begin with

    @classmethod
    def within(cls, minutes: float, has_vae: bool = False) -> Recipe:
        """The recipe of the shipped model, for a budget; all of it goes to the U-Net if there is a VAE already."""
        vae_minutes = 0.0 if has_vae else minutes * VAE_SHARE
        naming_minutes = minutes * NAMING_SHARE
        return cls(vae_minutes, naming_minutes, minutes - vae_minutes - naming_minutes)


TINY = Recipe(
    vae_minutes=0.03,
    naming_minutes=0.02,
    denoiser_minutes=0.05,
    vae=VaeSizes(width=16, encoder_blocks=(0, 1, 1, 1), decoder_blocks=(1, 1, 1, 1), batch_size=2),
    denoiser=DenoiserSizes(channels=(32, 32), heads=(1, 1), text_width=32, text_layers=1, batch_size=2, variants=1),
    concepts=CONCEPTS[:4],
)


def train_vae(recipe: Recipe, work: Path, team: Team) -> None:
    """Train the VAE on all art but the held-out things."""
    torch.manual_seed(0)
    task = VaeTask(
        new_vae(recipe.vae),
        recipe.vae,
        load_sprites(("3d", "flat")),
        load_sprites(("3d",), HELD_OUT),
        team,
        work / "vae",
    )
    train_within(task, recipe.vae_minutes, VAE_DECAY, team, work / "vae-state.safetensors")


def train_denoiser(recipe: Recipe, work: Path, team: Team) -> None:
    """Train the text encoder for a while, then the U-Net and the text encoder together, on the concepts."""
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(work / "tokenizer")
    vae = AutoencoderTiny.from_pretrained(work / "vae").eval().requires_grad_(False).to(team.device)
    unet = new_unet(recipe.denoiser, vae.config.latent_channels)
    text_encoder = new_text_encoder(recipe.denoiser, tokenizer)
    if recipe.start:
        unet = UNet2DConditionModel.from_pretrained(recipe.start / "unet")
        text_encoder = CLIPTextModel.from_pretrained(recipe.start / "text_encoder")
    sprites = load_sprites(("3d",), recipe.concepts)
    latents = encode(vae, sprites, recipe.denoiser.variants, random.Random(team.rank), team.device)
    naming = NamingTask(unet, text_encoder, tokenizer, recipe.denoiser, latents, team)
    train_within(naming, recipe.naming_minutes, NAMING_DECAY, team, work / "naming-state.safetensors")
    task = DenoiserTask(unet, text_encoder, tokenizer, recipe.denoiser, latents, team)
    task.folder = work
    train_within(task, recipe.denoiser_minutes, DENOISER_DECAY, team, work / "denoiser-state.safetensors")


def build(recipe: Recipe, work: Path, members: int, device: torch.device) -> Path:
    """Make what is not yet made, and return the folder of the model."""
    if not (work / "tokenizer" / "merges.txt").exists():
        write_tokenizer(work / "tokenizer", [sprite.label for sprite in load_sprites(("3d",))])
    if recipe.vae_minutes:
        run_as_team(functools.partial(train_vae, recipe, work), members, device)
    run_as_team(functools.partial(train_denoiser, recipe, work), members, device)
    write_pipeline(work, work / "model")
    return work / "model"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--vae", type=Path, help="a VAE made before, to use instead of training one")
    parser.add_argument("--start", type=Path, help="a folder with a U-Net and a text encoder to begin with")
    parser.add_argument("--members", type=int, default=2, help="processes on a CPU")
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args()
    if asked.vae:
        shutil.copytree(asked.vae, asked.work / "vae", dirs_exist_ok=True)
    recipe = Recipe.within(asked.minutes, has_vae=asked.vae is not None)
    build(replace(recipe, start=asked.start), asked.work, asked.members, choose_device(asked.device))
