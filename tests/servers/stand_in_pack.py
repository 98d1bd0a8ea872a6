"""Stand-ins for the torch of a graphics card: the torch of this environment under another version, in a pack."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import calotype

ROOT = Path(calotype.__file__).resolve().parents[2]
MakePack = Callable[..., Path]
# Runs the code of the real torch under the name of the pack's one. Its parts come from the real folder.
_STAND_IN = """
__path__, __file__ = [{folder!r}], {folder!r} + "/__init__.py"
with open({folder!r} + "/__init__.py", encoding="utf-8") as _file:
    exec(compile(_file.read(), {folder!r} + "/__init__.py", "exec"))
__version__ = {version!r}
"""
# As much of torch as a trial asks for: what tests of files and of the window need.
_SMALL = """
class cuda:
    is_available = staticmethod(lambda: False)

class _Tensor:
    sum = item = lambda self: self

ones = matmul = lambda *arguments, **named: _Tensor()
"""


@pytest.fixture(scope="session")
def own_torch() -> Path:
    """The folder of the torch that tests run with."""
    spec = importlib.util.find_spec("torch")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture
def make_pack(tmp_path: Path, own_torch: Path) -> MakePack:
    """Packs a stand-in with the real builder: a few lines, or with `is_real` the torch of this environment.

    `code` takes the place of its torch, `lines` are added to its version, `manifest` edits what the pack says.
    """
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        import gpu_pack
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    from calotype.packs.torch_build import torch_build

    number = torch_build().version.partition("+")[0]

    def make(name: str = "stand-in", driver: str = "", lines: str = "", manifest: object = None, **torch: Any) -> Path:
        packages = tmp_path / f"packages of {name}"
        (packages / "torch").mkdir(parents=True)
        version = f"{number}+standin"
        real = _STAND_IN.format(folder=str(own_torch), version=version)
        text = torch.get("code") or (real if torch.get("is_real") else _SMALL)
        (packages / "torch" / "__init__.py").write_text(text, encoding="utf-8")
        (packages / "torch" / "version.py").write_text(f"__version__ = {version!r}\n{lines}", encoding="utf-8")
        library = own_torch / "lib" / "libtorch_global_deps.so"
        (packages / "nvidia").mkdir()
        if library.is_file():
            shutil.copy(library, packages / "nvidia" / "small.so")
        (packages / "nvidia" / "large.so").write_bytes(bytes(range(256)) * 4000)
        (packages / "numpy").mkdir()
        (packages / "numpy" / "__init__.py").write_text("raise ImportError('not this one')", encoding="utf-8")
        out = tmp_path / f"{name}.calopack"
        gpu_pack.make_pack(packages, name, driver, out)
        if manifest is not None:
            _change_manifest(out, manifest)
        return out

    return make


def _change_manifest(pack: Path, change: Any) -> None:
    import zipfile

    with zipfile.ZipFile(pack) as archive:
        contents = {info.filename: archive.read(info) for info in archive.infolist()}
    contents["pack.json"] = json.dumps({**json.loads(contents["pack.json"]), **change}).encode()
    with zipfile.ZipFile(pack, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
