"""Makes the .deb: everything below /opt/calotype, a link in /usr/bin, and what desktops need. Nothing runs as root."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from dependencies import needed_packages
from desktop_files import place_desktop_files
from release import Release

# Level 9 takes half a minute on two cores; xz would save 4 % and take a quarter of an hour.
_COMPRESSION = ("-Zzstd", "-z9")
_CONTROL = """Package: calotype
Version: {version}
Section: graphics
Priority: optional
Architecture: {architecture}
Installed-Size: {installed_kib}
Maintainer: The Calotype authors <calotype@example.org>
Depends: {depends}
Recommends: ca-certificates, xdg-utils, libgl1-mesa-dri
Description: teach a Stable Diffusion model your own character, product or style
 Calotype trains LoRA files from a dozen pictures and says whether it helps.
 .
 This package holds everything, Python, PyTorch for the processor, Qt and a small
 model included, and needs no network. Data is kept in ~/.local/share/Calotype
 and stays when the package is removed.
"""


def make_deb(release: Release, target: Path, scratch: Path) -> Path:
    """Write `calotype_VERSION_ARCH.deb` into a folder and answer with its path."""
    root = scratch / "deb"
    shutil.rmtree(root, ignore_errors=True)
    # Hard links: another 800 MB would take longer to copy than to compress.
    shutil.copytree(release.program, root / "opt" / "calotype", symlinks=True, copy_function=os.link)
    link = root / "usr" / "bin" / "calotype"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/calotype/calotype")
    place_desktop_files(root / "usr" / "share", release.icons, release.version, release.date)
    licences = root / "usr" / "share" / "doc" / "calotype" / "copyright"
    licences.parent.mkdir(parents=True)
    os.link(release.program / "LICENCES.txt", licences)
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    _write_control(root, release, architecture)
    package = target / f"calotype_{release.version}_{architecture}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", *_COMPRESSION, "--build", root, package], check=True)
    shutil.rmtree(root)
    return package


def _write_control(root: Path, release: Release, architecture: str) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    control = _CONTROL.format(
        version=release.version,
        architecture=architecture,
        installed_kib=sum(-(-path.stat().st_size // 1024) for path in files),
        depends=", ".join(needed_packages(release.program)),
    )
    sums = [f"{_md5(path)}  {path.relative_to(root)}\n" for path in files]
    folder = root / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text(control, encoding="utf-8")
    (folder / "md5sums").write_text("".join(sums), encoding="utf-8")


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()  # what dpkg --verify compares
