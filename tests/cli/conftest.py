"""Pictures to import, and a way to call the terminal as a person does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from calotype.cli.main import main


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def values(self) -> Any:
        """Stdout as JSON; fails if anything else is there."""
        return json.loads(self.out)


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Call the terminal with a data folder of this test's own."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder that CALOTYPE_HOME names."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CALOTYPE_HOME", str(folder))
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with six different pictures of one subject, and a caption for the first."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        picture = Image.new("RGB", (128, 128), (40 * number, 200 - 30 * number, 90))
        draw = ImageDraw.Draw(picture)
        draw.ellipse((10 + 9 * number, 20, 70 + 9 * number, 110 - 8 * number), fill=(30, 190, 180))
        draw.rectangle((5 * number, 100, 30 + 14 * number, 120), fill=(240, 140, 40))
        picture.save(folder / f"blob-{number}.png")
    (folder / "blob-0.txt").write_text("blob, 3d render, blue background", encoding="utf-8")
    return folder
