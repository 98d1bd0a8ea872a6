"""The same package under an older version number, to install the real one over."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

OLD_FILE = "/opt/calotype/_internal/of-the-older-version"  # the newer one has none of that name


def as_older_version(package: Path, scratch: Path) -> Path:
    """Write `calotype-older.deb` into a folder, compressed quickly, and answer with its path."""
    root, older = scratch / "older", scratch / "calotype-older.deb"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["dpkg-deb", "--raw-extract", package, root], check=True)
    control = root / "DEBIAN" / "control"
    text = re.sub(r"^Version: .*$", "Version: 0.0.1~older", control.read_text(encoding="utf-8"), flags=re.MULTILINE)
    control.write_text(text, encoding="utf-8")
    (root / OLD_FILE.lstrip("/")).write_text("old\n", encoding="utf-8")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", root, older], check=True)
    shutil.rmtree(root)
    return older
