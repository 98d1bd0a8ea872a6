"""Models behind terms open with the user's token, and what is left of old downloads goes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from calotype.domain.control import Control
from calotype.domain.errors import HubGatedError
from calotype.domain.events import DownloadEvent, DownloadFinished
from calotype.domain.settings import Settings
from calotype.services.model_downloads import download, look_up
from calotype.services.workspace import Workspace, save_settings

if TYPE_CHECKING:
    from hub_server import HubServer


def fetch(workspace: Workspace) -> list[DownloadEvent]:
    return list(download(workspace, look_up(workspace, "me/tiny"), Control()))


@pytest.mark.parametrize("place", ["settings", "environment"])
def test_that_a_gated_model_is_fetched_with_the_token_of_the_user(
    place: str, workspace: Workspace, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated, hub.refuses_files, hub.token = "auto", True, "hf_mine"
    if place == "settings":
        save_settings(workspace, Settings(hub_token="hf_mine"))
        monkeypatch.setenv("HF_TOKEN", "hf_other")
    else:
        monkeypatch.setenv("HF_TOKEN", "hf_mine\n")

    events = fetch(workspace)

    assert isinstance(events[-1], DownloadFinished) and events[-1].model_id
    assert set(hub.tokens) == {"hf_mine", ""}


def test_that_a_token_that_no_request_can_hold_is_none(
    workspace: Workspace, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated = "auto"
    monkeypatch.setenv("HF_TOKEN", "hf_a\nX-Other: b")

    with pytest.raises(HubGatedError, match="enter an access token in Settings"):
        look_up(workspace, "me/tiny")


def test_that_old_parts_go_with_the_next_download_and_others_stay(workspace: Workspace, hub: HubServer) -> None:
    folder, month_ago = workspace.folder.downloads / ".part", time.time() - 31 * 86_400
    for name in ("old", "new", "going-on"):
        (folder / name).mkdir(parents=True)
        (folder / f"{name}.growing").mkdir()
        (folder / f"{name}.growing" / "weights").write_bytes(b"half")
        (folder / f"{name}.lock").touch()
        for path in (folder / f"{name}.growing" / "weights", folder / f"{name}.lock"):
            if name != "new" or path.suffix:  # one that a download went on with since
                os.utime(path, (month_ago, month_ago))
    with FileLock(folder / "going-on.lock"):
        os.utime(folder / "going-on.lock", (month_ago, month_ago))
        fetch(workspace)

    left = sorted(path.name for path in folder.iterdir() if not path.name.startswith("me--tiny"))
    assert left == ["going-on", "going-on.growing", "going-on.lock", "new", "new.growing", "new.lock"]
