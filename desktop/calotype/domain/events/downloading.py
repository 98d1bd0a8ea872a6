"""What the download of a model reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DownloadStarted:
    """There is room for all of it; `kept_bytes` of it are here from an attempt before."""

    total_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """So much of it is here now; said some times a second. `name` is the file that is being fetched."""

    name: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class ModelPlaced:
    """All files are whole and in their place. Whether a base model can be made of them is seen next."""

    path: Path


@dataclass(frozen=True, slots=True)
class DownloadFinished:
    """Always the last event of a download that did not fail; `model_id` is empty if it was stopped."""

    model_id: str
    was_stopped: bool


DownloadEvent = DownloadStarted | DownloadProgress | ModelPlaced | DownloadFinished
