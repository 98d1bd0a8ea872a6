"""The user's choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Theme(StrEnum):
    """The colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class DeviceChoice(StrEnum):
    """What computes."""

    AUTO = "auto"
    CUDA = "cuda"
    MPS = "mps"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the app. `thread_count` 0 lets torch choose; `comparison_model` is the folder of a CLIP or
    DINOv2 model that compares previews with pictures, and empty for none; `hub_token` opens models of Hugging Face
    whose terms its owner agreed to.
    """

    theme: Theme = Theme.SYSTEM
    device: DeviceChoice = DeviceChoice.AUTO
    thread_count: int = 0
    comparison_model: str = ""
    hub_token: str = field(default="", repr=False)  # a secret: it must not come into a log
    looks_for_updates: bool = False  # once a day, at a start


STANDARD = Settings()
