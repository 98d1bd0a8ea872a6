"""calotype models download: what will be fetched is said first, and without an answer nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hub_server import HubServer


def test_that_without_an_answer_nothing_is_fetched(call: Any, home: Path, hub: HubServer) -> None:
    told = call("models", "download", "me/tiny")

    assert told.code == 1
    assert told.err.splitlines()[:3] == [
        f"me/tiny, from {hub.address}/me/tiny",
        "  licence  creativeml-openrail-m",
        "  version  0123456789ab",
    ]
    assert "  fetches  13 files, 42.0 MB" in told.err.splitlines()
    assert told.err.splitlines()[-1].startswith("calotype: Nothing of “me/tiny” was downloaded.")
    assert hub.fetched == []
    assert not (home / "models").exists()


def test_that_a_model_is_fetched_and_draws(call: Any, home: Path, hub: HubServer, tmp_path: Path) -> None:
    answer = call("models", "download", "me/tiny", "--yes", "--json")
    drawn = call("generate", "--prompt", "an apple", "--model", "me--tiny", "--steps", "1", "--out", tmp_path / "drawn")

    assert answer.code == drawn.code == 0
    assert answer.values["folder"] == str(home / "models/me--tiny")
    assert f"Downloaded to {home / 'models/me--tiny'}" in answer.err
    assert len(list((tmp_path / "drawn").glob("*.png"))) == 1


def test_that_a_second_call_only_adds_it_again(call: Any, home: Path, hub: HubServer) -> None:
    call("models", "download", "me/tiny", "--yes")
    hub.asked.clear()

    again = call("models", "download", "me/tiny")

    assert again.code == 0
    assert again.out.startswith("Added me--tiny-")
    assert "where it is already" in again.err
    assert hub.fetched == []


def test_that_another_revision_is_asked_for(call: Any, home: Path, hub: HubServer) -> None:
    call("models", "download", "me/tiny", "--revision", "fp16")

    assert hub.asked == [("/api/models/me/tiny/revision/fp16", "")]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["me/other"], "HubRepositoryNotFoundError"),
        (["tiny"], "HubNameError"),
        (["me/tiny", "--revision", "none"], "HubRevisionNotFoundError"),
        (["me/tiny", "--file", "b.safetensors"], "HubFileNotFoundError"),
        (["me/tiny", "--file", "v1-5.ckpt"], "PickleFileError"),
    ],
)
def test_that_a_refusal_is_one_sentence(call: Any, home: Path, hub: HubServer, arguments: list[str], kind: str) -> None:
    answer = call("models", "download", *arguments, "--yes", "--json")

    assert answer.code == 1
    assert answer.values["error"]["kind"] == kind
    assert len(answer.err.splitlines()) == 1


def test_that_an_interrupted_download_says_how_to_go_on(call: Any, home: Path, hub: HubServer) -> None:
    hub.cuts = [400_000, 0]

    lost, again = call("models", "download", "me/tiny", "--yes"), call("models", "download", "me/tiny", "--yes")

    assert lost.code == 1
    assert "What was fetched is kept: download it again" in lost.err
    assert again.code == 0
    assert "are here already." in again.err
