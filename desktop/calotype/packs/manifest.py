"""Reads and writes `pack.json`, the list in which a GPU pack says what it is; nothing of it is trusted."""

from __future__ import annotations

import json
import platform
import re
import sys
from pathlib import PurePosixPath
from typing import Any

from calotype.domain.errors.packs import NotAPackError
from calotype.domain.graphics import TorchKind
from calotype.domain.packs import PackFile, PackManifest, is_pack_name

MANIFEST_NAME = "pack.json"
MOST_MANIFEST_BYTES = 20_000_000
SCHEMA = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


def parse_manifest(text: str | bytes, source: str) -> PackManifest:
    """The manifest in a `pack.json`. Raises NotAPackError, which names the `source`."""
    try:
        told = json.loads(text)
        if told["schema"] > SCHEMA:
            raise NotAPackError(source, "it was made for a newer version of Calotype")
        manifest = PackManifest(
            name=_named(told["name"]),
            kind=TorchKind(told["kind"]),
            torch_version=str(told["torch_version"]),
            python_abi=str(told["python_abi"]),
            platform=str(told["platform"]),
            minimum_driver=str(told.get("minimum_driver", "")),
            files=tuple(_file(path, each) for path, each in told["files"].items()),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotAPackError(source, f"its {MANIFEST_NAME} cannot be read") from error
    lowered = {file.path.lower() for file in manifest.files}
    if len(lowered) != len(manifest.files) or "torch/version.py" not in lowered:
        raise NotAPackError(source, f"its {MANIFEST_NAME} lists no torch, or a file twice")
    return manifest


def manifest_text(manifest: PackManifest) -> str:
    """The `pack.json` of a pack."""
    files = {file.path: {"size": file.size_bytes, "sha256": file.sha256} for file in manifest.files}
    told = {
        "schema": SCHEMA,
        "name": manifest.name,
        "kind": manifest.kind.value,
        "torch_version": manifest.torch_version,
        "python_abi": manifest.python_abi,
        "platform": manifest.platform,
        "minimum_driver": manifest.minimum_driver,
        "files": files,
    }
    return json.dumps(told, indent=1) + "\n"


def this_abi() -> str:
    """The Python of this program, as wheels name it: cp311."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def this_platform() -> str:
    """The system of this program: linux-x86_64, win32-amd64 or darwin-arm64."""
    return f"{sys.platform}-{platform.machine().lower()}"


def _file(path: str, told: dict[str, Any]) -> PackFile:
    """Raises ValueError for a path that would lie elsewhere."""
    pure = PurePosixPath(path)
    is_plain = str(pure) == path and not pure.is_absolute() and path.isprintable()
    if not is_plain or any(part == ".." or set(part) & set('\\:*?"<>|') for part in pure.parts):
        raise ValueError(path)
    size = told["size"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(path)
    return PackFile(path, size, _matching(_SHA256, told["sha256"]))


def _named(name: object) -> str:
    if not is_pack_name(name):
        raise ValueError(name)
    return str(name)


def _matching(pattern: re.Pattern[str], text: object) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(text)
    return text
