"""Which projects a build took files from: libraries of Python, packages of the build machine, the interpreter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Wheels that bring no text of their licence; these files are from the same projects, or the licence's own text.
_OWN_TEXTS = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "pi-heif": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "nvidia-ml-py": ("nvidia-ml-py.txt",),
    "tokenizers": ("Apache-2.0.txt",),
}
# Libraries of C++ that wheels for Windows expect of the system, where many computers lack them.
_MICROSOFT = re.compile(r"(msvcp|vcruntime|concrt|vcomp|vccorlib)140[a-z0-9_]*\.dll", re.IGNORECASE)
_LICENCE_FILE = re.compile(r"(^|[/_.-])(licen[cs]es?|copying|notice|authors)", re.IGNORECASE)


class UnknownOriginError(Exception):
    """A file of the build belongs to no project that can be named, or to one whose licence is not known."""


@dataclass(frozen=True, slots=True)
class Project:
    """Something by others (or by us) that the package holds files of.

    `texts` are its licences in full, each with the name of its file.
    """

    name: str
    version: str
    licence: str
    home: str
    purl: str  # https://github.com/package-url/purl-spec
    texts: tuple[tuple[str, str], ...]
    sboms: tuple[Path, ...] = ()  # what its wheel says about libraries inside it


def find_projects(sources: Iterable[Path]) -> list[Project]:
    """The projects that these files were copied from, by name. Raises UnknownOriginError."""
    owners = _owners()
    named: dict[str, Distribution] = {}
    system: set[Path] = set()
    for source in sources:
        path = source.resolve()
        owner = owners.get(path)
        if owner is not None:
            named[owner.metadata["Name"]] = owner
        elif not any(path.is_relative_to(home) for home in _own_places()):
            system.add(path)
    named.setdefault("pyinstaller", distribution("pyinstaller"))  # its bootloader is the program
    found = [_from_distribution(each) for each in named.values()]
    microsoft = {path for path in system if _MICROSOFT.fullmatch(path.name)}
    found += [_interpreter(), *_from_system(system - microsoft), *([_microsoft_runtime()] if microsoft else [])]
    unknown = [project.name for project in found if not project.licence or not project.texts]
    if unknown:
        raise UnknownOriginError(f"The licence of {', '.join(unknown)} is not known. Add its text to licences/.")
    return sorted(found, key=lambda project: project.name.lower())


def outside_constraints(projects: Iterable[Project], constraints: str) -> list[str]:
    """The libraries of Python that a list of pins does not name in just this version, with their versions."""
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", constraints, re.MULTILINE))
    allowed = {f"pkg:pypi/{_plain(name)}@{version}" for name, version in pins.items()}
    libraries = (project for project in projects if project.purl.startswith("pkg:pypi/") and project.name != "calotype")
    return [f"{library.name} {library.version}" for library in libraries if library.purl not in allowed]


def _owners() -> dict[Path, Distribution]:
    owners = {}
    for found in distributions():
        # Resolved once for each folder: asking the system about every one of 60,000 files takes seconds.
        site = Path(str(found.locate_file(""))).resolve()
        for file in found.files or ():
            owners[Path(os.path.normpath(site / file))] = found
    return owners


def _own_places() -> list[Path]:
    """Folders whose files need no further name: the interpreter's, and what the build itself made."""
    return [Path(sys.base_prefix).resolve(), HERE, HERE.parents[1] / "build"]


def _from_distribution(found: Distribution) -> Project:
    about = found.metadata
    name = _plain(about["Name"])
    files = [Path(str(found.locate_file(file))) for file in found.files or ()]
    folder = next(path.parent for path in files if path.name == "METADATA")
    below = [path for path in files if path.is_relative_to(folder)]
    texts = [path for path in below if _LICENCE_FILE.search(path.relative_to(folder).as_posix()) and path.is_file()]
    texts += [HERE / "licences" / text for text in _OWN_TEXTS.get(name, ())]
    return Project(
        name=about["Name"],
        version=found.version,
        licence=_licence(found),
        home=_home(found),
        purl=f"pkg:pypi/{name}@{found.version.split('+')[0]}",
        texts=tuple((path.name, path.read_text(encoding="utf-8", errors="replace")) for path in sorted(set(texts))),
        sboms=tuple(sorted(path for path in below if path.parent.name == "sboms")),
    )


def _plain(name: str) -> str:
    """The name of a library as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(found: Distribution) -> str:
    about = found.metadata
    said = _first(found, "License-Expression") or _first(found, "License")
    classified = [line.rsplit("::", 1)[1].strip() for line in about.get_all("Classifier") or () if "License ::" in line]
    # Some put the whole text into this field.
    return said.strip() if 0 < len(said.strip()) < 400 and "\n" not in said.strip() else ", ".join(classified)


def _home(found: Distribution) -> str:
    about = found.metadata
    addresses = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or () if ", " in line)
    wanted = ("Homepage", "homepage", "Source", "Source Code", "Repository", "repository")
    return _first(found, "Home-page") or next((addresses[name] for name in wanted if name in addresses), "")


def _first(found: Distribution, field: str) -> str:
    return next(iter(found.metadata.get_all(field) or ()), "")


def _interpreter() -> Project:
    version = ".".join(map(str, sys.version_info[:3]))
    library = Path(sys.base_prefix, "lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "LICENSE.txt")
    text = next(path for path in (library, Path(sys.base_prefix, "LICENSE.txt"), HERE / "licences") if path.is_file())
    read = (text.name, text.read_text(encoding="utf-8"))
    return Project("Python", version, "PSF-2.0", "https://www.python.org", f"pkg:generic/python@{version}", (read,))


def _microsoft_runtime() -> Project:
    text = HERE / "licences" / "microsoft-visual-cpp-runtime.txt"
    return Project(
        name="Microsoft Visual C++ runtime",
        version="14",
        licence="Microsoft Software License Terms, Distributable Code",
        home="https://learn.microsoft.com/cpp/windows/latest-supported-vc-redist",
        purl="pkg:generic/microsoft-visual-cpp-runtime@14",
        texts=((text.name, text.read_text(encoding="utf-8")),),
    )


def _from_system(paths: set[Path]) -> Iterator[Project]:
    """Packages of Debian or Ubuntu that own these files."""
    if paths and shutil.which("dpkg-query") is None:
        raise UnknownOriginError(f"Nobody here knows which project these files are of: {sorted(map(str, paths))}")
    packages = {_owning_package(path) for path in paths}
    for package in sorted(packages):
        shown = _run("dpkg-query", "--show", "--showformat=${Version}\t${Homepage}", package)
        version, home = shown.split("\t")
        text = Path("/usr/share/doc", package, "copyright").read_text(encoding="utf-8")
        names = sorted(set(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE))) or ["see the text"]
        yield Project(
            package, version, "; ".join(names), home, f"pkg:deb/debian/{package}@{version}", (("copyright", text),)
        )


def _owning_package(path: Path) -> str:
    for spelling in (str(path), str(path).removeprefix("/usr")):
        answer = subprocess.run(["dpkg-query", "--search", spelling], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return answer.stdout.split(":", 1)[0]
    raise UnknownOriginError(
        f"{path} belongs to no package of this system, so nobody can say under which licence it is."
    )


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
