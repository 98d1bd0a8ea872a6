"""Make the folder of the program in `build/package/calotype`. Runs in the environment that `build.py` makes for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from appimage import static_libraries
from icons import draw_icons
from manifest import write_manifest
from notices import write_notices
from projects import find_projects, outside_constraints

from calotype import __version__

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "package"
PROGRAM = BUILD / "calotype"


def assemble() -> None:
    """Draw the icons, collect, and write what the package says about itself. Raises SystemExit with what is wrong."""
    if torch.version.cuda is not None or torch.version.hip is not None:
        sys.exit(
            "This environment has a torch for graphics cards, 3 GB of it. The package carries the one for processors."
        )
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    draw_icons(BUILD / "icons")
    folders = ["--distpath", str(BUILD), "--workpath", str(BUILD / "work")]
    # The order of sets decides the order of files in the archive.
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
        *folders,
        str(HERE / "calotype.spec"),
    ]
    subprocess.run(command, check=True, env=environment)
    _strip_interpreter()
    collected = (BUILD / "collected.tsv").read_text(encoding="utf-8").splitlines()
    sources = {Path(source) for source in (line.split("\t")[2] for line in collected) if source not in ("", "-")}
    if sys.platform == "linux":
        sources.update(static_libraries())
    projects = find_projects(sources)
    stray = outside_constraints(projects, (HERE.parents[1] / "constraints.txt").read_text(encoding="utf-8"))
    if stray:
        sys.exit(f"The package would hold what constraints.txt does not name in this version: {', '.join(stray)}")
    write_notices(projects, __version__, PROGRAM)
    for path in PROGRAM.rglob("*"):
        # Whatever the umask of the person who builds: everyone may read the program.
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    count = write_manifest(PROGRAM, __version__)
    bytes_in_all = sum(path.stat().st_size for path in PROGRAM.rglob("*") if path.is_file())
    sys.stdout.write(f"{count} files, {bytes_in_all / 1e6:.0f} MB in {PROGRAM}\n")


def _strip_interpreter() -> None:
    """The interpreter's library as it was compiled here has 17 MB of symbols for debuggers."""
    if sys.platform == "linux" and shutil.which("strip"):
        for library in PROGRAM.glob("_internal/libpython*.so*"):
            subprocess.run(["strip", "--strip-unneeded", library], check=True)


if __name__ == "__main__":
    assemble()
