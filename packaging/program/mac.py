"""Makes what people download for macOS: the app, signed if there is an identity for it, in a disk image.

Untested: nobody has run this on a Mac yet. Apple silicon and macOS 14 or newer, because of the wheels of torch.
CODESIGN_IDENTITY names the identity ("Developer ID Application: …"), NOTARY_PROFILE a profile of notarytool. Without
an identity the app is signed for this machine only: on others people open it with a right click the first time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from notices import LICENCES_NAME, SBOM_NAME
from release import Release

ENTITLEMENTS = Path(__file__).resolve().parent / "mac" / "entitlements.plist"
_FOR_THIS_MACHINE = "-"


def make_disk_image(release: Release, target: Path, scratch: Path) -> Path:
    """Write `Calotype-VERSION-macos-arm64.dmg`: the app, and a link to where it belongs."""
    app = release.program.with_name("Calotype.app")
    identity = os.environ.get("CODESIGN_IDENTITY", _FOR_THIS_MACHINE)
    for name in (LICENCES_NAME, SBOM_NAME):
        # They are made after the app, from what was really collected; the signature covers them.
        shutil.copyfile(release.program / name, app / "Contents" / "Resources" / name)
    _sign(app, identity)
    folder = scratch / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(app, folder / app.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    image = target / f"Calotype-{release.version}-macos-arm64.dmg"
    make = [
        "hdiutil",
        "create",
        "-volname",
        "Calotype",
        "-srcfolder",
        str(folder),
        "-format",
        "UDZO",
        "-ov",
        str(image),
    ]
    subprocess.run(make, check=True)
    if identity != _FOR_THIS_MACHINE:
        subprocess.run(["codesign", "--sign", identity, "--timestamp", image], check=True)
        _notarise(image)
    shutil.rmtree(folder)
    return image


def _sign(app: Path, identity: str) -> None:
    options = ["--force", "--deep", "--options", "runtime", "--entitlements", str(ENTITLEMENTS)]
    if identity != _FOR_THIS_MACHINE:
        options.append("--timestamp")
    subprocess.run(["codesign", *options, "--sign", identity, app], check=True)
    subprocess.run(["codesign", "--verify", "--deep", "--strict", app], check=True)


def _notarise(image: Path) -> None:
    profile = os.environ.get("NOTARY_PROFILE")
    if profile:
        subprocess.run(["xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait"], check=True)
        subprocess.run(["xcrun", "stapler", "staple", image], check=True)
