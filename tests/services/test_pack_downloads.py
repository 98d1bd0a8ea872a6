"""A GPU pack is fetched when one agreed, goes on after a lost connection, and is compared before it is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calotype.domain.control import Control, Stop
from calotype.domain.errors import DownloadInterruptedError
from calotype.domain.errors.releases import NoPackOfferedError, PackDownloadDamagedError
from calotype.domain.events import DownloadProgress, DownloadStarted
from calotype.domain.events.packs import PackInstalled
from calotype.domain.graphics import GraphicsCard, Vendor
from calotype.packs.manifest import this_abi, this_platform
from calotype.packs.places import PackPlaces
from calotype.packs.torch_build import torch_build
from calotype.services import pack_downloads
from calotype.services.pack_downloads import download_pack, find_pack
from calotype.services.workspace import Workspace

if TYPE_CHECKING:
    from release_server import ReleaseServer

MakePack = Callable[..., Path]
FITTING = {
    "torch_version": torch_build().version.partition("+")[0] + "+cu130",
    "python_abi": this_abi(),
    "platform": this_platform(),
}


@pytest.fixture(autouse=True)
def _a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    card = GraphicsCard(Vendor.NVIDIA, "NVIDIA GeForce RTX 3060", 12_884_901_888, "580.65.06")
    monkeypatch.setattr(pack_downloads, "graphics_cards", lambda: (card,))


@pytest.fixture
def content(make_pack: MakePack, releases: ReleaseServer) -> bytes:
    """A pack that is published and fits; inside it is one for the processor, as no card is here."""
    packed = make_pack().read_bytes()
    releases.offer(packed, **FITTING)
    return packed


def fetch(workspace: Workspace, control: Control | None = None) -> list[object]:
    return list(download_pack(workspace, find_pack(), control or Control()))


def left(workspace: Workspace) -> list[Path]:
    return list((workspace.folder.root / "packs" / ".downloads").glob("*"))


def test_that_a_pack_is_fetched_compared_and_installed(
    workspace: Workspace, releases: ReleaseServer, content: bytes
) -> None:
    events = fetch(workspace)

    assert events[0] == DownloadStarted(len(content), 0)
    assert DownloadProgress("stand-in", len(content), len(content)) in events
    assert events[-1] == PackInstalled("stand-in")
    assert PackPlaces.of(workspace.folder.root).chosen == "stand-in"
    assert left(workspace) == []


def test_that_a_lost_connection_is_taken_up_where_it_was(
    workspace: Workspace, releases: ReleaseServer, content: bytes
) -> None:
    releases.cuts = [1000, 2000]

    events = fetch(workspace)

    asked = [ranges for path, ranges in releases.asked if path.endswith(".calopack")]
    assert asked == ["", "bytes=1000-", "bytes=3000-"]
    assert events[-1] == PackInstalled("stand-in")


def test_that_what_was_fetched_is_kept_for_the_next_time(
    workspace: Workspace, releases: ReleaseServer, content: bytes
) -> None:
    releases.cuts = [1500, 0]
    with pytest.raises(DownloadInterruptedError):
        fetch(workspace)

    events = fetch(workspace)

    assert events[0] == DownloadStarted(len(content), 1500)
    assert releases.asked[-1][1] == "bytes=1500-"
    assert events[-1] == PackInstalled("stand-in")


def test_that_a_stop_installs_nothing(workspace: Workspace, releases: ReleaseServer, content: bytes) -> None:
    control = Control()
    control.send(Stop())

    assert fetch(workspace, control)[-1] == PackInstalled("")
    assert PackPlaces.of(workspace.folder.root).chosen == ""
    assert len(left(workspace)) == 1


def test_that_another_file_than_announced_is_deleted(
    workspace: Workspace, releases: ReleaseServer, content: bytes
) -> None:
    releases.pack = content[:-1] + bytes([content[-1] ^ 1])

    with pytest.raises(PackDownloadDamagedError):
        fetch(workspace)

    assert left(workspace) == []
    assert PackPlaces.of(workspace.folder.root).chosen == ""


@pytest.mark.parametrize(
    "other",
    [{"kind": "rocm"}, {"platform": "win32-amd64"}, {"python_abi": "cp399"}, {"torch_version": "2.1.0+cu121"}],
    ids=str,
)
def test_that_only_a_pack_that_fits_is_offered(
    releases: ReleaseServer, content: bytes, other: dict[str, object]
) -> None:
    releases.offer(content, **{**FITTING, **other})

    with pytest.raises(NoPackOfferedError):
        find_pack()
