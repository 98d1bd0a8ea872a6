"""Proof that every failure, time and size can be said."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time

import pytest

import calotype.domain.errors as all_errors
from calotype.domain.errors import CalotypeError, DiskFullError, InvalidPlanError
from calotype.ui.look.wording import duration, file_size, sentence, when

# Families that few modules need are not in the package's own list.
for module in pkgutil.iter_modules(all_errors.__path__, f"{all_errors.__name__}."):
    importlib.import_module(module.name)


def _all_errors(kind: type[CalotypeError]) -> list[type[CalotypeError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _all_errors(child))]


@pytest.mark.parametrize("kind", _all_errors(CalotypeError), ids=lambda kind: kind.__name__)
def test_that_every_expected_failure_has_a_filled_sentence_of_its_own(kind: type[CalotypeError]) -> None:
    names = [name for name in inspect.signature(kind.__init__).parameters if name not in ("self", "fields")]
    error = kind(**dict.fromkeys(names, 7))

    text = sentence(error)

    assert text.endswith(".")
    assert "{" not in text
    assert "sentence" in vars(kind)


@pytest.mark.parametrize(
    "field, value, told",
    [
        ("step_count", 0, "The setting “Steps” cannot be 0: use 1 or more."),
        ("learning_rate", "", "The setting “Learning rate” cannot be empty: use 1 or more."),
        ("sampling_steps", 0, "The setting “sampling steps” cannot be 0: use 1 or more."),
    ],
)
def test_that_a_setting_is_named_as_the_window_calls_it(field: str, value: object, told: str) -> None:
    assert sentence(InvalidPlanError(field, value, "use 1 or more")) == told


def test_that_a_bug_is_said_without_its_inner_words() -> None:
    text = sentence(KeyError("inner"))

    assert "KeyError" in text
    assert "inner" not in text


def test_that_the_fields_are_in_the_sentence() -> None:
    assert "cover.png" in sentence(DiskFullError("cover.png"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (41.6, "42 s"),
        (220, "3 min 40 s"),
        (240, "4 min"),
        (3660, "1 h 1 min"),
        (7200, "2 h"),
        (-3, "0 s"),
    ],
)
def test_that_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (31_400_000, "31.4 MB"), (214e9, "214 GB"), (2.5e12, "2.5 TB")],
)
def test_that_a_size_has_a_readable_unit(size: float, text: str) -> None:
    assert file_size(size) == text


def test_that_a_moment_is_told_from_today() -> None:
    assert when(time.time()).startswith("today")
    assert when(0).startswith("19")
