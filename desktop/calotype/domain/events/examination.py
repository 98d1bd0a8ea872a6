"""What looking at pictures reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calotype.domain.image_facts import ImageFacts


@dataclass(frozen=True, slots=True)
class ExaminationStarted:
    """What is known already, by content hash, and how many pictures will be looked at."""

    known: Mapping[str, ImageFacts]
    total: int


@dataclass(frozen=True, slots=True)
class ImagesExamined:
    """Some more pictures were looked at; `done` of `total` in all. What was found is recorded."""

    found: Mapping[str, ImageFacts]
    unreadable: frozenset[str]  # content hashes of pictures that are gone or damaged
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExaminationFinished:
    """Always the last event of an examination that did not fail."""

    was_stopped: bool


ExaminationEvent = ExaminationStarted | ImagesExamined | ExaminationFinished
