"""Makes what people download for Windows: an installer that asks for no administrator, and a zip to unpack anywhere.

Untested: nobody has run this on a Windows yet. It needs Inno Setup 6.3 (`iscc` on the path).
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

from release import Release

SCRIPT = Path(__file__).resolve().parent / "windows" / "calotype.iss"
_PORTABLE = "While this file lies here, Calotype keeps everything beside it. Remove it to use your own folder.\n"


def make_installer(release: Release, target: Path) -> Path:
    """Write `Calotype-VERSION-setup.exe`. Its size is not limited to 2 GB, as one of NSIS would be."""
    values = {"Version": release.version, "Program": release.program, "Icons": release.icons, "Output": target}
    compiler = shutil.which("iscc") or "iscc"
    subprocess.run([compiler, *(f"/D{name}={value}" for name, value in values.items()), SCRIPT], check=True)
    return target / f"Calotype-{release.version}-setup.exe"


def make_zip(release: Release, target: Path) -> Path:
    """Write `Calotype-VERSION-windows.zip`, which keeps data beside the program, such as on a stick."""
    package = target / f"Calotype-{release.version}-windows.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(release.program.rglob("*")):
            archive.write(path, Path("Calotype", path.relative_to(release.program)))
        archive.writestr("Calotype/portable.txt", _PORTABLE)
    return package
