"""Another build of the package's torch: that for NVIDIA cards, which computes on the processor where there is none.

It is the one that PyPI has under the plain version number. Its compiler, its libraries and its flags are others than
those of the build in the package, which is for processors alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Where `import torch` on the processor loads nothing from: the compiler of kernels, and bindings for Python.
_NOT_LOADED = ("triton", "cuda")
_WHOLE = "fetched.txt"  # written last


def fetch_other_torch(version: str, place: Path) -> str:
    """Download torch of this version into a folder, without what a processor never loads; empty, or why not.

    What is there already is kept for the next time.
    """
    if (place / _WHOLE).is_file() and (place / _WHOLE).read_text(encoding="utf-8") == version:
        return ""
    shutil.rmtree(place, ignore_errors=True)
    # Three equals signs: the build for processors, 2.13.0+cpu, would be the same version to two.
    words = ["install", "--target", str(place), "--no-compile", "--only-binary", ":all:", f"torch==={version}"]
    surroundings = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    fetched = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        shutil.rmtree(place, ignore_errors=True)
        said = fetched.stderr.splitlines()
        return next((line for line in said if line.startswith("ERROR:")), "pip said nothing").removeprefix("ERROR: ")
    for name in _NOT_LOADED:
        shutil.rmtree(place / name, ignore_errors=True)
    needed = _needed(place)
    for library in (place / "nvidia").rglob("*.so*"):
        if library not in needed:
            library.unlink()
    (place / _WHOLE).write_text(version, encoding="utf-8")
    return ""


def _needed(place: Path) -> set[Path]:
    """The libraries of NVIDIA that the linker loads with torch's own; a card would load some more when it is used."""
    known = {path.name: path for path in (place / "nvidia").rglob("*.so*")}
    waiting = [path for path in (place / "torch").rglob("*.so*") if path.is_file()]
    found: set[Path] = set()
    while waiting:
        said = subprocess.run(["readelf", "-d", waiting.pop()], capture_output=True, text=True, check=True).stdout
        new = {known[name] for name in re.findall(r"\(NEEDED\).*\[(.*)\]", said) if name in known} - found
        found |= new
        waiting += new
    return found
