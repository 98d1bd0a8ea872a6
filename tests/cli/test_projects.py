"""calotype new, calotype import, calotype rescan."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image


def test_that_a_project_is_made_where_home_says(call: Any, tmp_path: Path) -> None:
    answer = call("new", "Rusty the fox", "--trigger", "rusty", "--home", tmp_path / "here", "--json")

    assert answer.code == 0
    assert answer.values["trigger_word"] == "rusty"
    assert (tmp_path / "here" / "projects" / "Rusty-the-fox" / "images").is_dir()


def test_that_home_is_also_taken_before_the_command(call: Any, home: Path, tmp_path: Path) -> None:
    answer = call("--json", "--home", tmp_path / "before", "new", "Blob")

    assert Path(answer.values["folder"]).is_relative_to(tmp_path / "before")
    assert not home.exists()


def test_that_the_environment_names_the_home(call: Any, home: Path) -> None:
    answer = call("new", "Blob", "--json")

    assert Path(answer.values["folder"]).is_relative_to(home)


def test_that_a_trigger_word_is_made_from_the_name(call: Any, home: Path) -> None:
    answer = call("new", "Rusty the fox", "--json")

    assert answer.values["trigger_word"] == "rustythefox"


def test_that_a_second_project_of_the_same_name_is_one_line_and_no_success(call: Any, home: Path) -> None:
    call("new", "Blob")

    answer = call("new", "blob")

    assert answer.code == 1
    assert answer.out == ""
    assert answer.err == "calotype: The name “blob” cannot be used: another project has it; choose a different one.\n"


def test_that_an_import_says_what_became_of_every_file(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob")
    shutil.copy(pictures / "blob-0.png", pictures / "zz-again.png")
    (pictures / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")

    answer = call("import", "Blob", pictures, "--json")

    assert answer.code == 0
    assert len(answer.values["accepted"]) == 6
    assert [duplicate["same_as"] for duplicate in answer.values["duplicates"]] == ["blob-0.png"]
    assert [refused["file"] for refused in answer.values["refused"]] == ["torn.jpg"]
    assert "torn.jpg was left out" in answer.values["refused"][0]["reason"]
    assert answer.values["images"] == 6
    assert answer.values["images_held_out"] >= 1


def test_that_captions_come_along(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob", "--trigger", "blob")

    call("import", "Blob", pictures)

    captions = {path.read_text(encoding="utf-8") for path in (home / "projects" / "Blob" / "images").glob("*.txt")}
    assert "blob, 3d render, blue background" in captions


def test_that_an_import_of_nothing_usable_is_no_success(call: Any, home: Path, tmp_path: Path) -> None:
    call("new", "Blob")
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"\x89PNG")

    answer = call("import", "Blob", torn)

    assert answer.code == 1
    assert "0 pictures accepted" in answer.out
    assert answer.err.splitlines()[-1].startswith("calotype: No pictures were found there.")


def test_that_an_unknown_project_is_one_line_and_no_success(call: Any, home: Path, pictures: Path) -> None:
    answer = call("import", "Nobody", pictures)

    assert answer.code == 1
    assert answer.err == ("calotype: There is no project called “Nobody”. Create it first, or check the spelling.\n")


@pytest.mark.skipif("__import__('os').name == 'nt'", reason="Windows has no such folder")
def test_that_an_unusable_home_is_one_line_and_no_success(call: Any) -> None:
    answer = call("new", "Blob", "--home", "/dev/null/home")

    assert answer.code == 1
    assert answer.err.startswith("calotype: ")
    assert answer.err.count("\n") == 1


def test_that_a_folder_is_looked_at_again_and_changed_only_when_asked(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Rusty")
    call("import", "Rusty", pictures, "--link")
    names = sorted(pictures.glob("*.png"))
    with Image.open(names[0]) as picture:
        turned = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    turned.save(names[0])
    names[1].unlink()
    Image.new("RGB", (64, 64), "#104080").save(pictures / "fresh.png")

    told = call("rescan", "Rusty", "--json").values
    again = call("rescan", "Rusty")
    done = call("rescan", "Rusty", "--add", "--replace", "--remove")
    settled = call("rescan", "Rusty")

    assert [len(told[name]) for name in ("new", "changed", "missing", "vanished", "unreachable")] == [1, 1, 1, 0, 0]
    assert again.out == "1 new, 1 edited, 1 gone.\n"
    assert done.out == "1 new, 1 edited, 1 gone. 1 taken in, 1 replaced, 1 removed.\n"
    assert settled.out == "Nothing has changed in the folders that the pictures came from.\n"
    assert not list((home / "projects" / "Rusty" / "images").glob("*.png"))


def test_that_names_of_files_become_captions_when_asked(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob", "--trigger", "blob")
    (pictures / "blob-1.png").rename(pictures / "in_the_rain (2).png")

    call("import", "Blob", pictures / "in_the_rain (2).png", "--captions", "name")

    (caption,) = (home / "projects" / "Blob" / "images").glob("*.txt")
    assert caption.read_text() == "blob, in the rain"


def test_that_the_pictures_are_written_for_other_trainers(
    call: Any, home: Path, pictures: Path, tmp_path: Path
) -> None:
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)

    answer = call("export-set", "Blob", "--out", tmp_path / "out", "--json")

    assert (answer.code, answer.values["pictures"]) == (0, 6)
    assert (tmp_path / "out" / "Blob-dataset" / "img" / "1_blob character" / "blob-0.txt").is_file()
