"""Cards are found without torch, in the folders of Linux and in the words of Windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.domain.graphics import GraphicsCard, TorchBuild, TorchKind, Vendor, version_numbers
from calotype.packs.graphics_cards import graphics_cards, windows_card
from calotype.packs.torch_build import torch_build
from calotype.services.computing import Advice, judged

GEFORCE = GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 12_884_901_888, "580.65.06")
RADEON = GraphicsCard(Vendor.AMD, "", 17_163_091_968, "6.8.0")


class System:
    """The folders below which Linux shows its devices, as real files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/sys/kernel/osrelease", "6.8.0-45-generic\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def add(self, address: str, vendor: str, kind: str = "0x030000", driver: str = "", **files: str) -> None:
        folder = f"sys/bus/pci/devices/{address}"
        for name, text in {"vendor": vendor, "class": kind, **files}.items():
            self.write(f"{folder}/{name}", text + "\n")
        if driver:
            place = self.root / "sys" / "bus" / "pci" / "drivers" / driver
            place.mkdir(parents=True, exist_ok=True)
            (self.root / folder / "driver").symlink_to(place)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_that_a_computer_without_devices_has_no_card(system: System) -> None:
    assert graphics_cards(system.root) == ()


def test_that_an_nvidia_card_is_found_with_its_driver_and_its_name(system: System) -> None:
    system.add("0000:01:00.0", "0x10de", driver="nvidia")
    version = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs-builder)\nGCC"
    system.write("proc/driver/nvidia/version", version)
    told = "Model: \t\t NVIDIA GeForce RTX 3060\nIRQ:   \t\t 154\n"
    system.write("proc/driver/nvidia/gpus/0000:01:00.0/information", told)

    (card,) = graphics_cards(system.root)

    assert card == GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 0, "580.65.06")


@pytest.mark.parametrize("driver", ["", "nouveau"])
def test_that_a_card_without_its_makers_driver_says_so(system: System, driver: str) -> None:
    system.add("0000:01:00.0", "0x10de", driver=driver)

    (card,) = graphics_cards(system.root)

    assert card.driver == ""
    assert judged((card,), TorchBuild("2.13.0+cpu")).advice is Advice.NEEDS_DRIVER


def test_that_amd_cards_are_found_and_the_graphics_of_a_processor_are_not(system: System) -> None:
    system.add("0000:03:00.0", "0x1002", driver="amdgpu", mem_info_vram_total="17163091968")
    system.add("0000:09:00.0", "0x1002", driver="amdgpu", mem_info_vram_total="536870912")

    assert graphics_cards(system.root) == (RADEON,)


def test_that_other_devices_of_the_same_makers_are_no_cards(system: System) -> None:
    system.add("0000:01:00.1", "0x10de", kind="0x040300", driver="snd_hda_intel")
    system.add("0000:00:02.0", "0x8086", driver="i915")
    system.add("0000:02:00.0", "nonsense")

    assert graphics_cards(system.root) == ()


def test_that_cards_of_windows_are_told_by_their_hardware_id() -> None:
    found = windows_card("NVIDIA GeForce RTX 4070", "PCI\\VEN_10DE&DEV_2786&SUBSYS_51361043&REV_A1")

    assert found == GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 4070")
    assert windows_card("Intel(R) UHD Graphics", "PCI\\VEN_8086&DEV_9BC4") is None
    assert windows_card("Remote Display", "RdpIdd_IndirectDisplay") is None


@pytest.mark.parametrize(
    ("cards", "kind", "advice"),
    [
        ((), TorchKind.CPU, Advice.PROCESSOR),
        ((GEFORCE,), TorchKind.CPU, Advice.NEEDS_PACK),
        ((GEFORCE,), TorchKind.CUDA, Advice.READY),
        ((RADEON,), TorchKind.CUDA, Advice.NEEDS_PACK),
        ((RADEON, GEFORCE), TorchKind.CUDA, Advice.READY),
    ],
)
def test_that_the_advice_fits_the_card_and_the_torch(
    cards: tuple[GraphicsCard, ...], kind: TorchKind, advice: Advice
) -> None:
    assert judged(cards, TorchBuild("2.13.0", kind)).advice is advice


def test_that_the_torch_of_this_program_is_known_without_loading_it(tmp_path: Path) -> None:
    import importlib.metadata

    rocm = tmp_path / "pack" / "torch" / "version.py"
    rocm.parent.mkdir(parents=True)
    rocm.write_text("__version__ = '2.13.0+rocm7'\ncuda: str | None = None\nhip = '7.0'\n", encoding="utf-8")

    assert torch_build().version == importlib.metadata.version("torch")
    assert torch_build([tmp_path / "pack"]) == TorchBuild("2.13.0+rocm7", TorchKind.ROCM)
    assert torch_build([tmp_path]) == TorchBuild()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("580.65.06", (580, 65, 6)), ("2.13.0+cpu", (2, 13, 0)), ("2.13.0rc1", (2, 13)), ("", ())],
)
def test_that_versions_are_compared_by_their_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(text) == numbers
