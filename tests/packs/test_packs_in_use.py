"""A pack is used after a restart, in a real process; when it does not work, the program's own torch is used instead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calotype.domain.control import Control
from calotype.domain.errors.packs import PackCrashedError, PackFailedError, PackIncompleteError, PackTorchVersionError
from calotype.packs import archive
from calotype.packs.places import PackPlaces
from calotype.packs.torch_build import torch_build
from calotype.services import gpu_packs
from calotype.services.workspace import Workspace

MakePack = Callable[..., Path]
Start = Callable[..., Any]
OWN = torch_build().version

# What a start does before it imports anything else, and then a first piece of work.
_LOAD = """
from pathlib import Path
from calotype.packs.use import pack_in_use, use_pack
use_pack(Path(sys.argv[1]))
import torch
product = (torch.ones(3, 4) @ torch.ones(4, 5)).sum().item()
import importlib.metadata, numpy
print(json.dumps([torch.__version__, pack_in_use(), product]))
"""

# Only what a start does: importing torch takes seconds.
_LOOK = """
from pathlib import Path
from calotype.packs.torch_build import torch_build
from calotype.packs.use import pack_in_use, use_pack
use_pack(Path(sys.argv[1]))
print(json.dumps([torch_build().version, pack_in_use()]))
"""


def install(workspace: Workspace, pack: Path) -> None:
    list(gpu_packs.install_pack(workspace, pack, Control()))


def place(workspace: Workspace, pack: Path) -> None:
    """Install a pack as if it had passed its trial: what goes wrong with it came later."""
    places = PackPlaces.of(workspace.folder.root)
    manifest = archive.manifest_of_archive(pack)
    places.folder.mkdir(parents=True)
    list(archive.unpack(pack, manifest, places.pack(manifest.name), Control()))
    places.choose(manifest.name)


@pytest.fixture
def load(start: Start, workspace: Workspace) -> Callable[[], Any]:
    """Start a process that computes with torch: the version, the pack in use, and a product."""

    return lambda: _answer(start(workspace.folder.root, code=_LOAD))


@pytest.fixture
def look(start: Start, workspace: Workspace) -> Callable[[], Any]:
    """Start a process that does no work yet: the version that it would find, and the pack in use."""
    return lambda: _answer(start(workspace.folder.root, code=_LOOK))


def _answer(finished: Any) -> Any:
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def trouble(workspace: Workspace) -> object:
    return PackPlaces.of(workspace.folder.root).trouble


def test_that_torch_comes_from_the_pack_after_a_restart_and_from_the_program_after_removal(
    workspace: Workspace, make_pack: MakePack, load: Callable[[], Any]
) -> None:
    install(workspace, make_pack(is_real=True))
    used = load()

    gpu_packs.remove_pack(workspace, "stand-in")

    assert used == [f"{OWN.partition('+')[0]}+standin", "stand-in", 60.0]
    assert load() == [OWN, "", 60.0]
    assert not (workspace.folder.root / "packs" / "stand-in").exists()


@pytest.mark.slow
def test_that_a_whole_run_works_with_the_torch_of_a_pack(
    workspace: Workspace, make_pack: MakePack, start: Start
) -> None:
    place(workspace, make_pack(is_real=True))

    finished = start("selftest", "--home", workspace.folder.root)

    assert finished.returncode == 0, finished.stderr
    assert list((workspace.folder.root / "packs").glob("loading-*")) == []


@pytest.mark.parametrize(
    "code",
    ["raise ImportError('libcudart.so.13: cannot open shared object file')", "import os\nx = os.gone", "def broken(:"],
    ids=["library missing", "attribute missing", "no Python"],
)
def test_that_a_pack_that_cannot_be_loaded_leaves_the_work_to_the_program(
    workspace: Workspace, make_pack: MakePack, load: Callable[[], Any], code: str
) -> None:
    place(workspace, make_pack(code=code))

    assert load() == [OWN, "", 60.0]
    assert isinstance(trouble(workspace), PackFailedError)


def test_that_the_cause_is_what_the_library_said(
    workspace: Workspace, make_pack: MakePack, load: Callable[[], Any]
) -> None:
    place(workspace, make_pack(code="raise OSError('libcudart.so.13: cannot open shared object file')"))

    load()

    assert "libcudart.so.13: cannot open shared object file" in str(trouble(workspace))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("raise ImportError('libcudart.so.13 is gone')", "libcudart.so.13 is gone"),
        ("import os\nos.abort()", "with code"),
    ],
    ids=["refuses", "dies"],
)
def test_that_a_pack_that_does_not_pass_its_trial_is_not_chosen(
    workspace: Workspace, make_pack: MakePack, look: Callable[[], Any], code: str, cause: str
) -> None:
    with pytest.raises(PackFailedError, match=cause):
        install(workspace, make_pack(code=code))

    assert look() == [OWN, ""]
    assert isinstance(trouble(workspace), PackFailedError)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the stand-in is a library of Linux")
def test_that_two_builds_are_not_mixed_in_one_process(
    workspace: Workspace, make_pack: MakePack, start: Start, look: Callable[[], Any]
) -> None:
    library = workspace.folder.root / "packs" / "stand-in" / "nvidia" / "small.so"
    place(workspace, make_pack(code=f"import ctypes\nctypes.CDLL({str(library)!r})\nraise OSError('the rest is gone')"))
    twice = _LOAD.replace(
        "import torch\n", "try:\n    import torch\nexcept Exception as e:\n    print(e)\nimport torch\n", 1
    )

    died = start(workspace.folder.root, code=twice)

    assert "The GPU pack stand-in could not be loaded (the rest is gone)" in died.stdout
    assert "PackFailedError" in died.stderr.splitlines()[-1]
    assert look() == [OWN, ""]


def test_that_a_process_that_died_of_a_pack_is_noticed_by_the_next(
    workspace: Workspace, make_pack: MakePack, start: Start, look: Callable[[], Any]
) -> None:
    place(workspace, make_pack(code="import os\nos.abort()"))

    died = start(workspace.folder.root, code=_LOAD)

    assert died.returncode != 0
    assert trouble(workspace) is None
    assert look() == [OWN, ""]
    assert isinstance(trouble(workspace), PackCrashedError)


def test_that_a_mark_of_a_process_that_lives_is_no_crash(
    workspace: Workspace, make_pack: MakePack, look: Callable[[], Any]
) -> None:
    place(workspace, make_pack())
    waiting = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    PackPlaces.of(workspace.folder.root).marker(waiting.pid).write_text("{}", encoding="utf-8")

    used = look()
    waiting.communicate(b"\n")

    assert used[1] == "stand-in"
    assert look() == [OWN, ""]


@pytest.mark.parametrize("damage", ["missing", "cut off", "no list"])
def test_that_half_a_pack_is_not_used(
    workspace: Workspace, make_pack: MakePack, look: Callable[[], Any], damage: str
) -> None:
    place(workspace, make_pack())
    folder = workspace.folder.root / "packs" / "stand-in"
    broken = folder / ("pack.json" if damage == "no list" else "nvidia/large.so")
    if damage == "cut off":
        broken.write_bytes(broken.read_bytes()[:1000])
    else:
        broken.unlink()

    assert look() == [OWN, ""]
    said = trouble(workspace)
    assert isinstance(said, PackIncompleteError)
    assert broken.name in str(said)


def test_that_a_pack_of_an_older_program_is_not_used_by_a_newer_one(
    workspace: Workspace, make_pack: MakePack, look: Callable[[], Any]
) -> None:
    place(workspace, make_pack())
    manifest = workspace.folder.root / "packs" / "stand-in" / "pack.json"
    values = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**values, "torch_version": "2.9.1+cu128"}), encoding="utf-8")

    assert look() == [OWN, ""]
    assert isinstance(trouble(workspace), PackTorchVersionError)


def test_that_a_pack_can_be_tried_again_and_then_works(
    workspace: Workspace, make_pack: MakePack, look: Callable[[], Any]
) -> None:
    install(workspace, make_pack())
    places = PackPlaces.of(workspace.folder.root)
    places.note_trouble(PackCrashedError("stand-in"))
    refused = look()

    gpu_packs.choose_pack(workspace, "stand-in")

    assert refused[1] == ""
    assert look()[1] == "stand-in"
    assert places.trouble is None
