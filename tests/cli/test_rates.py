"""calotype rates, on the starter model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calotype.domain.rate_range import RateRange
from calotype.services import rate_ranges


@pytest.fixture
def project(call: Any, home: Path, pictures: Path) -> str:
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)
    return "Blob"


@pytest.fixture
def short_range(monkeypatch: pytest.MonkeyPatch) -> RateRange:
    """Three steps instead of a hundred."""
    rates = RateRange(1e-5, 1e-4, 3)
    monkeypatch.setattr(rate_ranges, "RateRange", lambda: rates)
    return rates


def test_that_the_answer_comes_with_its_curve_and_nothing_is_kept(
    call: Any, project: str, home: Path, short_range: RateRange
) -> None:
    files_before = sorted((home / "projects").rglob("*"))

    answer = call("rates", project, "--set", "batch_size=1", "--json")

    assert answer.code == 0, answer.err
    values = answer.values
    assert (values["end"], values["answer"], values["suggested_rate"]) == ("whole", "never fell", None)
    assert [point["rate"] for point in values["points"]] == pytest.approx([1e-5, 10**-4.5, 1e-4])
    assert values["points"][0]["ratio"] == pytest.approx(1.0, abs=1e-4)
    assert sorted((home / "projects").rglob("*")) == files_before
    assert call("runs", project, "--json").values["runs"] == []


def test_that_a_person_is_told_to_keep_the_rate_when_the_curve_says_nothing(
    call: Any, project: str, short_range: RateRange
) -> None:
    answer = call("rates", project, "--set", "batch_size=1")

    assert answer.code == 0, answer.err
    assert answer.out.startswith("No clear answer: keep 0.002.")


def test_that_too_few_pictures_are_said(call: Any, home: Path) -> None:
    call("new", "Blob")

    answer = call("rates", "Blob")

    assert answer.code == 1
    assert "4" in answer.err


def test_that_a_setting_that_is_not_allowed_is_said_before_anything_is_loaded(call: Any, project: str) -> None:
    answer = call("rates", project, "--set", "batch_size=0")

    assert answer.code == 1
    assert "batch_size" in answer.err
