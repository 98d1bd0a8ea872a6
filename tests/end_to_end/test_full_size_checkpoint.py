"""A Stable Diffusion 1 checkpoint at its full size, with random weights: from one file to a picture, offline."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.recognised import ModelKind

# At 256 pixels it takes four minutes on two cores: `make full-size` does that, and the suite a quarter of the side.
SIDE_PX = int(os.environ.get("CALOTYPE_FULL_SIZE_PX", "64"))


def _without_network() -> list[str]:
    """A program that runs another one where there is no network; none where that is not allowed, or not on Linux."""
    command = ["unshare", "--map-root-user", "--net"]
    is_there = shutil.which("unshare") is not None
    return command if is_there and subprocess.run([*command, "true"], check=False).returncode == 0 else []


def _checkpoint(path: Path) -> Path:
    """860 million weights of the U-Net, the VAE and the text encoder under their LDM names, 2.1 GB."""
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD1).values() for key, shape in part.items()}
    chance, tensors = torch.Generator().manual_seed(0), {}
    # Each tensor is a window of the same noise: a billion draws would take longer than all that is done with them.
    noise = torch.randn(max(map(math.prod, shapes.values())) + 1_000_003, generator=chance)
    for key, shape in shapes.items():
        if len(shape) > 1:
            size, scale = math.prod(shape), 0.7 / math.sqrt(math.prod(shape[1:]))
            start = int(torch.randint(len(noise) - size, (1,), generator=chance))
            tensors[key] = (noise[start : start + size].view(shape) * scale).half()
        elif not key.endswith("position_ids"):
            tensors[key] = torch.full(shape, float(key.endswith("weight")), dtype=torch.float16)
    save_file(tensors, path)
    return path


def _pictures(folder: Path) -> Path:
    folder.mkdir()
    for number, colour in enumerate(("red", "green", "blue", "orange")):
        picture = Image.new("RGB", (256, 256), colour)
        ImageDraw.Draw(picture).ellipse((40 + 9 * number, 50, 200, 190 + 8 * number), fill="white")
        picture.save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"disc, {colour} background", encoding="utf-8")
    return folder


# One process for all: each command opens the data folder anew, and only torch is not loaded four times more.
_COMMANDS = """
import contextlib, io, json, sys
from calotype.__main__ import main
for line in sys.stdin:
    sys.argv[1:] = json.loads(line)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = main()
    print(json.dumps([code, said.getvalue()]), flush=True)
"""


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Runs one command of the terminal after the other in a process that has no network, and answers with its JSON."""
    command = [*_without_network(), sys.executable, "-c", _COMMANDS]
    environment = {**os.environ, "CALOTYPE_HOME": str(tmp_path / "home")}
    with (
        (tmp_path / "stderr.txt").open("w+b") as stderr,
        subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, stderr=stderr, text=True) as program,
    ):
        assert program.stdin is not None and program.stdout is not None
        stdin, stdout = program.stdin, program.stdout

        def run(*words: object) -> Any:
            stdin.write(json.dumps([*map(str, words), "--json"]) + "\n")
            stdin.flush()
            answer = stdout.readline()
            told = (tmp_path / "stderr.txt").read_text(errors="replace")
            assert answer, told
            code, said = json.loads(answer)
            assert code == 0, told
            return json.loads(said)

        yield run
        stdin.close()


@pytest.mark.slow
def test_that_a_checkpoint_in_one_file_learns_and_draws_without_a_network(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    model = call("models", "add", _checkpoint(tmp_path / "dream.safetensors"))["id"]
    call("new", "Disc", "--kind", "style", "--trigger", "disc")
    call("import", "Disc", _pictures(tmp_path / "pictures"))

    short = {"batch_size": 1, "resolution_px": SIDE_PX, "preview_steps": 1}
    settings = [word for pair in short.items() for word in ("--set", "=".join(map(str, pair)))]
    trained = call("train", "Disc", "--model", model, "--steps", 1, *settings)
    exported = call("export", trained["run"], "--out", tmp_path / "disc.safetensors")
    drawn = call(
        "generate", "--prompt", "disc", "--model", model, "--lora", tmp_path / "disc.safetensors",
        "--size", f"{SIDE_PX}x{SIDE_PX}", "--steps", 1, "--out", tmp_path / "out",
    )  # fmt: skip

    assert trained["steps"] == 1
    assert exported["verified"]["layer_count"] == 192
    with Image.open(drawn["pictures"][0]["path"]) as picture:
        assert picture.size == (SIDE_PX, SIDE_PX)
        assert len(set(picture.get_flattened_data())) > 100
