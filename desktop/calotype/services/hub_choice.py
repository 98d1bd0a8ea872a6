"""Which files of a repository are needed to train on what it holds."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from calotype.diffusion.model_folder import WEIGHTS
from calotype.domain.errors import (
    HubFileNotChosenError,
    HubFileNotFoundError,
    HubNothingUsableError,
    PickleFileError,
)
from calotype.domain.hub import HubRepository, RemoteFile
from calotype.domain.recognised import PICKLE_SUFFIXES

INDEX = "model_index.json"
_PARTS = ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "scheduler")
_ONLY_OF_SDXL = "text_encoder_2"
_SMALL_FILE = re.compile(rf"({'|'.join(_PARTS)})/[A-Za-z0-9_.-]+\.(json|txt)")
_CHECKPOINT = re.compile(r"([^\\/:]+/)*[^\\/:]+\.safetensors", re.IGNORECASE)
_MOST_NAMED = 12
_PICKLES_ONLY = "its weights are pickle files, which can run foreign code and are never opened"


def chosen_files(repository: HubRepository, file_name: str) -> tuple[RemoteFile, ...]:
    """The checkpoint of this name; without one the parts of a diffusers folder, else the only checkpoint there is.

    Small files come first. Raises a HubError or PickleFileError.
    """
    files = {file.path: file for file in repository.files}
    if file_name:
        return (_named_checkpoint(repository.name, files, file_name),)
    if INDEX in files:
        return _folder_files(repository.name, files)
    checkpoints = _checkpoints(files)
    if len(checkpoints) > 1:
        raise HubFileNotChosenError(repository.name, _enumerated(checkpoints))
    if not checkpoints:
        has_pickles = any(path.lower().endswith(PICKLE_SUFFIXES) for path in files)
        raise HubNothingUsableError(repository.name, _PICKLES_ONLY if has_pickles else "it holds no model weights")
    return (files[checkpoints[0]],)


def checkpoint_name(files: tuple[RemoteFile, ...]) -> str:
    """What the model is called on disk if it is one file; empty for a folder."""
    return "" if files[0].path == INDEX else PurePosixPath(files[0].path).name


def _named_checkpoint(name: str, files: dict[str, RemoteFile], wanted: str) -> RemoteFile:
    if wanted in files and wanted.lower().endswith(PICKLE_SUFFIXES):
        raise PickleFileError(wanted)
    checkpoints = _checkpoints(files)
    if wanted not in checkpoints:
        raise HubFileNotFoundError(name, wanted, _enumerated(checkpoints) or "none")
    return files[wanted]


def _checkpoints(files: dict[str, RemoteFile]) -> list[str]:
    """The .safetensors files that are no part of a diffusers folder."""
    in_parts = tuple(f"{part}/" for part in _PARTS)
    return sorted(path for path in files if _CHECKPOINT.fullmatch(path) and not path.startswith(in_parts))


def _folder_files(name: str, files: dict[str, RemoteFile]) -> tuple[RemoteFile, ...]:
    small = [path for path in sorted(files) if _SMALL_FILE.fullmatch(path) and not path.endswith(".index.json")]
    parts = [part for part in WEIGHTS if part != _ONLY_OF_SDXL or f"{part}/config.json" in files]
    return tuple(files[path] for path in (INDEX, *small, *(_weights(name, files, part) for part in parts)))


def _weights(name: str, files: dict[str, RemoteFile], part: str) -> str:
    """Those in half precision if there are any: as these models are mostly passed on, and half as much to fetch."""
    for candidate in reversed(WEIGHTS[part]):
        if f"{part}/{candidate}" in files:
            return f"{part}/{candidate}"
    if any(path.startswith(f"{part}/") and path.lower().endswith(PICKLE_SUFFIXES) for path in files):
        raise HubNothingUsableError(name, _PICKLES_ONLY)
    raise HubNothingUsableError(name, f"it holds no weights of its {part} that can be read")


def _enumerated(paths: list[str]) -> str:
    rest = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
