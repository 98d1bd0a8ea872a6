"""The words inside a LoRA file: all of them, and those that are left when it is to be shared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save

from calotype import __version__
from calotype.diffusion.lora_metadata import content_words, lora_metadata
from calotype.diffusion.lora_privacy import shareable
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.domain.lora import LoraSpec
from calotype.domain.lora_export import LeftOut
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import TrainingPlan

PROJECT = Project("p1", "Grandma's secret garden", SubjectKind.PRODUCT, "gnome", Path("/home/ada/gnomes"), 0.0)
MODEL = BaseModelCard("m1", "adas-own-merge", Path("/models/adas-own-merge"), ModelFamily.SD2, 768, "v_prediction", 1)


def _image(number: int, caption: str, split: Split) -> CaptionedImage:
    path = PROJECT.images_folder / f"holiday-{number}.png"
    return CaptionedImage(path, 64, 64, caption, str(number), number, split, f"IMG_00{number}.jpg")


def _words() -> dict[str, str]:
    captions = ("gnome, behind the shed", "gnome, behind the shed, snow", "gnome")
    images = [_image(number, caption, Split.TRAINING) for number, caption in enumerate(captions)]
    images.append(_image(9, "gnome, on Elm Street", Split.VALIDATION))
    plan = TrainingPlan("m1", "p1", LoraSpec(rank=8, alpha=4.0), step_count=500, seed=7)
    return lora_metadata(
        plan, ImageSet(PROJECT, tuple(images)), MODEL, run_id="20261124-120000-abcd", step=40, started_at=1_700_000_000
    )


def test_that_pictures_that_count_more_than_once_are_told_by_folder() -> None:
    images = [_image(number, "gnome, snow", Split.TRAINING) for number in range(3)]
    images[0] = replace(images[0], repeats=10, caption="gnome, sun")
    plan = TrainingPlan("m1", "p1")

    words = lora_metadata(plan, ImageSet(PROJECT, tuple(images)), MODEL, run_id="r", step=1, started_at=0)

    folders = {"1_gnome": {"n_repeats": 1, "img_count": 2}, "10_gnome": {"n_repeats": 10, "img_count": 1}}
    assert json.loads(words["ss_dataset_dirs"]) == folders
    assert json.loads(words["ss_tag_frequency"]) == {
        "1_gnome": {"gnome": 2, "snow": 2},
        "10_gnome": {"gnome": 1, "sun": 1},
    }


WORDS = {
    "ss_network_module": "networks.lora",
    "ss_network_dim": "8",
    "ss_network_alpha": "4.0",
    "ss_network_args": '{"targets": "attention+mlp"}',
    "ss_learning_rate": "0.0001",
    "ss_unet_lr": "0.0001",
    "ss_text_encoder_lr": "0.0",
    "ss_optimizer": "torch.optim.AdamW",
    "ss_lr_scheduler": "cosine",
    "ss_lr_warmup_steps": "20",
    "ss_max_grad_norm": "1.0",
    "ss_max_train_steps": "500",
    "ss_min_snr_gamma": "5.0",
    "ss_caption_dropout_rate": "0.05",
    "ss_total_batch_size": "4",
    "ss_resolution": "(512, 512)",
    "ss_mixed_precision": "auto",
    "ss_flip_aug": "False",
    "ss_cache_latents": "True",
    "ss_seed": "7",
    "ss_clip_skip": "1",
    "ss_session_id": "20261124-120000-abcd",
    "ss_training_started_at": "1700000000.000",
    "ss_output_name": "gnome",
    "ss_base_model_version": "sd_v2_v",
    "ss_v2": "True",
    "ss_sd_model_name": "adas-own-merge",
    "ss_steps": "40",
    "ss_num_train_images": "3",
    "ss_num_validation_images": "1",
    "ss_tag_frequency": '{"gnome": {"gnome": 3, "behind the shed": 2, "snow": 1}}',
    "ss_dataset_dirs": '{"gnome": {"n_repeats": 1, "img_count": 3}}',
    "modelspec.sai_model_spec": "1.0.0",
    "modelspec.architecture": "stable-diffusion-v2-768-v/lora",
    "modelspec.implementation": "diffusers",
    "modelspec.title": "Grandma's secret garden",
    "modelspec.date": "2023-11-14T22:13:20+00:00",
    "modelspec.trigger_phrase": "gnome",
    "modelspec.usage_hint": "Write “gnome” in the prompt.",
    "modelspec.resolution": "512x512",
    "modelspec.prediction_type": "v",
    "modelspec.tags": "product",
    "calotype.run_id": "20261124-120000-abcd",
    "calotype.version": __version__,
}


def test_that_the_words_are_these() -> None:
    assert _words() == WORDS


def test_that_what_is_shared_tells_of_no_caption_folder_or_file() -> None:
    words, left_out = shareable(_words())

    told = json.dumps(words, ensure_ascii=False)
    private = ("secret", "shed", "snow", "Elm Street", "holiday", "IMG_00", "adas-own-merge", "20261124", "/home")
    assert [part for part in private if part in told] == []
    assert left_out == {LeftOut.CAPTIONS, LeftOut.FOLDERS, LeftOut.PROJECT, LeftOut.BASE_MODEL, LeftOut.RUN}
    assert words["modelspec.title"] == words["modelspec.trigger_phrase"] == "gnome"
    gone = {"ss_tag_frequency", "ss_dataset_dirs", "ss_sd_model_name", "ss_session_id", "calotype.run_id"}
    assert _words().keys() - words.keys() == gone


def test_that_a_word_that_nobody_knows_is_not_shared() -> None:
    words, left_out = shareable({"ss_network_dim": "8", "ss_training_comment": "for Bob", "my.note": "at home"})

    assert words == {"ss_network_dim": "8"}
    assert left_out == {LeftOut.OTHER}


def test_that_the_model_that_ships_with_the_program_may_be_named() -> None:
    assert shareable({"ss_sd_model_name": "Starter"}) == ({"ss_sd_model_name": "Starter"}, frozenset())


def test_that_the_hash_is_of_the_tensors_whatever_the_words_say() -> None:
    tensors = {"a": torch.arange(4.0), "b": torch.ones(2)}
    numbers = torch.cat([tensors["a"], tensors["b"]]).numpy().tobytes()

    hashes = {content_words(save(tensors, words))["sshs_model_hash"] for words in ({}, {"ss_seed": "123"})}

    assert hashes == {hashlib.sha256(numbers).hexdigest()}
