"""A Debian without anything: no Python, no network, a user whose home has spaces and letters of other alphabets."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = "/home/Zoë Müller 猫"
USER_ID = 1000
_MIRROR = "http://deb.debian.org/debian"
# Mounts last as long as the process that they were made for, and so does the world without a network.
_ENTER = """
set -e
mount --rbind /dev {root}/dev
mount -t proc proc {root}/proc
mount -t sysfs sysfs {root}/sys 2>/dev/null || true
mkdir -p -m 1777 /tmp/.X11-unix {root}/tmp/.X11-unix
mount --bind /tmp/.X11-unix {root}/tmp/.X11-unix
if [ -e /dev/fuse ]; then
  # Open to everybody, as udev makes it on a desktop; where nobody runs udev it is root's, and nothing is mounted.
  [ -e {root}/run/fuse ] || mknod -m 666 {root}/run/fuse c 10 229
  mount --bind {root}/run/fuse {root}/dev/fuse
fi
if [ -e {root}/srv/card ]; then
  # A graphics card that is only listed, where systems list theirs.
  mount --bind {root}/srv/card/devices {root}/sys/bus/pci/devices
  mount --bind {root}/srv/card/driver {root}/proc/driver
fi
exec chroot {user} {root} /usr/bin/env -i {environment} {command}
"""


@dataclass(frozen=True, slots=True)
class CleanRoot:
    """A folder that is the whole file system for what runs in it."""

    folder: Path

    def command(
        self,
        words: Sequence[str],
        extra: Mapping[str, str] | None = None,
        *,
        as_root: bool = False,
        network: bool = False,
    ) -> list[str]:
        """What to start from outside so that `words` run inside, by default as the user and without a network."""
        environment = {
            "HOME": "/root" if as_root else HOME,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **(extra or {}),
        }
        script = _ENTER.format(
            root=shlex.quote(str(self.folder)),
            user="" if as_root else f"--userspec={USER_ID}:{USER_ID}",
            environment=" ".join(shlex.quote(f"{name}={value}") for name, value in environment.items()),
            command=shlex.join(words),
        )
        worlds = ["--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        return ["unshare", *worlds, "sh", "-c", script]

    def run(
        self,
        *words: str,
        extra: Mapping[str, str] | None = None,
        as_root: bool = False,
        network: bool = False,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside and wait. Raises CleanRootError with what it said if it fails, unless told not to."""
        finished = subprocess.run(
            self.command(words, extra, as_root=as_root, network=network), capture_output=True, text=True, check=False
        )
        if check and finished.returncode != 0:
            raise CleanRootError(
                f"{shlex.join(words)} ended with {finished.returncode}:\n{finished.stdout}{finished.stderr}"
            )
        return finished

    def inside(self, path: str) -> Path:
        """Where a path of the inside is, seen from outside."""
        return self.folder / path.lstrip("/")

    @property
    def home(self) -> Path:
        """The user's home, seen from outside."""
        return self.inside(HOME)

    @property
    def card(self) -> Path:
        """What is said of a graphics card inside, seen from outside; without this folder there is none."""
        return self.inside("/srv/card")


class CleanRootError(RuntimeError):
    """A command inside failed."""


def make_clean_root(folder: Path) -> CleanRoot:
    """A new root in this folder; the download of it is kept beside it for the next time. Needs the rights of root."""
    base = folder.with_name("debian-base")
    if not (base / "etc" / "debian_version").exists():
        shutil.rmtree(base, ignore_errors=True)
        mirror = os.environ.get("DEBIAN_MIRROR", _MIRROR)
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", str(base), mirror]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", base, folder], check=True)
    root = CleanRoot(folder)
    assert not list(folder.glob("usr/bin/python*")), "the root is not clean: it has a Python"
    with root.inside("/etc/passwd").open("a", encoding="utf-8") as file:
        file.write(f"zoe:x:{USER_ID}:{USER_ID}::{HOME}:/bin/sh\n")
    with root.inside("/etc/group").open("a", encoding="utf-8") as file:
        file.write(f"zoe:x:{USER_ID}:\n")
    root.home.mkdir(parents=True)
    os.chown(root.home, USER_ID, USER_ID)
    root.inside("/etc/mtab").symlink_to("/proc/self/mounts")  # as every system has it that was not made by debootstrap
    shutil.copyfile("/etc/resolv.conf", root.inside("/etc/resolv.conf"))
    return root


def install_dependencies(root: CleanRoot, package: Path) -> int:
    """Download what a .deb depends on, then install that alone, without a network; answer with how many there are."""
    place = root.inside("/var/cache/apt/archives")
    shutil.copyfile(package, root.inside("/var/local/calotype.deb"))
    root.run("apt-get", "update", as_root=True, network=True)
    wanted = ("--yes", "--no-install-recommends", "--download-only")
    root.run("apt-get", "install", *wanted, "/var/local/calotype.deb", as_root=True, network=True)
    root.inside("/var/local/calotype.deb").unlink()
    for path in place.glob("calotype_*.deb"):
        path.unlink()
    downloaded = len(list(place.glob("*.deb")))
    root.run("sh", "-c", "dpkg --install /var/cache/apt/archives/*.deb", as_root=True)
    root.run("apt-get", "clean", as_root=True)
    return downloaded
