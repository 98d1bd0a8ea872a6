"""Makes a GPU pack: one file with the torch of a graphics card, to be added in Settings.

At build time, on the system that the pack is for, with the Python of the package:

    pip install --target packages --no-compile torch==2.13.0 --index-url https://download.pytorch.org/whl/cu130
    python packaging/gpu_pack.py packages --name cuda-13.0 --minimum-driver 580.65 --out calotype-cuda-13.0.calopack

Only torch and what belongs to a graphics card is taken; what torch needs besides is in the program already, in the
versions that it was tested with.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from calotype.domain.graphics import TorchKind
from calotype.domain.packs import PackFile, PackManifest
from calotype.packs.manifest import MANIFEST_NAME, manifest_text, parse_manifest, this_abi, this_platform
from calotype.packs.torch_build import torch_build

_TAKEN = re.compile(
    r"(torch|torchgen|functorch|nvidia|triton|pytorch_triton_rocm|cuda|cuda_bindings|cuda_pathfinder|cuda_core"
    r"|(torch|nvidia|triton|pytorch_triton_rocm|cuda)[A-Za-z0-9_]*-[^/]*\.dist-info)(/|$)"
)
# Headers and tests of torch are for those who build with it, and a compiled file belongs to the Python that made it.
_LEFT_OUT = re.compile(
    r"(^|/)__pycache__(/|$)|^torch/(test|include|share)/|^torch/bin/(?!torch_shm_manager)|\.(a|lib|pyc)$"
)
_SAME_TIME = (2020, 1, 1, 0, 0, 0)  # in every pack, so that the same packages give the same file
_PIECE_BYTES = 1 << 20


def main() -> int:
    """Make the pack that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", type=Path, help="the folder that pip --target filled")
    parser.add_argument("--name", required=True, help="as cuda-13.0; also the name of its folder")
    parser.add_argument("--minimum-driver", default="", help="the oldest driver that it works with, as 580.65")
    parser.add_argument("--out", type=Path, required=True, help="the .calopack file to write")
    parser.add_argument("--uncompressed", action="store_true", help="made as quickly as a copy, and much larger")
    asked = parser.parse_args()
    manifest = make_pack(
        asked.packages, asked.name, asked.minimum_driver, asked.out, is_compressed=not asked.uncompressed
    )
    size = asked.out.stat().st_size
    print(f"{asked.out}: {manifest.kind.value}, torch {manifest.torch_version}, {len(manifest.files)} files")
    print(f"{manifest.size_bytes / 1e6:.0f} MB unpacked, {size} bytes packed, sha256 {_sha256(asked.out)}")
    return 0


def make_pack(packages: Path, name: str, minimum_driver: str, out: Path, *, is_compressed: bool = True) -> PackManifest:
    """Write a pack of the packages in a folder, and say what is in it.

    Raises SystemExit if there is no torch in the folder, or one for a card without the oldest driver for it.
    """
    build = torch_build([packages])
    if not build.version:
        raise SystemExit(f"{packages} holds no torch")
    if build.kind is TorchKind.CUDA and not minimum_driver:
        raise SystemExit("a pack for NVIDIA cards needs --minimum-driver, which the release notes of CUDA name")
    files = tuple(
        PackFile(path, (packages / path).stat().st_size, _sha256(packages / path)) for path in _taken(packages)
    )
    manifest = PackManifest(name, build.kind, build.version, this_abi(), this_platform(), minimum_driver, files)
    text = manifest_text(manifest)
    parse_manifest(text, out.name)  # what the program would refuse is not written
    method = zipfile.ZIP_DEFLATED if is_compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method, allowZip64=True) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME, _SAME_TIME), text, method)
        for file in files:
            info = zipfile.ZipInfo(file.path, _SAME_TIME)
            info.compress_type, info.file_size = method, file.size_bytes
            with (packages / file.path).open("rb") as reading, archive.open(info, "w") as writing:
                while piece := reading.read(_PIECE_BYTES):
                    writing.write(piece)
    return manifest


def _taken(packages: Path) -> Iterator[str]:
    for path in sorted(packages.rglob("*")):
        name = path.relative_to(packages).as_posix()
        if path.is_file() and _TAKEN.match(name) and not _LEFT_OUT.search(name):
            yield name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
