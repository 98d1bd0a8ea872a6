"""The checks that tell whether an installation works, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """One thing that must work, in the order in which they are looked at."""

    PACKAGE = "package files"
    IMPORTS = "imports"
    RESOURCES = "resources"
    DEVICE = "device"
    IMPORT = "import"
    TRAINING = "training step"
    PICTURE = "picture"
    LORA = "LoRA file"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check: a detail, or a failure in words."""

    check: Check
    detail: str = ""
    failure: str = ""
    seconds: float = 0.0
