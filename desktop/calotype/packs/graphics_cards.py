"""Which graphics cards there are, asked without torch: of NVIDIA's driver, and of what the system itself lists."""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calotype.domain.graphics import GraphicsCard, Vendor

_VENDORS = {0x10DE: Vendor.NVIDIA, 0x1002: Vendor.AMD}
_DISPLAY_CLASS = 0x03  # of PCI: everything that draws
_DRIVERS = {Vendor.NVIDIA: "nvidia", Vendor.AMD: "amdgpu"}
# The graphics inside a processor take little memory for themselves, and training on them is no gain.
_LEAST_MEMORY_BYTES = 3_000_000_000


def graphics_cards(root: Path = Path("/")) -> tuple[GraphicsCard, ...]:
    """The cards of this computer that training could use, those with the most memory first.

    `root` is where the folders of Linux begin: `sys` and `proc` are read below it.
    """
    found = list(_listed_by_system(root))
    told = _told_by_nvidia() if root == Path("/") else []
    if told:
        found = [card for card in found if card.vendor is not Vendor.NVIDIA] + told
    useful = [card for card in found if not card.memory_bytes or card.memory_bytes >= _LEAST_MEMORY_BYTES]
    return tuple(sorted(useful, key=lambda card: -card.memory_bytes))


def _told_by_nvidia() -> list[GraphicsCard]:
    """What NVIDIA's driver says; nothing without it."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        driver = _text(pynvml.nvmlSystemGetDriverVersion())
        handles = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())]
        return [_nvidia_card(pynvml, handle, driver) for handle in handles]
    except pynvml.NVMLError:
        return []
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _nvidia_card(nvml: Any, handle: object, driver: str) -> GraphicsCard:
    memory = int(nvml.nvmlDeviceGetMemoryInfo(handle).total)
    return GraphicsCard(Vendor.NVIDIA, _text(nvml.nvmlDeviceGetName(handle)), memory, driver)


def _text(told: str | bytes) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told


def _listed_by_system(root: Path) -> Iterator[GraphicsCard]:
    if sys.platform == "win32" and root == Path("/"):
        yield from _listed_by_windows()
        return
    for device in sorted((root / "sys" / "bus" / "pci" / "devices").glob("*")):
        vendor = _VENDORS.get(_number(device / "vendor"))
        if vendor is not None and _number(device / "class") >> 16 == _DISPLAY_CLASS:
            yield _linux_card(root, device, vendor)


def _linux_card(root: Path, device: Path, vendor: Vendor) -> GraphicsCard:
    driver_in_use = (device / "driver").resolve().name if (device / "driver").exists() else ""
    version = ""
    if driver_in_use == _DRIVERS[vendor]:
        version = _nvidia_driver(root) if vendor is Vendor.NVIDIA else _kernel(root)
    return GraphicsCard(vendor, _nvidia_name(root, device), _number(device / "mem_info_vram_total"), version)


def _nvidia_driver(root: Path) -> str:
    found = re.search(
        r"Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)", _read(root / "proc" / "driver" / "nvidia" / "version")
    )
    return found[1] if found else ""


def _nvidia_name(root: Path, device: Path) -> str:
    told = _read(root / "proc" / "driver" / "nvidia" / "gpus" / device.name / "information")
    found = re.search(r"^Model:\s*(\S.*?)\s*$", told, re.MULTILINE)
    return found[1] if found else ""


def _kernel(root: Path) -> str:
    """AMD's driver is part of the kernel, and has the kernel's version."""
    return _read(root / "proc" / "sys" / "kernel" / "osrelease").partition("-")[0].strip()


def _number(path: Path) -> int:
    try:
        return int(_read(path).strip(), 0)
    except ValueError:
        return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class _DisplayDevice(ctypes.Structure):
    """DISPLAY_DEVICEW of wingdi.h."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("name", ctypes.c_wchar * 32),
        ("words", ctypes.c_wchar * 128),
        ("flags", ctypes.c_uint32),
        ("hardware", ctypes.c_wchar * 128),
        ("key", ctypes.c_wchar * 128),
    )


def _listed_by_windows() -> Iterator[GraphicsCard]:
    """What EnumDisplayDevices lists, each card once; not tried on Windows yet."""
    ask = getattr(ctypes, "windll").user32.EnumDisplayDevicesW  # noqa: B009 - other systems' stubs lack it
    seen, place = set(), 0
    while True:
        device = _DisplayDevice(size=ctypes.sizeof(_DisplayDevice))
        if not ask(None, place, ctypes.byref(device), 0):
            return
        place += 1
        card = windows_card(device.words, device.hardware)
        if card is not None and device.hardware not in seen:
            seen.add(device.hardware)
            yield card


def windows_card(words: str, hardware: str) -> GraphicsCard | None:
    """The card of a name and a hardware id as Windows gives them, PCI\\VEN_10DE&DEV_2504&…; None for other makers."""
    found = re.match(r"PCI\\VEN_([0-9A-F]{4})", hardware, re.IGNORECASE)
    vendor = _VENDORS.get(int(found[1], 16)) if found else None
    return GraphicsCard(vendor, words) if vendor is not None else None
