"""The words inside a LoRA file that a tool made: what its sources said, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from calotype import __version__
from calotype.diffusion.lora_adapter import LoraLayer
from calotype.domain.recognised import ModelKind

# Of a file that was made of several, these stay if all say the same.
_OF_ALL = (
    *(f"ss_{word}" for word in ("base_model_version", "v2", "sd_model_name", "clip_skip", "resolution")),
    *(f"modelspec.{word}" for word in ("sai_model_spec", "architecture", "implementation", "resolution")),
    "modelspec.prediction_type",
)
# What no longer holds of a file with other tensors in it.
_OF_THE_OLD_FILE = (
    "sshs_model_hash",
    "sshs_legacy_hash",
    "modelspec.hash_sha256",
    "ss_network_args",
    "lora_adapter_metadata",
    "calotype.run_id",
)
_VERSIONS = {ModelKind.SD1: "sd_v1", ModelKind.SD2: "sd_v2", ModelKind.SDXL: "sdxl_base_v1-0"}
_ARCHITECTURES = {ModelKind.SD1: "stable-diffusion-v1/lora", ModelKind.SDXL: "stable-diffusion-xl-v1-base/lora"}


def words_of_one(words: Mapping[str, str], title: str, made_by: str) -> dict[str, str]:
    """All that was said of a LoRA, for another version of it, which has a name of its own."""
    return {
        **{name: word for name, word in words.items() if name not in _OF_THE_OLD_FILE},
        **{"modelspec.title": title, "ss_output_name": title},
        **_always(made_by),
    }


def words_of_many(
    sources: Sequence[Mapping[str, str]], names: Sequence[str], title: str, made_by: str
) -> dict[str, str]:
    """What all of the sources say alike, the trigger words of each, and where it comes from."""
    first = sources[0]
    kept = {
        name: first[name] for name in _OF_ALL if name in first and all(it.get(name) == first[name] for it in sources)
    }
    triggers = dict.fromkeys(filter(None, (it.get("modelspec.trigger_phrase", "") for it in sources)))
    if triggers:
        kept["modelspec.trigger_phrase"] = ", ".join(triggers)
    return {**kept, "modelspec.title": title, "modelspec.merged_from": ", ".join(names), **_always(made_by)}


def words_of_difference(base_name: str, kind: ModelKind | None, title: str, made_by: str) -> dict[str, str]:
    """For a LoRA that was extracted: the kind of model as far as it is known."""
    words = {"ss_sd_model_name": base_name, "ss_v2": str(kind is ModelKind.SD2), "modelspec.title": title}
    if kind in _VERSIONS:
        words["ss_base_model_version"] = _VERSIONS[kind]
    if kind in _ARCHITECTURES:
        words |= {"modelspec.architecture": _ARCHITECTURES[kind], "modelspec.sai_model_spec": "1.0.0"}
    return {**words, **_always(made_by)}


def network_words(layers: Iterable[LoraLayer]) -> dict[str, str]:
    """Rank and alpha of most layers, as sd-scripts write them."""
    ranks = [(layer.rank, layer.alpha) for layer in layers]
    rank, alpha = max(set(ranks), key=lambda pair: (ranks.count(pair), pair))
    return {"ss_network_module": "networks.lora", "ss_network_dim": str(rank), "ss_network_alpha": f"{alpha:g}"}


def _always(made_by: str) -> dict[str, str]:
    return {"calotype.made_by": made_by, "calotype.version": __version__}
