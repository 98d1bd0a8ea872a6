"""calotype split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from subject_shots import shots, subjects


@pytest.fixture
def mugs(tmp_path: Path) -> Path:
    """Ten shots of two things, and a mirrored copy of the first."""
    folder = tmp_path / "mugs"
    folder.mkdir()
    for number, subject in enumerate(subjects(2)):
        for shot, picture in shots(number, subject, 128).items():
            picture.save(folder / f"{number}-{shot.replace(' ', '-')}.png")
    ImageOps.mirror(Image.open(folder / "0-first.png")).save(folder / "mirrored.png")
    return folder


def test_that_the_split_is_shown_with_its_reason_and_what_stays_together(call: Any, home: Path, mugs: Path) -> None:
    call("new", "Mug")
    call("import", "Mug", mugs)

    answer, told = call("split", "Mug", "--json"), call("split", "Mug")

    assert answer.code == told.code == 0
    assert len(answer.values["held_out"]) == 2
    assert len(answer.values["training"]) == 9
    assert answer.values["share_held_out"] == pytest.approx(2 / 11, abs=1e-4)
    assert answer.values["reason"] == "usual"
    assert [sorted(group["files"]) for group in answer.values["kept_together"]] == [["0-first.png", "mirrored.png"]]
    assert answer.values["groups_on_both_sides"] == 0
    assert told.out.startswith("Mug: 9 to learn from · 2 held out to check the result. Look-alikes stay together.\n")
    assert "Held out (18 %):\n" in told.out


def test_that_again_chooses_others_and_keeps_look_alikes_together(call: Any, home: Path, mugs: Path) -> None:
    call("new", "Mug")
    call("import", "Mug", mugs)
    first = call("split", "Mug", "--json").values

    others = [call("split", "Mug", "--again", "--json").values for _ in range(8)]

    assert any(other["held_out"] != first["held_out"] for other in others)
    assert all(len(other["kept_together"][0]["splits"]) == 1 for other in others)
    assert call("split", "Mug", "--json").values["held_out"] == others[-1]["held_out"]


def test_that_a_small_set_is_told_that_the_check_is_rough(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob")
    call("import", "Blob", pictures)

    answer = call("split", "Blob", "--json")

    assert answer.values["reason"] == "few images"
    assert answer.values["sentence"] == (
        "5 to learn from · 1 held out to check the result. "
        "With so few pictures that is a rough check: with 10 or more it is a better one."
    )


def test_that_an_empty_project_and_one_that_is_not_there_are_answered(call: Any, home: Path) -> None:
    call("new", "Mug")

    empty, missing = call("split", "Mug"), call("split", "Vase")

    assert (empty.code, empty.out) == (0, "Mug: 0 to learn from · 0 held out to check the result.\n")
    assert missing.code == 1
    assert "Vase" in missing.err
