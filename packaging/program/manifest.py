"""Lists every file of the package with its size and SHA-256, so that a half-copied installation can be told."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

NAME = "manifest.json"


def write_manifest(folder: Path, version: str) -> int:
    """Write `manifest.json` into the folder of the program; answer with how many files it lists.

    {"version": …, "files": {"_internal/base_library.zip": {"size": bytes, "sha256": hex}, …}}, paths with slashes.
    """
    files = {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path != folder / NAME
    }
    text = json.dumps({"version": version, "files": files}, separators=(",", ":"), sort_keys=True)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return len(files)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
