"""What a build on Debian or Ubuntu needs from the system, asked before the first minute of work."""

from __future__ import annotations

import shutil
import subprocess
import sys

PACKAGES = (
    "python3-venv",  # the environment that the program is collected from
    "binutils",  # strip, objdump
    "dpkg-dev",
    "squashfs-tools",
    # The first part of the AppImage is compiled and linked with these.
    "gcc",
    "libc6-dev",
    "libfuse3-dev",
    "libsquashfuse-dev",
    "zlib1g-dev",
    "liblzma-dev",
    "libzstd-dev",
    # What Qt's plugins link to and a bare Debian lacks; they are copied into the package.
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libegl1",
    "libgl1",
    # What the package leaves to the user's system: the names of their packages, for `Depends`, are asked from this one.
    "libdbus-1-3",
    "libfontconfig1",
    "libfreetype6",
    "libglib2.0-0",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libx11-xcb1",
    "libxcb-glx0",
)


def missing_packages(wanted: tuple[str, ...] = PACKAGES) -> list[str]:
    """Those that are not installed; none on a system where dpkg cannot tell."""
    if sys.platform != "linux" or shutil.which("dpkg-query") is None:
        return []
    answer = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted],
        capture_output=True,
        text=True,
        check=False,  # it fails if it never heard of one of them
    )
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]
