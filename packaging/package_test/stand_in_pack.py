"""A GPU pack without a GPU: the same torch under another version, to see that the package loads it from there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "stand-in"
VERSION_SUFFIX = "+standin"


def make_stand_in_pack(scratch: Path) -> Path:
    """Write a pack of the torch that the package was built with, and answer with its path."""
    site = next((ROOT / "build" / "package" / "venv").glob("lib/python*/site-packages"))
    packages, pack = scratch / "packages", scratch / f"{NAME}.calopack"
    shutil.rmtree(packages, ignore_errors=True)
    for name in ("torch", "torchgen", "functorch", *(path.name for path in site.glob("torch-*.dist-info"))):
        leave_out = shutil.ignore_patterns("test", "include", "__pycache__")
        shutil.copytree(site / name, packages / name, ignore=leave_out)
    version = packages / "torch" / "version.py"
    text = version.read_text(encoding="utf-8")
    version.write_text(re.sub(r"(?<=\d)\+cpu", VERSION_SUFFIX, text), encoding="utf-8")
    words = [str(ROOT / "packaging" / "gpu_pack.py"), str(packages), "--name", NAME, "--out", str(pack)]
    source = os.pathsep.join(str(ROOT / name) for name in ("desktop", "resources"))
    subprocess.run([sys.executable, *words], env={**os.environ, "PYTHONPATH": source}, check=True, capture_output=True)
    shutil.rmtree(packages)
    return pack
