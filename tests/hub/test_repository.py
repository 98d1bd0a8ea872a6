"""What the hub says is understood, whatever it says."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from calotype.domain.errors import (
    HubAnswerError,
    HubError,
    HubGatedError,
    HubNameError,
    HubRepositoryNotFoundError,
    HubRevisionNotFoundError,
    HubTokenRefusedError,
    HubUnreachableError,
)
from calotype.hub.repository import file_pieces, read_repository

if TYPE_CHECKING:
    from hub_server import HubServer


@pytest.mark.parametrize("name", ["me/tiny", " me/tiny/ ", "{address}/me/tiny"])
def test_that_a_repository_is_found_by_name_or_page(hub: HubServer, name: str) -> None:
    repository = read_repository(name.format(address=hub.address), "main")

    config = next(file for file in repository.files if file.path == "unet/config.json")
    weights = next(file for file in repository.files if file.path == "unet/diffusion_pytorch_model.safetensors")
    assert (repository.name, repository.page) == ("me/tiny", f"{hub.address}/me/tiny")
    assert config.size_bytes == (hub.folder / config.path).stat().st_size
    assert (len(config.git_sha1), len(weights.sha256), weights.git_sha1) == (40, 64, "")


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"license": "apache-2.0"}, "apache-2.0"),
        ({"license": "other", "license_name": "stability-community"}, "stability-community"),
        ({"license": ["mit", "apache-2.0"]}, "mit, apache-2.0"),
        ({}, "mit"),
        (None, "mit"),
    ],
)
def test_that_the_licence_of_the_model_card_is_read(hub: HubServer, card: Any, licence: str) -> None:
    hub.card = card

    assert read_repository("me/tiny", "main").licence == licence


@pytest.mark.parametrize(
    "name", ["tiny", "me/tiny/unet", "me/..", "../tiny", "me/ti ny", "", "https://else.where/me/tiny"]
)
def test_that_what_is_no_name_is_refused_without_a_request(hub: HubServer, name: str) -> None:
    with pytest.raises(HubNameError):
        read_repository(name, "main")

    assert hub.asked == []


@pytest.mark.parametrize(
    ("name", "revision", "kind", "words"),
    [
        ("me/other", "main", HubRepositoryNotFoundError, "There is no model called “me/other” on 127.0.0.1"),
        ("me/tiny", "nightly/x", HubRevisionNotFoundError, "“me/tiny” has no revision “nightly/x”"),
    ],
)
def test_that_what_is_missing_is_named(
    hub: HubServer, name: str, revision: str, kind: type[HubError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        read_repository(name, revision)


@pytest.mark.parametrize("gated", ["auto", "manual"])
def test_that_a_gated_repository_is_refused_at_once(hub: HubServer, gated: str) -> None:
    hub.gated = gated

    with pytest.raises(HubGatedError, match="add it as a file or folder"):
        read_repository("me/tiny", "main")


def test_that_a_token_opens_it_and_goes_nowhere_else(hub: HubServer) -> None:
    hub.gated, hub.refuses_files, hub.token = "manual", True, "hf_secret"
    repository = read_repository("me/tiny", "main", "hf_secret")
    weights = next(file for file in repository.files if file.path == "unet/diffusion_pytorch_model.safetensors")

    size = sum(map(len, file_pieces(repository, weights, 0, "hf_secret")))

    assert size == weights.size_bytes
    assert hub.tokens == ["hf_secret", "hf_secret", ""]  # the last is where the file lies


@pytest.mark.parametrize("gated", ["auto", False])
def test_that_a_token_that_does_not_open_it_is_named(hub: HubServer, gated: str | bool) -> None:
    hub.gated, hub.token = gated, "hf_new"

    with pytest.raises(HubTokenRefusedError, match=r"was refused to your access token\. Agree to its terms at http"):
        read_repository("me/tiny", "main", "hf_old")


def test_that_a_token_is_not_sent_where_others_can_read_it(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def answer(request: urllib.request.Request, timeout: float) -> None:
        asked.append({**request.headers, **request.unredirected_hdrs})
        raise urllib.error.URLError("stop")

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    for address in ("http://hub.example", "https://hub.example"):
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(HubUnreachableError):
            read_repository("me/tiny", "main", "hf_secret")

    assert ["Authorization" in headers for headers in asked] == [False, True]


def test_that_no_network_is_said_with_its_cause(hub: HubServer) -> None:
    hub.close()

    with pytest.raises(HubUnreachableError, match=r"127\.0\.0\.1:\d+ cannot be reached \(connection refused\)"):
        read_repository("me/tiny", "main")


def test_that_a_hub_with_an_odd_address_is_refused(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")

    with pytest.raises(HubUnreachableError, match="HF_ENDPOINT is no web address"):
        read_repository("me/tiny", "main")


@pytest.mark.parametrize(
    "answer",
    [
        "<html>Sign in to the hotel's network</html>",
        "[]",
        "{}",
        "[" * 200_000,
        json.dumps({"sha": "../..", "siblings": []}),
        json.dumps({"sha": "0123456789", "siblings": [{"rfilename": "a"}]}),
        json.dumps({"sha": "0123456789", "siblings": [{"rfilename": "a", "size": None, "blobId": "b"}]}),
        json.dumps({"sha": "0123456789", "siblings": 7}),
    ],
)
def test_that_an_odd_answer_is_no_fault_of_ours(hub: HubServer, answer: str) -> None:
    hub.odd_answer = answer

    with pytest.raises(HubAnswerError, match="its list of files cannot be read"):
        read_repository("me/tiny", "main")


def test_that_one_may_leave_before_a_lost_connection_is_opened_again(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calotype.hub.connection.TIMEOUT_S", 0.3)
    hub.stalls = True
    repository = read_repository("me/tiny", "main")
    weights = next(file for file in repository.files if file.path == "unet/diffusion_pytorch_model.safetensors")

    arrived = sum(len(piece) for piece in iter(file_pieces(repository, weights, 0).__next__, b""))

    assert arrived == 100_000
    assert [span for _, span in hub.asked if span] == []
