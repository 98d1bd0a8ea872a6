"""Updates are looked for when one asks, or once a day after one said so; nothing is told but the name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import calotype
from calotype.domain.errors import HubUnreachableError
from calotype.domain.errors.releases import NoReleasesPlaceError, ReleasesUnreadableError
from calotype.domain.settings import Settings
from calotype.services.updates import UpdateNews, can_look, is_due, look_for_update
from calotype.services.workspace import Workspace

if TYPE_CHECKING:
    from release_server import ReleaseServer

ON = Settings(looks_for_updates=True)


def test_that_a_newer_version_is_found_with_one_request_that_tells_nothing(
    workspace: Workspace, releases: ReleaseServer
) -> None:
    news = look_for_update(workspace)

    assert news == UpdateNews("99.1", "https://example.org/calotype", is_newer=True)
    assert releases.asked == [("/calotype/releases.json", "")]
    sent = {name.lower(): text for name, text in releases.headers[0].items()}
    assert sent.pop("host").startswith("127.0.0.1")
    assert sent == {"accept-encoding": "identity", "user-agent": "Calotype", "connection": "close"}


@pytest.mark.parametrize("version", [calotype.__version__, "0.0.9", "0"])
def test_that_the_same_or_an_older_version_is_no_news(
    workspace: Workspace, releases: ReleaseServer, version: str
) -> None:
    releases.values["version"] = version

    assert not look_for_update(workspace).is_newer


def test_that_nothing_is_due_unless_it_was_switched_on(workspace: Workspace, releases: ReleaseServer) -> None:
    assert not is_due(workspace, Settings(), time.time())
    assert is_due(workspace, ON, time.time())
    assert releases.asked == []


def test_that_one_look_a_day_is_enough_also_when_it_failed(workspace: Workspace, releases: ReleaseServer) -> None:
    releases.values = "no list"
    with pytest.raises(ReleasesUnreadableError):
        look_for_update(workspace)

    now = time.time()
    assert not is_due(workspace, ON, now)
    assert not is_due(workspace, ON, now + 23 * 3600)
    assert is_due(workspace, ON, now + 25 * 3600)
    assert is_due(workspace, ON, now - 1e6)  # the clock was wrong when it looked


@pytest.mark.parametrize(
    "values",
    [
        "",
        "{",
        "[]",
        {},
        {"version": 7},
        {"version": "1\n2"},
        {"version": "9", "page": "file:///etc/passwd"},
        {"version": "9", "packs": [{"name": "../x"}]},
        {"version": "9" * 999},
    ],
    ids=str,
)
def test_that_an_odd_answer_is_a_sentence(workspace: Workspace, releases: ReleaseServer, values: object) -> None:
    releases.values = values

    with pytest.raises(ReleasesUnreadableError, match=r"127\.0\.0\.1"):
        look_for_update(workspace)


def test_that_a_server_that_is_gone_is_a_sentence(workspace: Workspace, releases: ReleaseServer) -> None:
    releases.close()

    with pytest.raises(HubUnreachableError):
        look_for_update(workspace)


def test_that_an_open_connection_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALOTYPE_RELEASES", "http://example.org/releases.json")

    with pytest.raises(ReleasesUnreadableError, match="https"):
        look_for_update(workspace)


def test_that_a_program_without_a_place_says_so(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALOTYPE_RELEASES", raising=False)

    assert not can_look()
    assert not is_due(workspace, ON, time.time())
    with pytest.raises(NoReleasesPlaceError):
        look_for_update(workspace)
