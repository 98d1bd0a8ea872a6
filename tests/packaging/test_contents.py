"""What the package leaves out: every line has a reason, and the app runs without any of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "packaging" / "program"
pytestmark = pytest.mark.usefixtures("program_modules")


@pytest.mark.slow
def test_that_the_app_runs_without_what_the_package_leaves_out(tmp_path: Path) -> None:
    environment = {**os.environ, "CALOTYPE_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}

    finished = subprocess.run(
        [sys.executable, PROGRAM / "rehearse.py"], env=environment, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
    assert "The package has what it needs" in finished.stdout


@pytest.mark.parametrize("needed", ["PySide6.QtSvg", "peft", "torch.nn"])
def test_that_a_rehearsal_finds_a_wrong_exclusion(needed: str, tmp_path: Path) -> None:
    script = (
        f"import contents; contents.LEFT_OUT[{needed!r}] = 'wrong'; import rehearse; raise SystemExit(rehearse.main())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROGRAM), *sys.path])}

    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 1, finished.stdout
    assert needed in finished.stderr


def test_that_every_exclusion_says_why() -> None:
    from contents import DROPPED, LEFT_OUT

    assert [name for name, why in LEFT_OUT.items() if len(why) < 4] == []
    assert [pattern for pattern, why in DROPPED if len(why) < 4] == []


@pytest.mark.parametrize(
    "name",
    ["jinja2.tests", "torch.testing._internal.logging_tensor", "transformers.models.clip.modeling_clip", "torchgen"],
)
def test_that_modules_which_only_look_unneeded_stay(name: str) -> None:
    from contents import keeps_module

    assert keeps_module(name)


@pytest.mark.parametrize(
    "name", ["readline", "transformers.models.llama", "sympy.core.tests.test_sympify", "PyQt6.QtGui"]
)
def test_that_modules_which_nothing_needs_go(name: str) -> None:
    from contents import keeps_module

    assert not keeps_module(name)


@pytest.mark.parametrize(
    "place",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/lib/torch_cpu.dll",
        "torch/bin/torch_shm_manager",
        "transformers/models/__init__.py",
        "transformers/models/clip/modeling_clip.py",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/lib/QtWidgets.framework/Versions/A/QtWidgets",
        "PySide6/Qt6Widgets.dll",
        "MSVCP140.dll",
        "jinja2/tests.py",
        "torch-2.13.0.dist-info/METADATA",
    ],
)
def test_that_files_which_are_needed_stay_on_every_system(place: str) -> None:
    from contents import keeps_file

    assert keeps_file(place)


@pytest.mark.parametrize(
    "place",
    [
        "torch/include/ATen/ATen.h",
        "torch/lib/libtorchbind_test.so",
        "transformers/models/llama/modeling_llama.py",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/lib/libQt6EglFsKmsSupport.so.6",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "PySide6/Qt6Qml.dll",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/plugins/tls/qopensslbackend.dll",
        "api-ms-win-crt-runtime-l1-1-0.dll",
        "ucrtbase.dll",
        "torch-2.13.0.dist-info/RECORD",
        "torch-2.13.0+cpu.dist-info/licenses/third_party/kineto/LICENSE",
    ],
)
def test_that_files_which_nothing_needs_go_on_every_system(place: str) -> None:
    from contents import keeps_file

    assert not keeps_file(place)
