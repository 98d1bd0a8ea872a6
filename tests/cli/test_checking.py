"""calotype check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter


def test_that_a_set_that_works_is_answered_with_0_and_a_report(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)

    answer = call("check", "Blob")

    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[:2] == ["Will work, could be better: Blob", "✓ 6 usable pictures, smallest side 128 px"]
    assert any(line.startswith("! Only 6 pictures: 10 or more show enough sides. What no") for line in lines)
    assert lines[-1].startswith("Split: ")


def test_that_each_finding_names_its_files_and_each_file_its_issues(call: Any, home: Path, pictures: Path) -> None:
    with Image.open(pictures / "blob-3.png") as opened:
        opened.resize((512, 512)).filter(ImageFilter.GaussianBlur(4)).save(pictures / "soft.png")
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)

    answer = call("check", "Blob", "--json")

    soft = next(finding for finding in answer.values["findings"] if finding["kind"] == "out of focus")
    assert (answer.code, answer.values["verdict"], answer.values["images_looked_at"]) == (0, "will work", 7)
    assert (soft["count"], soft["files"], soft["sentence"]) == (1, ["soft.png"], "1 soft picture.")
    by_name = {entry["file"]: entry for entry in answer.values["files"]}
    assert "soft" in by_name["soft.png"]["issues"]
    assert by_name["soft.png"]["blur_px"] > 2 > by_name["blob-0.png"]["blur_px"]
    assert by_name["blob-0.png"]["trained_px"] == [128, 128]


def test_that_pictures_whose_files_are_gone_are_answered_with_1(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures, "--link")
    (pictures / "blob-4.png").unlink()

    answer = call("check", "Blob")

    lines = answer.out.splitlines()
    assert answer.code == 1
    assert lines[:2] == ["Not ready yet: Blob", "✓ 5 usable pictures, smallest side 128 px"]
    assert lines[2].startswith("✗ The file of 1 picture is gone. It was left where it was, and training would stop")
    assert lines[3].strip() == "blob-4.png"


def test_that_a_style_is_told_what_all_its_pictures_share(call: Any, home: Path, pictures: Path) -> None:
    for path in pictures.glob("*.png"):
        path.with_suffix(".txt").write_text("inkz, an ink drawing of a heron")
    call("new", "Ink", "--kind", "style", "--trigger", "inkz")
    call("import", "Ink", pictures)

    answer, said = call("check", "Ink", "--json"), call("check", "Ink")

    (shared,) = [finding for finding in answer.values["findings"] if finding["kind"] == "same subject"]
    assert (shared["sentence"], len(shared["files"])) == ("“heron” is in 6 captions.", 6)
    style = answer.values["coverage"]["style"]
    assert (style["commonest_word"], style["pictures_with_it"], style["shapes"]) == ("heron", 6, {"square": 6})
    assert "Captions: they name “heron” alone" in said.out


def test_that_a_set_that_cannot_be_trained_on_is_answered_with_1(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob")
    call("import", "Blob", pictures / "blob-0.png", pictures / "blob-1.png")

    answer = call("check", "Blob", "--json")

    assert (answer.code, answer.values["verdict"]) == (1, "not yet")
    assert answer.values["findings"][0]["kind"] == "too few images"
    assert "error" not in answer.values


def test_that_an_unknown_project_is_one_line(call: Any, home: Path) -> None:
    answer = call("check", "Nobody")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("calotype: There is no project called “Nobody”.")
