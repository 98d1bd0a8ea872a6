"""Of all the files of a repository, those are chosen that a base model here is made of."""

from __future__ import annotations

import pytest

from calotype.domain.errors import (
    HubError,
    HubFileNotChosenError,
    HubFileNotFoundError,
    HubNothingUsableError,
    PickleFileError,
)
from calotype.domain.hub import HubRepository, RemoteFile
from calotype.services.hub_choice import checkpoint_name, chosen_files

FOLDER = [
    ".gitattributes",
    "README.md",
    "feature_extractor/preprocessor_config.json",
    "model_index.json",
    "safety_checker/config.json",
    "safety_checker/model.safetensors",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/model.fp16.safetensors",
    "text_encoder/model.safetensors",
    "text_encoder/pytorch_model.bin",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.bin",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.safetensors.index.json",
    "v1-5-pruned-emaonly.safetensors",
    "v1-5-pruned.ckpt",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
]


def chosen(paths: list[str], file_name: str = "") -> list[str]:
    files = tuple(RemoteFile(path, 1, sha256="0" * 64) for path in paths)
    return [file.path for file in chosen_files(HubRepository("me/x", "0" * 40, "", "", files), file_name)]


def test_that_a_folder_is_its_small_files_then_weights_in_half_precision_where_there_are_any() -> None:
    assert chosen(FOLDER) == [
        "model_index.json",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "vae/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.fp16.safetensors",
    ]


def test_that_a_checkpoint_can_be_chosen_from_a_folder_as_well() -> None:
    assert chosen(FOLDER, "v1-5-pruned-emaonly.safetensors") == ["v1-5-pruned-emaonly.safetensors"]


def test_that_the_only_checkpoint_needs_no_name() -> None:
    assert chosen(["README.md", "sub/dreams.safetensors"]) == ["sub/dreams.safetensors"]
    assert checkpoint_name((RemoteFile("sub/dreams.safetensors", 1),)) == "dreams.safetensors"
    assert checkpoint_name((RemoteFile("model_index.json", 1), RemoteFile("unet/config.json", 1))) == ""


@pytest.mark.parametrize(
    ("paths", "file_name", "kind", "words"),
    [
        (["b.safetensors", "a.safetensors"], "", HubFileNotChosenError, r"\(--file in a terminal\): a.safe.*, b.safe"),
        (["a.safetensors"], "c.safetensors", HubFileNotFoundError, "Those that can be are: a.safetensors"),
        (["a.ckpt"], "b.safetensors", HubFileNotFoundError, "Those that can be are: none"),
        (["..\\a.safetensors"], "..\\a.safetensors", HubFileNotFoundError, "none"),
        (["a.ckpt"], "", HubNothingUsableError, "its weights are pickle files"),
        (["README.md"], "", HubNothingUsableError, "it holds no model weights"),
        ([], "", HubNothingUsableError, "it holds no model weights"),
        (
            [path for path in FOLDER if "unet/" not in path or path.endswith("bin")],
            "",
            HubNothingUsableError,
            "its weights are pickle files",
        ),
        ([path for path in FOLDER if "vae/" not in path], "", HubNothingUsableError, "no weights of its vae"),
    ],
)
def test_that_what_cannot_be_used_is_said(paths: list[str], file_name: str, kind: type[HubError], words: str) -> None:
    with pytest.raises(kind, match=words):
        chosen(paths, file_name)


def test_that_a_pickle_is_refused_by_its_name() -> None:
    with pytest.raises(PickleFileError):
        chosen(FOLDER, "v1-5-pruned.ckpt")
