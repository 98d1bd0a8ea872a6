"""The user's choices."""

from __future__ import annotations

from dataclasses import dataclass
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
    DINOv2 model that compares previews with pictures, and empty for none.
    """

    theme: Theme = Theme.SYSTEM
    device: DeviceChoice = DeviceChoice.AUTO
    thread_count: int = 0
    comparison_model: str = ""


STANDARD = Settings()
