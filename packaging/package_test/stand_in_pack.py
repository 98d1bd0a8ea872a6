"""A GPU pack on a computer without a GPU: another build of torch, to see that the package computes with that one.

The pack is a real one, as `packaging/gpu_pack.py` makes it of the torch for NVIDIA cards, its libraries with it. What
is stood in for is the card: `list_card` lets the system list one, with its driver, so that the program admits the
pack; nobody answers for it, and torch computes on the processor. Left out of the pack is what is loaded only when a
card computes.

Where that torch cannot be downloaded, the package's own one under another version number takes its place.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from clean_root import CleanRoot
from other_torch import fetch_other_torch

ROOT = Path(__file__).resolve().parents[2]
NAME = "stand-in"
_DRIVER = "580.65.06"
_VERSION_FILE, _LIBRARY = "torch/version.py", "torch/lib/libtorch_cpu.so"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A pack, its size, the version of its torch, and, if it is only the package's own one, why."""

    path: Path
    version: str
    bytes: int
    why_renamed: str


def make_stand_in_pack(scratch: Path) -> StandIn:
    """Write a pack into a folder, uncompressed."""
    site = next((ROOT / "build" / "package" / "venv").glob("lib/python*/site-packages"))
    own = _version(site)
    packages, pack = scratch / "other-torch", scratch / f"{NAME}.calopack"
    why = fetch_other_torch(own.partition("+")[0], packages)
    if why:
        packages = _renamed(site, scratch / "renamed-torch")
    else:
        assert (packages / _LIBRARY).read_bytes() != (site / _LIBRARY).read_bytes(), "it is the same build"
    words = [str(ROOT / "packaging" / "gpu_pack.py"), str(packages), "--name", NAME, "--out", str(pack)]
    words += ["--uncompressed", "--minimum-driver", _DRIVER]
    source = os.pathsep.join(str(ROOT / name) for name in ("desktop", "resources"))
    subprocess.run([sys.executable, *words], env={**os.environ, "PYTHONPATH": source}, check=True, capture_output=True)
    made = StandIn(pack, _version(packages), pack.stat().st_size, why)
    if why:
        shutil.rmtree(packages)
    return made


def list_card(root: CleanRoot) -> None:
    """Let what runs in a root find a card of NVIDIA with its driver where systems list them."""
    device, driver = root.card / "devices" / "0000:01:00.0", root.card / "driver" / "nvidia"
    for folder in (device / "nvidia", driver):
        folder.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n", encoding="ascii")
    (device / "class").write_text("0x030000\n", encoding="ascii")
    (device / "driver").symlink_to("nvidia")
    said = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {_DRIVER}  Sun Jul 27 07:18:37 UTC 2025\n"
    (driver / "version").write_text(said, encoding="ascii")


def _version(packages: Path) -> str:
    text = (packages / _VERSION_FILE).read_text(encoding="utf-8")
    found = re.search(r"^__version__ = '(.+)'$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def _renamed(site: Path, packages: Path) -> Path:
    shutil.rmtree(packages, ignore_errors=True)
    for name in ("torch", "torchgen", "functorch", *(path.name for path in site.glob("torch-*.dist-info"))):
        leave_out = shutil.ignore_patterns("test", "include", "__pycache__")
        shutil.copytree(site / name, packages / name, ignore=leave_out)
    version = packages / _VERSION_FILE
    text = version.read_text(encoding="utf-8")
    version.write_text(re.sub(r"(?<=\d)\+cpu", "+standin", text), encoding="utf-8")
    return packages
