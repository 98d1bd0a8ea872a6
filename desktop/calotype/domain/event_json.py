"""Training events as lines of JSON, and back, with paths relative to the run's folder so that it can be moved."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from calotype.domain.events import BandRatios, BlockNorm, FinishReason, ImageRatio, Interval, Leak, Stage, TrainingEvent

_CLASSES: dict[str, type] = {event_class.__name__: event_class for event_class in get_args(TrainingEvent)}
_ENUMS: dict[str, type[Enum]] = {"reason": FinishReason, "stage": Stage}
_NESTED: dict[str, type] = {"ratio": Interval, "bands": BandRatios}
_LISTS: dict[str, type] = {
    "held_out_images": ImageRatio,
    "probe_images": ImageRatio,
    "weight_norms": BlockNorm,
    "leaks": Leak,
}
_TEXTS = ("other_part",)


def event_to_line(event: TrainingEvent, folder: Path) -> str:
    """One line of JSON without its line break."""
    return json.dumps({"event": type(event).__name__, **_plain(event, folder)}, ensure_ascii=False)


def event_from_line(line: str, folder: Path) -> TrainingEvent | None:
    """Read a line; None if it is torn, as the last line of a killed run may be, or of an unknown kind."""
    try:
        values = json.loads(line)
        event_class = _CLASSES[values.pop("event")]
        event: TrainingEvent = event_class(**{name: _value(name, value, folder) for name, value in values.items()})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return event


def _plain(value: Any, folder: Path) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), folder) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item, folder) for item in value]
    if isinstance(value, Path):
        return value.relative_to(folder).as_posix() if value.is_relative_to(folder) else str(value)
    return value


def _value(name: str, value: Any, folder: Path) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _NESTED:
        return _NESTED[name](**value)
    if name in _LISTS:
        return tuple(_LISTS[name](**item) for item in value)
    if name in _TEXTS:
        return tuple(value)
    if name in ("path", "lora_path") and value is not None:
        return folder / value
    return value
