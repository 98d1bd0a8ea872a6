"""Which checkpoints stay when there are too many."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from calotype.domain.kept_steps import BUDGET_BYTES, MOST, steps_to_keep
from calotype.domain.runs import step_name, step_paths

MIB = 2**20


def test_that_all_stay_while_there_is_room() -> None:
    assert steps_to_keep([60, 20, 40], 5 * MIB) == [20, 40, 60]


def test_that_the_oldest_of_equally_close_ones_goes_first() -> None:
    assert steps_to_keep([10, 20, 30, 40, 50], BUDGET_BYTES // 4) == [10, 30, 40, 50]
    assert steps_to_keep([10, 20, 30, 40, 50], BUDGET_BYTES // 3) == [10, 30, 50]


def test_that_a_step_close_to_its_neighbours_goes_before_a_lonely_one() -> None:
    assert steps_to_keep([10, 100, 110, 120, 500], BUDGET_BYTES // 4) == [10, 100, 120, 500]


def test_that_the_first_the_newest_and_the_best_stay_whatever_they_take() -> None:
    assert steps_to_keep([10, 20, 30, 40], 10 * BUDGET_BYTES, {20}) == [10, 20, 40]


@pytest.mark.parametrize("file_bytes", [1, MIB, 40 * MIB, 200 * MIB])
def test_that_a_long_run_saved_one_by_one_stays_in_its_budget_and_spread(file_bytes: int) -> None:
    kept: list[int] = []
    for step in range(10, 2001, 10):
        kept = steps_to_keep([*kept, step], file_bytes)

    assert len(kept) <= MOST
    assert len(kept) == 2 or len(kept) * file_bytes <= BUDGET_BYTES
    assert (kept[0], kept[-1]) == (10, 2000)
    gaps = [later - earlier for earlier, later in pairwise(kept)]
    assert len(kept) == 2 or max(gaps) <= 2000 * 2.5 / len(kept)


def test_that_only_files_of_steps_are_read_back(tmp_path: Path) -> None:
    for name in (
        step_name(120),
        step_name(5),
        "best.safetensors",
        "step-x.safetensors",
        ".step-000007.safetensors.tmp",
    ):
        (tmp_path / name).touch()

    assert list(step_paths(tmp_path)) == [5, 120]
