"""Build the package for the system that this runs on: `make package`.

    python packaging/program/build.py [--program-only]

Makes an environment from constraints.txt, the folder of the program from that, and from the folder what people
install, in dist/. Needs a network only for the environment.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from needs import missing_packages
from platforms import MAKERS
from release import Release

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD, DIST = ROOT / "build" / "package", ROOT / "dist"
# Where torch without graphics cards comes from on Linux, if the indexes that pip knows do not have it.
_PROCESSOR_TORCH = "https://download.pytorch.org/whl/cpu"


def main() -> None:
    """Build everything, or only the folder of the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program-only", action="store_true", help="stop when the folder of the program is there")
    is_program_only = parser.parse_args().program_only
    missing = missing_packages()
    if missing:
        sys.exit(f"The build needs packages that are not here. Install them: sudo apt-get install {' '.join(missing)}")
    begun_at = time.monotonic()
    os.environ.pop("PYTHONPATH", None)  # what it names would go into the package
    os.environ["SOURCE_DATE_EPOCH"] = str(_commit_time())
    python = _environment()
    _install_calotype(python)
    subprocess.run([python, HERE / "assemble.py"], check=True)
    made = [] if is_program_only else make_packages()
    for path in made:
        sys.stdout.write(f"{path.stat().st_size / 1e6:.0f} MB  {path.relative_to(ROOT)}\n")
    sys.stdout.write(f"Built in {time.monotonic() - begun_at:.0f} s\n")


def make_packages() -> list[Path]:
    """What people download for this system, and its list of parts, from the folder of the program."""
    DIST.mkdir(exist_ok=True)
    date = time.strftime("%Y-%m-%d", time.gmtime(_commit_time()))
    release = Release(BUILD / "calotype", BUILD / "icons", version(), date)
    made = MAKERS[sys.platform](release, DIST, BUILD)
    parts = DIST / f"Calotype-{release.version}-{sys.platform}.cdx.json"
    shutil.copyfile(release.program / "sbom.cdx.json", parts)
    return [*made, parts]


def version() -> str:
    """The version as the source says it; the same source makes the same names."""
    text = (ROOT / "desktop" / "calotype" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found is not None
    return found[1]


def _environment() -> Path:
    """The interpreter of an environment with exactly what constraints.txt names, made anew when that changes."""
    folder = BUILD / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = b"".join((ROOT / name).read_bytes() for name in ("constraints.txt", "pyproject.toml"))
    stamp = folder / "made-from.txt"
    digest = hashlib.sha256(wanted + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    _install_processor_torch(python)
    _install(python, ".[package,raw]")
    stamp.write_text(digest, encoding="utf-8")
    return python


def _install_processor_torch(python: Path) -> None:
    pinned = re.search(r"^torch==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned is not None
    if sys.platform != "linux":
        return  # the ordinary wheels of the other systems are for processors
    wanted = f"torch=={pinned[1]}+cpu"
    if _install(python, wanted, is_attempt=True) != 0:
        _install(python, wanted, "--extra-index-url", _PROCESSOR_TORCH)


def _install_calotype(python: Path) -> None:
    """Our own code as people get it: a wheel, not a link to the source."""
    _install(python, "--no-deps", "--force-reinstall", ".")


def _install(python: Path, *what: str, is_attempt: bool = False) -> int:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, "-c", "constraints.txt", *what], cwd=ROOT, check=not is_attempt).returncode


def _commit_time() -> int:
    """When the source was committed, in seconds: the only date that a build writes anywhere."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    answer = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(answer.stdout) if answer.returncode == 0 else int((ROOT / "CHANGELOG.md").stat().st_mtime)


if __name__ == "__main__":
    main()
