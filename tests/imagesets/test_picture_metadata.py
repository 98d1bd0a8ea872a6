"""Settings inside pictures, as other programs write and read them."""

from pathlib import Path

from PIL import Image

from calotype.imagesets.picture_metadata import parameters_text, parse_parameters, png_bytes, read_parameters


def test_that_settings_survive_the_file(tmp_path: Path) -> None:
    text = parameters_text("a cat,\nsitting", "blur: none", {"Steps": 20, "Seed": 7, "Lora hashes": 'a: "1", b'})
    (tmp_path / "a.png").write_bytes(png_bytes(Image.new("RGB", (4, 4)), text))

    prompt, negative, settings = parse_parameters(read_parameters(tmp_path / "a.png"))

    assert (prompt, negative) == ("a cat,\nsitting", "blur: none")
    assert settings == {"Steps": "20", "Seed": "7", "Lora hashes": 'a: "1", b'}


def test_that_a_text_beyond_latin_survives(tmp_path: Path) -> None:
    text = parameters_text("猫, naïve", "", {"Steps": 1, "Seed": 2, "Size": "8x8"})
    (tmp_path / "a.png").write_bytes(png_bytes(Image.new("RGB", (4, 4)), text))

    assert parse_parameters(read_parameters(tmp_path / "a.png"))[0] == "猫, naïve"


def test_that_a_foreign_text_is_all_prompt() -> None:
    assert parse_parameters("just: words") == ("just: words", "", {})


def test_that_a_picture_without_settings_has_none(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")

    assert read_parameters(tmp_path / "a.png") == ""
