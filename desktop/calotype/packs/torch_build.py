"""Which torch lies in a folder, read from its files: importing it would take seconds."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from calotype.domain.graphics import TorchBuild, TorchKind


def torch_build(folders: Iterable[str | Path] | None = None) -> TorchBuild:
    """The torch that an import would find in these folders, by default those of this process."""
    for folder in sys.path if folders is None else folders:
        found = _values(Path(folder or ".") / "torch" / "version.py")
        if found:
            kinds = ((TorchKind.ROCM, found.get("hip")), (TorchKind.CUDA, found.get("cuda")))
            kind = next((kind for kind, version in kinds if version), TorchKind.CPU)
            return TorchBuild(str(found.get("__version__") or ""), kind)
    return TorchBuild()


def _values(path: Path) -> dict[str, object]:
    """The constants that a file of Python sets; nothing if it cannot be read."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    found: dict[str, object] = {}
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                found[target.id] = value.value
    return found
