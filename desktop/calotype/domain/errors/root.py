"""The root of every failure that a user can meet."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar


@dataclass(eq=False)
class CalotypeError(Exception):
    """A failure that the user can understand and answer."""

    sentence: ClassVar[str] = "Something went wrong."

    @property
    def fields(self) -> dict[str, object]:
        """What fills the sentence in."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __str__(self) -> str:
        return self.sentence.format(**self.fields)
