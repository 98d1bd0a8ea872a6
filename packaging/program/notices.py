"""Writes what the package says about the projects inside it: one page of licences, and a CycloneDX list of parts."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from projects import Project

LICENCES_NAME = "LICENCES.txt"
SBOM_NAME = "sbom.cdx.json"
_HEAD = """What is inside Calotype {version}, and under which licence

Calotype itself is under the Apache License 2.0. Pictures, typefaces and weights that ship with it are listed in
{libraries}/calotype_resources/licences/THIRD_PARTY.md. This page was made by the build from what it really packed.

Some parts are under licences that ask for more than a notice:

Qt and Qt for Python (PySide6, Shiboken) are used under the GNU Lesser General Public License 3. They are ordinary
shared libraries in {libraries}/PySide6 and {libraries}/shiboken6: put your own builds of the same
version in their place, and Calotype uses them. Their source is at
https://download.qt.io/official_releases/QtForPython/ and
https://download.qt.io/official_releases/qt/.

libheif and libde265, which read HEIC pictures, are used under the LGPL 3: they lie in {libraries}/pi_heif.libs
(on macOS in pi_heif/.dylibs).
libfuse, in the AppImage only, is used under the LGPL 2.1: packaging/program/appimage.py in the source of Calotype links
it from Debian's own build, and does the same with yours.
"""
# Where PyInstaller puts them: beside the program, and on macOS below the folder of the app.
_LIBRARIES = "Contents/Frameworks" if sys.platform == "darwin" else "_internal"
_COMMON = "/usr/share/common-licenses"
_RULE = "=" * 110


def write_notices(projects: Sequence[Project], version: str, folder: Path) -> None:
    """Write LICENCES.txt and sbom.cdx.json into a folder."""
    (folder / LICENCES_NAME).write_text(_page(projects, version), encoding="utf-8")
    bill = json.dumps(bill_of_materials(projects, version), indent=1, ensure_ascii=False)
    (folder / SBOM_NAME).write_text(bill + "\n", encoding="utf-8")


def bill_of_materials(projects: Sequence[Project], version: str) -> dict[str, object]:
    """The parts as CycloneDX 1.5 wants them; the same parts give the same file."""
    components = [_component(project) for project in projects if project.name != "calotype"]
    name = json.dumps(components, sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"calotype@{version}",
                "name": "Calotype",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
    }


def _component(project: Project) -> dict[str, object]:
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": project.purl,
        "name": project.name,
        "version": project.version,
        "purl": project.purl,
        # As a name and not as an SPDX id: what projects write there is not always one.
        "licenses": [{"license": {"name": project.licence}}],
    }
    if project.home:
        component["externalReferences"] = [{"type": "website", "url": project.home}]
    inside = [part for path in project.sboms for part in _parts_inside(path, project)]
    return {**component, "components": inside} if inside else component


def _parts_inside(path: Path, project: Project) -> list[dict[str, object]]:
    """What the SBOM inside a wheel lists: the libraries that were linked into it."""
    listed = json.loads(path.read_text(encoding="utf-8")).get("components", [])
    kept = ("name", "version", "purl", "licenses")
    return [
        {"type": "library", "bom-ref": f"{project.purl}#{path.stem}/{place}"}
        | {key: part[key] for key in kept if part.get(key)}
        for place, part in enumerate(listed)
        if part.get("name", "").lower() != project.name.lower()
    ]


def _page(projects: Sequence[Project], version: str) -> str:
    width = max(len(project.name) for project in projects)
    lines = [_HEAD.format(version=version, libraries=_LIBRARIES), "Contents", ""]
    lines += [f"  {project.name:{width}}  {project.version}  {_short(project.licence)}" for project in projects]
    for project in projects:
        lines += ["", _RULE, f"{project.name} {project.version}", project.home, f"Licence: {project.licence}", _RULE]
        for name, text in project.texts:
            lines += ["", f"--- {name} ---", "", text.rstrip()]
    for name, text in _referred_to(projects).items():
        lines += ["", _RULE, f"{name}, which texts above refer to", _RULE, "", text.rstrip()]
    return "\n".join(lines) + "\n"


def _referred_to(projects: Sequence[Project]) -> dict[str, str]:
    """The licences that Debian's texts only name, as every Debian has them; other systems have none of them."""
    texts = (text for project in projects for _, text in project.texts)
    names = {name.rstrip(".") for text in texts for name in re.findall(rf"{_COMMON}/([\w.+-]+)", text)}
    paths = {name: Path(_COMMON, name) for name in sorted(names)}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.is_file()}


def _short(licence: str) -> str:
    return licence if len(licence) <= 90 else f"{licence[:87]}…"
