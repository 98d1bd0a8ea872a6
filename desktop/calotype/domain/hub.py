"""Repositories of the Hugging Face hub, and what of one would be downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_REVISION = "main"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository, at one commit. It has one of the two hashes, in hex digits."""

    path: str  # in the repository, with slashes
    size_bytes: int
    sha256: str = ""  # of large files
    git_sha1: str = ""  # of small ones: as git counts it, see hub.hashes


@dataclass(frozen=True, slots=True)
class HubRepository:
    """What a repository holds at one commit."""

    name: str  # OWNER/NAME
    commit: str  # what its revision stood for when it was asked
    licence: str  # as its model card names it; empty if that says nothing
    page: str  # where a person can read about it
    files: tuple[RemoteFile, ...]


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """What a download would fetch: to be shown, and agreed to, before it is."""

    repository: HubRepository
    files: tuple[RemoteFile, ...]  # small ones first
    folder: Path  # where the model will lie
    file_name: str = ""  # of a model in one file; empty for a folder in the layout of diffusers
    is_here: bool = False  # it was downloaded before

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def model_path(self) -> Path:
        """The folder or file that is the base model."""
        return self.folder / self.file_name if self.file_name else self.folder
