"""The licences file names every project that the package holds files of, and the list of parts is well formed."""

from __future__ import annotations

import re
import sys
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from projects import Project

pytestmark = pytest.mark.usefixtures("program_modules")
ROOT = Path(__file__).resolve().parents[2]
# One file of each; those after the second line bring no text of their licence in their wheels.
MODULES = ("numpy", "torch", "PIL", "pi_heif", "pyqtgraph", "safetensors", "tqdm", "transformers")
WITHOUT_TEXT = ("PySide6", "pynvml", "tokenizers", "shiboken6")


def _file_of(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin)


@pytest.fixture
def found() -> list[Project]:
    from projects import find_projects

    return find_projects([_file_of(module) for module in (*MODULES, *WITHOUT_TEXT)])


def test_that_every_project_has_a_licence_and_its_text(found: list[Project]) -> None:
    names = {project.name.lower().replace("_", "-") for project in found}

    assert {"numpy", "torch", "pyside6-essentials", "nvidia-ml-py", "tokenizers", "python", "pyinstaller"} <= names
    assert [project.name for project in found if len("".join(text for _, text in project.texts)) < 300] == []


def test_that_the_page_holds_every_text_that_the_package_leaves_out(found: list[Project]) -> None:
    from contents import keeps_file

    torch = next(project for project in found if project.name == "torch")
    wheel = distribution("torch")
    left_out = [
        file for file in wheel.files or () if "/licenses/" in file.as_posix() and not keeps_file(file.as_posix())
    ]

    texts = {text for _, text in torch.texts}
    assert len(left_out) > 50
    assert {file.locate().read_text(encoding="utf-8", errors="replace") for file in left_out} <= texts


def test_that_nothing_is_packed_that_the_constraints_do_not_name(found: list[Project]) -> None:
    from projects import outside_constraints

    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")

    assert outside_constraints(found, constraints) == []
    moved = re.sub(r"^numpy==.*$", "numpy==0.1", constraints, flags=re.MULTILINE)
    assert [stray.split(" ")[0] for stray in outside_constraints(found, moved)] == ["numpy"]


def test_that_qt_comes_with_the_lgpl_and_the_gpl_that_it_refers_to(found: list[Project]) -> None:
    qt = next(project for project in found if project.name == "PySide6_Essentials")

    assert [name for name, _ in qt.texts] == ["GPL-3.0.txt", "LGPL-3.0.txt"]
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt.texts[1][1]


def test_that_a_file_of_nobody_stops_the_build(tmp_path: Path) -> None:
    from projects import UnknownOriginError, find_projects

    stray = tmp_path / "stray.so"
    stray.write_bytes(b"")

    with pytest.raises(UnknownOriginError, match=r"stray\.so"):
        find_projects([stray])


def test_that_the_runtime_of_microsoft_is_named_with_its_terms(tmp_path: Path) -> None:
    from projects import find_projects

    libraries = [tmp_path / name for name in ("MSVCP140.dll", "msvcp140_1.dll", "vcruntime140_1.dll")]

    named = {project.name: project for project in find_projects(libraries)}

    runtime = named["Microsoft Visual C++ runtime"]
    assert "Distributable Code" in runtime.licence and "license-terms" in runtime.texts[0][1]


def test_that_the_page_names_every_project_with_its_text(found: list[Project], tmp_path: Path) -> None:
    from notices import write_notices

    write_notices(found, "1.2.3", tmp_path)

    page = (tmp_path / "LICENCES.txt").read_text(encoding="utf-8")
    assert page.startswith("What is inside Calotype 1.2.3")
    assert [project.name for project in found if f"\n{project.name} {project.version}\n" not in page] == []
    assert "Redistributions of source code must retain the above copyright" in page


def test_that_the_list_of_parts_is_cyclonedx_and_the_same_each_time(found: list[Project]) -> None:
    from notices import bill_of_materials

    bill = bill_of_materials(found, "1.2.3")

    components = bill["components"]
    assert isinstance(components, list)
    references = [component["bom-ref"] for component in components]
    references += [inside["bom-ref"] for component in components for inside in component.get("components", [])]
    assert len(references) == len(set(references))
    assert {component["purl"].split("@")[0] for component in components} >= {"pkg:pypi/torch", "pkg:generic/python"}
    assert bill["serialNumber"] == bill_of_materials(found, "1.2.3")["serialNumber"]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")


def test_that_libraries_inside_wheels_are_listed(found: list[Project]) -> None:
    from notices import bill_of_materials

    components = bill_of_materials(found, "1.2.3")["components"]
    assert isinstance(components, list)

    pillow = next(component for component in components if component["name"] == "pillow")

    if sys.platform == "linux":
        assert "libtiff" in {inside["name"] for inside in pillow["components"]}
