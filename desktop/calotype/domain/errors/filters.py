"""What can be wrong with a filter that somebody types; nothing is lost by it, so each is said beside the field."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class FilterError(CalotypeError):
    """A filter was not understood."""

    sentence = "This filter was not understood. Put a text in quotes to look for it as it is."


@dataclass(eq=False)
class UnknownFilterKeyError(FilterError):
    """Nothing of this name can be asked."""

    sentence = "“{key}” cannot be filtered by. Use one of {known}, or quotes to look for the text as it is."

    key: str
    known: str


@dataclass(eq=False)
class FilterValueError(FilterError):
    """The value does not fit the question."""

    sentence = "“{value}” does not fit “{key}”. Use {allowed}."

    key: str
    value: str
    allowed: str


@dataclass(eq=False)
class FilterUnfinishedError(FilterError):
    """A part is not there yet; `missing` says which."""

    sentence = "The filter is not complete yet: {missing} is missing."

    missing: str
