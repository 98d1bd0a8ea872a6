"""The `ss_*` and `modelspec.*` words inside a LoRA file, which other programs show and search by."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from PIL import Image

from calotype import __version__
from calotype.domain.imageset import CaptionedImage, ImageSet
from calotype.domain.lora import LoraAdapter, LoraSpec
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import TrainingPlan


def lora_metadata(
    plan: TrainingPlan,
    image_set: ImageSet,
    model: BaseModelCard,
    *,
    run_id: str,
    step: int,
    started_at: float,
) -> dict[str, str]:
    """Everything a reader of the file may want to know; every value is text.

    Names: the metadata page of kohya's sd-scripts, and the SAI model spec 1.0.0.
    """
    project = image_set.project
    return {
        **_network_words(plan),
        **_model_words(model),
        "ss_session_id": run_id,
        "ss_training_started_at": f"{started_at:.3f}",
        "ss_output_name": project.trigger_word,
        "ss_steps": str(step),
        "ss_num_train_images": str(len(image_set.training)),
        "ss_num_validation_images": str(len(image_set.held_out)),
        **_folder_words(image_set),
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.implementation": _implementation(model),
        "modelspec.title": project.name,
        "modelspec.date": datetime.fromtimestamp(started_at, UTC).isoformat(timespec="seconds"),
        "modelspec.trigger_phrase": project.trigger_word,
        "modelspec.usage_hint": f"Write “{project.trigger_word}” in the prompt.",
        "modelspec.resolution": f"{plan.resolution_px}x{plan.resolution_px}",
        "modelspec.tags": project.kind.value,
        "calotype.run_id": run_id,
        "calotype.version": __version__,
    }


def _model_words(model: BaseModelCard) -> dict[str, str]:
    return {
        "ss_base_model_version": _base_version(model),
        "ss_v2": str(model.family is ModelFamily.SD2),
        "ss_sd_model_name": model.name,
        **({"ss_vae_name": model.vae.name} if model.vae else {}),
        "modelspec.architecture": _architecture(model),
        "modelspec.prediction_type": "v" if model.prediction_type == "v_prediction" else "epsilon",
    }


def _base_version(model: BaseModelCard) -> str:
    """As kohya's sd-scripts write it, model_util.py, get_model_version_str_for_sd1_sd2, and sdxl_model_util.py."""
    if model.family is ModelFamily.SDXL:
        return "sdxl_base_v1-0"
    version = "sd_v2" if model.family is ModelFamily.SD2 else "sd_v1"
    return f"{version}_v" if model.prediction_type == "v_prediction" else version


def _architecture(model: BaseModelCard) -> str:
    if model.family is ModelFamily.SDXL:
        return "stable-diffusion-xl-v1-base/lora"
    if model.family is ModelFamily.SD2:
        return f"stable-diffusion-v2-{'768-v' if model.prediction_type == 'v_prediction' else '512'}/lora"
    return "stable-diffusion-v1/lora"


def _implementation(model: BaseModelCard) -> str:
    """Whose names the layers have; the model spec asks for it."""
    return "https://github.com/Stability-AI/generative-models" if model.family is ModelFamily.SDXL else "diffusers"


def _network_words(plan: TrainingPlan) -> dict[str, str]:
    return {
        **_adapter_words(plan.lora),
        "ss_network_dim": str(plan.lora.rank),
        "ss_network_alpha": str(plan.lora.alpha),
        "ss_learning_rate": str(plan.learning_rate),
        "ss_unet_lr": str(plan.learning_rate),
        "ss_text_encoder_lr": "0.0",
        "ss_optimizer": "torch.optim.AdamW",
        "ss_lr_scheduler": "cosine",
        "ss_lr_warmup_steps": str(plan.warmup_steps),
        "ss_max_grad_norm": str(plan.max_gradient_norm),
        "ss_max_train_steps": str(plan.step_count),
        "ss_min_snr_gamma": str(plan.min_snr_gamma),
        "ss_caption_dropout_rate": str(plan.caption_dropout),
        "ss_total_batch_size": str(plan.batch_size),
        "ss_resolution": f"({plan.resolution_px}, {plan.resolution_px})",
        "ss_mixed_precision": {"fp32": "no"}.get(plan.precision.value, plan.precision.value),
        "ss_flip_aug": str(plan.flip),
        "ss_cache_latents": "True",
        "ss_seed": str(plan.seed),
        "ss_clip_skip": str(plan.clip_skip),
        **({"modelspec.encoder_layer": str(plan.clip_skip)} if plan.clip_skip > 1 else {}),
    }


def _adapter_words(lora: LoraSpec) -> dict[str, str]:
    """sd-scripts' own module knows no DoRA; LyCORIS' does, and these are its arguments for lengths by input."""
    is_dora = lora.adapter is LoraAdapter.DORA
    arguments = {"algo": "lora", "dora_wd": "True", "wd_on_output": "False"} if is_dora else {}
    return {
        "ss_network_module": "lycoris.kohya" if is_dora else "networks.lora",
        "ss_network_args": json.dumps({**arguments, "targets": lora.targets.value}),
    }


def _folder_words(image_set: ImageSet) -> dict[str, str]:
    """The pictures by the folders that kohya's trainer would want: one for each number of repeats."""
    word, groups = image_set.project.trigger_word, _by_repeats(image_set)
    names = {repeats: word if list(groups) == [1] else f"{repeats}_{word}" for repeats in groups}
    tags = {names[repeats]: _tag_counts(images) for repeats, images in groups.items()}
    folders = {names[repeats]: {"n_repeats": repeats, "img_count": len(images)} for repeats, images in groups.items()}
    return {
        "ss_tag_frequency": json.dumps(tags, ensure_ascii=False),
        "ss_dataset_dirs": json.dumps(folders, ensure_ascii=False),
    }


def _by_repeats(image_set: ImageSet) -> dict[int, list[CaptionedImage]]:
    groups: dict[int, list[CaptionedImage]] = {}
    for image in sorted(image_set.training, key=lambda image: image.repeats):
        groups.setdefault(image.repeats, []).append(image)
    return groups


def _tag_counts(images: Sequence[CaptionedImage]) -> dict[str, int]:
    tags = Counter(tag.strip() for image in images for tag in image.caption.split(",") if tag.strip())
    return dict(tags.most_common(200))


def content_words(file: bytes) -> dict[str, str]:
    """The hashes by which A1111 and its relatives know a LoRA, from a whole file with no words but the `ss_*` ones.

    The new one is of the bytes after the header, which hold the tensors; the old one of 64 KiB from the second MiB on.
    Source: kohya's sd-scripts, train_util.py, addnet_hash_safetensors and addnet_hash_legacy.
    """
    body = 8 + int.from_bytes(file[:8], "little")
    return {
        "sshs_model_hash": hashlib.sha256(file[body:]).hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(file[0x100000:0x110000]).hexdigest()[:8],
    }


def thumbnail_data_url(picture: Image.Image) -> str:
    """A small JPEG as a data URL, as the model spec asks for."""
    small = picture.convert("RGB")
    small.thumbnail((256, 256))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
