"""Makes the AppImage: one file that runs on any Linux without being installed. It begins with `appimage/runtime.c`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from desktop_files import place_desktop_files
from release import Release

_RUNTIME = Path(__file__).resolve().parent / "appimage" / "runtime.c"
# The static libraries of Debian that it is linked with, in the order in which the linker wants them.
_LINKED = ("squashfuse_ll", "squashfuse", "fuse3", "z", "lzma", "zstd")
_MAGIC = b"AI\x02"  # at byte 8 of the file: an AppImage of type 2
# A block is unpacked as a whole: larger ones make a smaller file and a slower start.
_COMPRESSION = ("-comp", "zstd", "-Xcompression-level", "15", "-b", "128K")
# Every start reads all of these, and unpacking them anew took a quarter of it; 30 MB more are the price.
_READ_AT_START = (
    "libpython3.*",
    "base_library.zip",
    "libQt6Core.so.6",
    "libQt6Gui.so.6",
    "libQt6Widgets.so.6",
    "libQt6XcbQpa.so.6",
    "libQt6DBus.so.6",
    "QtCore.abi3.so",
    "QtGui.abi3.so",
    "QtWidgets.abi3.so",
)


def make_appimage(release: Release, target: Path, scratch: Path) -> Path:
    """Write `Calotype-VERSION-MACHINE.AppImage` into a folder and answer with its path."""
    folder = scratch / "AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(release.program, folder / "opt" / "calotype", symlinks=True, copy_function=os.link)
    (folder / "AppRun").symlink_to("opt/calotype/calotype")
    place_desktop_files(folder / "usr" / "share", release.icons, release.version, release.date)
    shutil.copyfile(folder / "usr" / "share" / "applications" / "calotype.desktop", folder / "calotype.desktop")
    shutil.copyfile(release.icons / "256.png", folder / "calotype.png")
    (folder / ".DirIcon").symlink_to("calotype.png")
    runtime, image = scratch / "runtime", scratch / "image.squashfs"
    build_runtime(runtime)
    image.unlink(missing_ok=True)
    squash = [
        "mksquashfs",
        str(folder),
        str(image),
        *_COMPRESSION,
        *(word for name in _READ_AT_START for word in ("-action", f"uncompressed@name({name})")),
        "-root-owned",
        "-no-xattrs",
        "-no-progress",
        "-quiet",
    ]
    subprocess.run(squash, check=True)
    package = target / f"Calotype-{release.version}-{os.uname().machine}.AppImage"
    _join(runtime, image, package)
    shutil.rmtree(folder)
    image.unlink()
    return package


def build_runtime(target: Path) -> None:
    """Compile the first part, static, so that it needs nothing from the system that it starts on."""
    flags = ["-Os", "-s", "-Wall", "-Wextra", "-static", "-D_FILE_OFFSET_BITS=64", "-DFUSE_USE_VERSION=32"]
    libraries = [*(f"-l{name}" for name in _LINKED), "-lpthread", "-ldl"]
    headers = ["-include", "squashfuse/config.h", "-I/usr/include/squashfuse"]
    command = ["gcc", *flags, *headers, "-o", str(target), str(_RUNTIME), *libraries]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    # The linker warns of a dlopen in libfuse that mounting an image never reaches.
    assert finished.returncode == 0, finished.stderr


def static_libraries() -> list[Path]:
    """The files that become a part of an AppImage without being in its folder; their licences are told as well."""
    answers = [
        subprocess.run(["gcc", f"-print-file-name=lib{name}.a"], capture_output=True, text=True, check=True).stdout
        for name in (*_LINKED, "c")
    ]
    return [Path(answer.strip()).resolve() for answer in answers]


def _join(runtime: Path, image: Path, package: Path) -> None:
    with package.open("wb") as file:
        for part in (runtime, image):
            with part.open("rb") as opened:
                shutil.copyfileobj(opened, file, 1 << 20)
        file.seek(8)
        file.write(_MAGIC)
    package.chmod(0o755)
