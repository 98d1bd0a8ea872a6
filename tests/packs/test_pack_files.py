"""A pack is compared file by file before it is there at all, and one that does not fit is refused with the cause."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.domain.control import Control, Stop
from calotype.domain.errors import CalotypeError, DiskTooSmallError
from calotype.domain.errors.packs import (
    CardMissingError,
    DriverMissingError,
    DriverTooOldError,
    NotAPackError,
    PackAbiError,
    PackDamagedError,
    PackIncompleteError,
    PackPlatformError,
    PackTorchVersionError,
)
from calotype.domain.events.packs import PackInstalled, PackProgress, PackTrial
from calotype.domain.graphics import GraphicsCard, TorchKind, Vendor
from calotype.packs import archive
from calotype.packs.fit import trouble_with_cards
from calotype.packs.places import PackPlaces
from calotype.services import gpu_packs
from calotype.services.workspace import Workspace
from calotype.storage import files

MakePack = Callable[..., Path]


def refusal(workspace: Workspace, pack: Path) -> CalotypeError:
    with pytest.raises(CalotypeError) as refused:
        list(gpu_packs.install_pack(workspace, pack, Control()))
    return refused.value


def nothing_is_there(workspace: Workspace) -> bool:
    folder = workspace.folder.root / "packs"
    return not folder.exists() or list(folder.iterdir()) == []


def rewritten(pack: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    with zipfile.ZipFile(pack) as old:
        contents = {info.filename: old.read(info) for info in old.infolist()}
    change(contents)
    with zipfile.ZipFile(pack, "w") as new:
        for name, content in contents.items():
            new.writestr(name, content)
    return pack


def test_that_a_pack_is_unpacked_whole_and_only_with_what_belongs_to_the_card(
    workspace: Workspace, make_pack: MakePack
) -> None:
    events = list(gpu_packs.install_pack(workspace, make_pack(), Control()))

    folder = workspace.folder.root / "packs" / "stand-in"
    files_there = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    held = sorted(path.relative_to(folder).as_posix() for path in files_there)
    manifest = archive.manifest_of_folder(folder)
    assert held == ["nvidia/large.so", "nvidia/small.so", "pack.json", "torch/__init__.py", "torch/version.py"]
    assert events == [PackProgress(manifest.size_bytes, manifest.size_bytes), PackTrial(), PackInstalled("stand-in")]
    assert archive.damage_of_folder(folder, manifest, is_thorough=True) == ""
    assert PackPlaces.of(workspace.folder.root).chosen == "stand-in"


def test_that_the_same_packages_give_the_same_pack(make_pack: MakePack, tmp_path: Path) -> None:
    first = make_pack().read_bytes()
    (tmp_path / "packages of stand-in").rename(tmp_path / "before")

    assert make_pack().read_bytes() == first


def test_that_a_changed_file_leaves_nothing(workspace: Workspace, make_pack: MakePack) -> None:
    def change(contents: dict[str, bytes]) -> None:
        contents["nvidia/large.so"] = contents["nvidia/large.so"][:-1] + b"!"

    said = refusal(workspace, rewritten(make_pack(), change))

    assert isinstance(said, PackDamagedError)
    assert "nvidia/large.so" in str(said)
    assert nothing_is_there(workspace)


@pytest.mark.parametrize("name", ["torch/added.py", "../outside.py"])
def test_that_a_file_that_is_not_listed_is_damage(workspace: Workspace, make_pack: MakePack, name: str) -> None:
    def change(contents: dict[str, bytes]) -> None:
        contents[name] = b"import os"

    assert isinstance(refusal(workspace, rewritten(make_pack(), change)), PackDamagedError)
    assert nothing_is_there(workspace)
    assert not (workspace.folder.root / "outside.py").exists()


def test_that_a_listed_file_that_is_missing_is_damage(workspace: Workspace, make_pack: MakePack) -> None:
    assert isinstance(
        refusal(workspace, rewritten(make_pack(), lambda held: held.pop("nvidia/large.so"))), PackDamagedError
    )


@pytest.mark.parametrize("share", [0.0, 0.4, 0.999])
def test_that_half_a_download_is_no_pack(workspace: Workspace, make_pack: MakePack, share: float) -> None:
    pack = make_pack()
    content = pack.read_bytes()
    pack.write_bytes(content[: int(share * len(content))])

    assert isinstance(refusal(workspace, pack), NotAPackError)
    assert nothing_is_there(workspace)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../../evil"},
        {"name": ".hidden"},
        {"kind": "quantum"},
        {"schema": 99},
        {"files": []},
        {"files": {"torch/version.py": {"size": -1, "sha256": "0" * 64}}},
        {"files": {"torch/version.py": {"size": 1, "sha256": "short"}}},
        {"files": {"../torch/version.py": {"size": 1, "sha256": "0" * 64}}},
        {"files": {"/torch/version.py": {"size": 1, "sha256": "0" * 64}}},
        {"files": {"C:\\torch\\version.py": {"size": 1, "sha256": "0" * 64}}},
    ],
    ids=str,
)
def test_that_a_list_that_cannot_be_trusted_is_refused(
    workspace: Workspace, make_pack: MakePack, change: dict[str, object]
) -> None:
    assert isinstance(refusal(workspace, make_pack(manifest=change)), NotAPackError)
    assert nothing_is_there(workspace)


def test_that_other_files_are_no_packs(workspace: Workspace, tmp_path: Path) -> None:
    text, empty = tmp_path / "letter.calopack", tmp_path / "empty.calopack"
    text.write_text("dear reader", encoding="utf-8")
    zipfile.ZipFile(empty, "w").close()

    assert isinstance(refusal(workspace, text), NotAPackError)
    assert isinstance(refusal(workspace, empty), NotAPackError)
    assert isinstance(refusal(workspace, tmp_path / "gone.calopack"), NotAPackError)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"platform": "win32-amd64"}, PackPlatformError),
        ({"python_abi": "cp399"}, PackAbiError),
        ({"torch_version": "2.1.0+cu121"}, PackTorchVersionError),
    ],
)
def test_that_a_pack_for_another_program_is_refused(
    workspace: Workspace, make_pack: MakePack, change: dict[str, object], kind: type
) -> None:
    said = refusal(workspace, make_pack(manifest=change))

    assert isinstance(said, kind)
    assert str(next(iter(change.values()))) in str(said)


NVIDIA = GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 12_884_901_888, "535.54.03")


@pytest.mark.parametrize(
    ("cards", "kind"),
    [
        ((), CardMissingError),
        ((GraphicsCard(Vendor.AMD, driver="6.8.0"),), CardMissingError),
        ((GraphicsCard(Vendor.NVIDIA),), DriverMissingError),
        ((NVIDIA,), DriverTooOldError),
        ((GraphicsCard(Vendor.NVIDIA, driver="580.65"),), None),
        ((GraphicsCard(Vendor.NVIDIA, driver="581.3"),), None),
    ],
)
def test_that_the_card_and_its_driver_must_be_right(
    make_pack: MakePack, cards: tuple[GraphicsCard, ...], kind: type | None
) -> None:
    manifest = archive.manifest_of_archive(make_pack(driver="580.65", lines="cuda = '13.0'\n"))

    trouble = trouble_with_cards(manifest, cards)

    assert manifest.kind is TorchKind.CUDA
    assert trouble is None if kind is None else isinstance(trouble, kind)


def test_that_an_old_driver_is_said_with_both_versions(make_pack: MakePack) -> None:
    said = str(
        trouble_with_cards(archive.manifest_of_archive(make_pack(driver="580.65", lines="cuda = '13'\n")), [NVIDIA])
    )

    assert "535.54.03" in said
    assert "580.65 or newer" in said


def test_that_a_stop_leaves_nothing(workspace: Workspace, make_pack: MakePack) -> None:
    control = Control()
    control.send(Stop())

    assert list(gpu_packs.install_pack(workspace, make_pack(), control)) == [PackInstalled("")]
    assert nothing_is_there(workspace)


def test_that_a_pack_takes_the_place_of_an_older_one_of_its_name(workspace: Workspace, make_pack: MakePack) -> None:
    pack = make_pack()
    folder = workspace.folder.root / "packs" / "stand-in"
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "old.py").write_text("", encoding="utf-8")

    list(gpu_packs.install_pack(workspace, pack, Control()))

    assert not (folder / "torch" / "old.py").exists()
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["stand-in"]


def test_that_a_small_disk_is_noticed_before_anything_is_written(
    workspace: Workspace, make_pack: MakePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = make_pack()
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))

    assert isinstance(refusal(workspace, pack), DiskTooSmallError)


def test_that_choosing_a_damaged_pack_names_the_file(workspace: Workspace, make_pack: MakePack) -> None:
    list(gpu_packs.install_pack(workspace, make_pack(), Control()))
    broken = workspace.folder.root / "packs" / "stand-in" / "nvidia" / "large.so"
    content = bytearray(broken.read_bytes())
    content[77] ^= 1
    broken.write_bytes(content)

    with pytest.raises(PackIncompleteError, match=r"nvidia/large\.so"):
        gpu_packs.choose_pack(workspace, "stand-in")


def test_that_packs_are_listed_with_what_is_chosen(workspace: Workspace, make_pack: MakePack) -> None:
    list(gpu_packs.install_pack(workspace, make_pack(), Control()))
    (workspace.folder.root / "packs" / "half copied").mkdir()

    report = gpu_packs.packs_report(workspace)

    assert [pack.name for pack in report.installed] == ["stand-in"]
    assert (report.chosen, report.in_use, report.needs_restart) == ("stand-in", "", True)


def test_that_leftovers_are_deleted(workspace: Workspace, make_pack: MakePack) -> None:
    list(gpu_packs.install_pack(workspace, make_pack(), Control()))
    places = PackPlaces.of(workspace.folder.root)
    for name, age_s in ((".stand-in.12345678.part", 3 * 24 * 3600), (".other.12345678.part", 60)):
        (places.folder / name / "torch").mkdir(parents=True)
        os.utime(places.folder / name, (time.time() - age_s,) * 2)
    places.set_removed(["stand-in", "..", ".", "/", "../home"])

    assert gpu_packs.delete_leftovers(workspace) == 2

    assert [path.name for path in places.folder.iterdir() if path.is_dir()] == [".other.12345678.part"]
    assert workspace.folder.projects.is_dir()
