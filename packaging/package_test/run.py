"""Install the packages in dist/ into a clean Debian and see whether they work: `make package-test`.

    sudo python packaging/package_test/run.py [--only deb|appimage] [--checks NAME NAME …]

Needs the rights of root, debootstrap, Xvfb, xdotool, Weston and strace, and a network for Debian's packages; Calotype
itself runs without one. What was seen is in build/package-test/: results.json, pictures of the window and of the demo.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import checks
import data_checks
import pack_checks
from checks import Subject
from clean_root import CleanRoot, install_dependencies, make_clean_root
from older import OLD_FILE, as_older_version
from screen import screen

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "package-test"
_TOOLS = ("debootstrap", "Xvfb", "xdotool", "weston", "strace", "unshare", "dpkg-deb")
_TOOL_PACKAGES = "debootstrap xvfb xdotool weston strace"
_SCREEN = 77
_DEB, _APPIMAGE = "calotype_*.deb", "Calotype-*.AppImage"


def main() -> None:
    """Run what was asked for; ends with 1 at the first check that fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("deb", "appimage"))
    parser.add_argument("--checks", nargs="+", metavar="NAME", default=[], help="of what is installed, these alone")
    asked = parser.parse_args()
    only, wanted = asked.only, frozenset(asked.checks)
    _say_what_is_missing()
    begun_at = time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, object] = {}
    root = make_clean_root(WORK / "root")
    # The AppImage takes the same libraries from the system.
    _check("what it needs can be installed", lambda: f"{install_dependencies(root, _newest(_DEB))} packages of Debian")
    with screen(_SCREEN) as name:
        if only != "appimage":
            figures |= _test_deb(Subject(root, "/usr/bin/calotype", name, WORK, wanted))
        if only != "deb":
            image = Subject(root, _place_appimage(root), name, WORK, wanted)
            figures |= _test_appimage(image, is_after_deb=only is None)
    figures["package_test_s"] = round(time.monotonic() - begun_at)
    (WORK / "results.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    shutil.rmtree(root.folder)


def _test_deb(subject: Subject) -> dict[str, object]:
    root, package = subject.root, _newest(_DEB)
    subject.figures["deb_MB"] = round(package.stat().st_size / 1e6)
    if subject.wanted:
        _check("it installs", lambda: _install(root, package))
    else:
        _test_update(subject, package)
    subject.figures["installed_MB"] = round(_bytes_below(root.inside("/opt/calotype")) / 1e6)
    _check("every library is found", lambda: _libraries(root))
    for check in (
        data_checks.keeps_its_data,
        data_checks.keeps_its_settings,
        data_checks.leaves_data_of_a_newer_version_alone,
        checks.passes_its_selftest,
        checks.greets_once,
        checks.opens_its_window,
        checks.opens_on_wayland,
        checks.opens_no_connection,
        checks.says_that_there_is_no_screen,
        checks.reads_pictures_of_phones_and_cameras,
        checks.gives_a_second_start_to_its_window,
        checks.refuses_a_folder_that_it_may_not_write,
        data_checks.works_below_long_names,
        checks.trains_and_draws,
        pack_checks.takes_torch_from_a_pack,
        checks.notices_half_a_copy,
    ):
        _check_of(check, subject)
    if subject.wanted:
        return subject.figures
    if list((ROOT / "dist").glob(_APPIMAGE)):
        second = _place_appimage(root)
        _check("a second copy works beside it", lambda: data_checks.shares_its_data_with_a_second_copy(subject, second))
    _check("it goes and leaves the data", lambda: _remove(subject))
    return subject.figures


def _test_update(subject: Subject, package: Path) -> None:
    _check("an older version installs", lambda: _install(subject.root, as_older_version(package, WORK)))
    for check in (data_checks.works_in_other_languages, data_checks.has_settings, checks.passes_its_selftest):
        _check_of(check, subject)
    _check("this version installs over it", lambda: _install(subject.root, package))
    _check("nothing of the older version is left", lambda: _nothing_old(subject.root))


def _test_appimage(subject: Subject, *, is_after_deb: bool) -> dict[str, object]:
    subject.figures["appimage_MB"] = round(_newest(_APPIMAGE).stat().st_size / 1e6)
    # Without the helper that mounts, it unpacks itself; with it, it must leave no mount behind.
    _check_of(checks.passes_its_selftest, subject, "AppImage, unpacked")
    subject.figures["selftest_unpacked_s"] = subject.figures.pop("selftest_s", None)
    subject.root.run("apt-get", "install", "--yes", "--no-install-recommends", "fuse3", as_root=True, network=True)
    for check in (
        checks.mounts_itself,
        *([data_checks.keeps_its_data] if is_after_deb else []),
        checks.passes_its_selftest,
        checks.opens_its_window,
        checks.trains_and_draws,
        # For the same code as in the .deb, and the second takes minutes: only when they are asked for.
        *([checks.greets_once, pack_checks.takes_torch_from_a_pack] if subject.wanted else []),
        checks.leaves_nothing_mounted,
    ):
        _check_of(check, subject, "AppImage, mounted")
    subject.figures["selftest_mounted_s"] = subject.figures.pop("selftest_s", None)
    return subject.figures


def _place_appimage(root: CleanRoot) -> str:
    place = "/var/tmp/Calotype.AppImage"
    shutil.copy2(_newest(_APPIMAGE), root.inside(place))
    root.inside(place).chmod(0o755)
    return place


def _check_of(check: Callable[[Subject], str], subject: Subject, of: str = "") -> None:
    if subject.wanted and check.__name__ not in subject.wanted:
        return
    _check(f"{of + ': ' if of else ''}it {check.__name__.replace('_', ' ')}", lambda: check(subject))


def _check(what: str, look: Callable[[], str]) -> None:
    begun_at = time.monotonic()
    try:
        seen = look()
    except (AssertionError, subprocess.SubprocessError, RuntimeError) as error:
        sys.exit(f"FAILED  {what}\n{error}")
    sys.stdout.write(f"ok  {what} ({time.monotonic() - begun_at:.1f} s): {seen}\n")
    sys.stdout.flush()


def _install(root: CleanRoot, package: Path) -> str:
    shutil.copyfile(package, root.inside("/var/local/calotype.deb"))
    root.run("dpkg", "--install", "/var/local/calotype.deb", as_root=True)
    root.inside("/var/local/calotype.deb").unlink()
    changed = root.run("dpkg", "--verify", "calotype", as_root=True).stdout
    assert not changed, changed
    return root.run("dpkg-query", "--show", "calotype").stdout.strip()


def _nothing_old(root: CleanRoot) -> str:
    assert not root.inside(OLD_FILE).exists(), f"{OLD_FILE} is still there"
    return "its own file is gone"


def _remove(subject: Subject) -> str:
    subject.root.run("dpkg", "--purge", "calotype", as_root=True)
    left = [path for path in ("/opt/calotype", "/usr/bin/calotype") if os.path.lexists(subject.root.inside(path))]
    assert not left, left
    data = subject.root.home / ".local" / "share" / "Calotype" / "projects"
    assert any(data.iterdir()), "the projects are gone"
    return f"{len(list(data.iterdir()))} projects in {data.relative_to(subject.root.folder)}"


def _libraries(root: CleanRoot) -> str:
    """What the dynamic linker says of everything that the program loads by itself, inside.

    Not of libraries in the folders of wheels: some find each other only through who loads them.
    """
    script = (
        "cd /opt/calotype && LD_LIBRARY_PATH=$PWD/_internal find . -type f -not -path '*.libs/*' "
        "\\( -name '*.so*' -o -name calotype \\) -exec ldd {} + 2>&1"
    )
    said = root.run("sh", "-c", script).stdout
    assert "not found" not in said, [line for line in said.splitlines() if "not found" in line]
    return f"{said.count('linux-vdso')} files"


def _newest(pattern: str) -> Path:
    found = sorted((ROOT / "dist").glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit(f"There is no dist/{pattern}. Build it with: make package")
    return found[-1]


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _say_what_is_missing() -> None:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"This test needs {', '.join(missing)}. On Debian: sudo apt-get install {_TOOL_PACKAGES}")
    if os.geteuid() != 0:
        sys.exit("This test makes a root of its own and enters it, which only root may do: sudo make package-test")


if __name__ == "__main__":
    main()
