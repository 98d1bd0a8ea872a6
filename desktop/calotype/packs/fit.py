"""Whether a GPU pack fits this program and this computer, and exactly why not."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.domain.errors.packs import (
    CardMissingError,
    DriverMissingError,
    DriverTooOldError,
    PackAbiError,
    PackError,
    PackPlatformError,
    PackTorchVersionError,
)
from calotype.domain.graphics import NEEDED_KIND, GraphicsCard, TorchBuild, version_numbers
from calotype.domain.packs import PackManifest
from calotype.packs.manifest import this_abi, this_platform

_MAKERS = {"nvidia": "NVIDIA", "amd": "AMD"}


def trouble_with_program(manifest: PackManifest, own: TorchBuild) -> PackError | None:
    """Why this program cannot load a pack, or None. `own` is the program's own torch, which must have the same version.

    The libraries above torch were tested with that one; of other builds of it only the part after the + differs.
    """
    if manifest.platform != this_platform():
        return PackPlatformError(manifest.name, manifest.platform, this_platform())
    if manifest.python_abi != this_abi():
        return PackAbiError(manifest.name, manifest.python_abi, this_abi())
    if own.version and version_numbers(manifest.torch_version) != version_numbers(own.version):
        return PackTorchVersionError(manifest.name, manifest.torch_version, own.version.partition("+")[0])
    return None


def trouble_with_cards(manifest: PackManifest, cards: Sequence[GraphicsCard]) -> PackError | None:
    """Why no card of this computer could be used by a pack, or None. A pack for the processor needs no card."""
    vendor = next((vendor for vendor, kind in NEEDED_KIND.items() if kind is manifest.kind), None)
    if vendor is None:
        return None
    maker = _MAKERS[vendor.value]
    fitting = [card for card in cards if card.vendor is vendor]
    if not fitting:
        return CardMissingError(manifest.name, maker)
    driver = next((card.driver for card in fitting if card.driver), "")
    if not driver:
        return DriverMissingError(manifest.name, maker)
    if version_numbers(driver) < version_numbers(manifest.minimum_driver):
        return DriverTooOldError(manifest.name, maker, manifest.minimum_driver, driver)
    return None
