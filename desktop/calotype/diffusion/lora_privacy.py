"""Take out of a LoRA file's words whatever tells of the user's pictures, captions, folders and files."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.domain.lora_export import LeftOut

STARTER_NAME = "Starter"  # ships with the app, so that its name tells nothing of anyone

_PRIVATE = {
    "ss_tag_frequency": LeftOut.CAPTIONS,
    "ss_datasets": LeftOut.CAPTIONS,
    "ss_dataset_dirs": LeftOut.FOLDERS,
    "ss_reg_dataset_dirs": LeftOut.FOLDERS,
    "modelspec.title": LeftOut.PROJECT,
    "ss_sd_model_name": LeftOut.BASE_MODEL,
    "ss_vae_name": LeftOut.BASE_MODEL,
    "ss_session_id": LeftOut.RUN,
    "calotype.run_id": LeftOut.RUN,
}
# A list of what may stay, so that a word that is added one day does not leave the house by itself.
_HARMLESS = frozenset(
    [
        *(f"ss_network_{word}" for word in ("module", "dim", "alpha", "args")),
        *(f"ss_{word}" for word in ("learning_rate", "unet_lr", "text_encoder_lr", "optimizer", "lr_scheduler")),
        *(f"ss_{word}" for word in ("lr_warmup_steps", "max_grad_norm", "max_train_steps", "min_snr_gamma", "seed")),
        *(f"ss_{word}" for word in ("caption_dropout_rate", "total_batch_size", "resolution", "mixed_precision")),
        *(f"ss_{word}" for word in ("flip_aug", "cache_latents", "clip_skip", "training_started_at", "output_name")),
        *(f"ss_{word}" for word in ("base_model_version", "v2", "steps", "num_train_images", "num_validation_images")),
        *(f"modelspec.{word}" for word in ("sai_model_spec", "architecture", "implementation", "date", "tags")),
        *(f"modelspec.{word}" for word in ("trigger_phrase", "usage_hint", "resolution", "prediction_type")),
        "modelspec.thumbnail",
        "modelspec.encoder_layer",
        "calotype.version",
    ]
)


def shareable(words: Mapping[str, str]) -> tuple[dict[str, str], frozenset[LeftOut]]:
    """The words that may be shown to anyone, and what was left out.

    The trigger word stays, without which nobody could use the file, and becomes the title: the model spec wants one.
    """
    kept = {name: word for name, word in words.items() if name in _HARMLESS}
    if words.get("ss_sd_model_name") == STARTER_NAME:
        kept["ss_sd_model_name"] = STARTER_NAME
    if "modelspec.title" in words:
        kept["modelspec.title"] = words.get("modelspec.trigger_phrase") or words.get("ss_output_name") or "LoRA"
    changed = [name for name, word in words.items() if kept.get(name) != word]
    return kept, frozenset(_PRIVATE.get(name, LeftOut.OTHER) for name in changed)
