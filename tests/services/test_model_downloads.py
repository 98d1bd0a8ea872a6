"""A model of the hub is fetched whole, compared with its hashes and added; what is lost on the way is said and kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.control import Control, Stop
from calotype.domain.errors import (
    BaseModelUnsupportedError,
    DiskTooSmallError,
    DownloadBusyError,
    DownloadDamagedError,
    DownloadInterruptedError,
    HubAnswerError,
    HubGatedError,
    LoraGivenError,
)
from calotype.domain.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted, ModelPlaced
from calotype.domain.recognised import ModelKind
from calotype.services import model_catalog, model_downloads
from calotype.services.model_downloads import download, look_up
from calotype.services.workspace import Workspace

if TYPE_CHECKING:
    from hub_server import HubServer

UNET = "unet/diffusion_pytorch_model.safetensors"


def fetch(workspace: Workspace, file_name: str = "") -> list[DownloadEvent]:
    return list(download(workspace, look_up(workspace, "me/tiny", file_name=file_name), Control()))


def parts_of(workspace: Workspace) -> list[Path]:
    """Files that are not in their place yet, without the locks."""
    folder = workspace.folder.downloads / ".part"
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def test_that_a_folder_arrives_whole_and_becomes_a_base_model(
    workspace: Workspace, hub: HubServer, starter_folder: Path
) -> None:
    offer = look_up(workspace, "me/tiny")
    asked_before = len(hub.asked)

    events = list(download(workspace, offer, Control()))

    folder = workspace.folder.downloads / "me--tiny"
    same = [
        file.path
        for file in offer.files
        if (folder / file.path).read_bytes() == (starter_folder / file.path).read_bytes()
    ]
    assert asked_before == 1
    assert same == [file.path for file in offer.files]
    assert UNET in same and "tokenizer/vocab.json" in same
    assert sorted(set(_names(folder)) - set(same)) == ["download.json"]
    assert hub.fetched == same
    assert events[0] == DownloadStarted(offer.size_bytes, 0)
    assert events[-3:-1] == [
        DownloadProgress(offer.files[-1].path, offer.size_bytes, offer.size_bytes),
        ModelPlaced(folder),
    ]
    card = model_catalog.list_base_models(workspace)[1]
    assert events[-1] == DownloadFinished(card.id, was_stopped=False)
    assert (card.name, card.folder) == ("me--tiny", folder)
    assert parts_of(workspace) == []


def test_that_the_note_says_where_a_model_is_from(workspace: Workspace, hub: HubServer) -> None:
    fetch(workspace)

    note = json.loads((workspace.folder.downloads / "me--tiny/download.json").read_text(encoding="utf-8"))
    assert (note["page"], note["licence"]) == (f"{hub.address}/me/tiny", "creativeml-openrail-m")


def test_that_a_cut_connection_is_taken_up_where_it_was(workspace: Workspace, hub: HubServer) -> None:
    hub.cuts = [1_000_000, 2_000_000]  # of the text encoder, which comes first by name, or of any other

    fetch(workspace)

    ranges = [span for path, span in hub.asked if span]
    assert ranges == ["bytes=1000000-", "bytes=3000000-"]
    assert len(model_catalog.list_base_models(workspace)) == 2


def test_that_a_lost_connection_keeps_what_is_there_for_the_next_time(workspace: Workspace, hub: HubServer) -> None:
    hub.cuts = [1_500_000, 0]
    with pytest.raises(DownloadInterruptedError, match="What was fetched is kept"):
        fetch(workspace)
    kept = sum(path.stat().st_size for path in parts_of(workspace))
    models, fetched = model_catalog.list_base_models(workspace), list(hub.fetched)
    hub.asked.clear()

    events = fetch(workspace)

    assert len(models) == 1
    assert not (workspace.folder.downloads / "me--tiny" / ".part").exists()
    assert events[0] == DownloadStarted(_offered(workspace), kept)
    assert [span for _, span in hub.asked if span] == ["bytes=1500000-"]
    assert set(hub.fetched) & set(fetched) == {fetched[-1]}  # nothing that was whole is asked for again
    assert isinstance(events[-1], DownloadFinished)
    assert len(model_catalog.list_base_models(workspace)) == 2


def test_that_a_connection_that_stalls_is_given_up(
    workspace: Workspace, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = look_up(workspace, "me/tiny")
    # Long enough that a busy machine answers in time where it does answer.
    monkeypatch.setattr("calotype.hub.connection.TIMEOUT_S", 2.0)
    hub.stalls = True

    with pytest.raises(DownloadInterruptedError, match=r"while unet/.* was downloaded \(timed out\)"):
        list(download(workspace, chosen, Control()))

    assert [span for _, span in hub.asked if span] == ["bytes=100000-"]


def test_that_a_server_without_ranges_is_gone_on_with_as_well(workspace: Workspace, hub: HubServer) -> None:
    hub.knows_ranges, hub.cuts = False, [700_000]

    fetch(workspace)

    assert len(model_catalog.list_base_models(workspace)) == 2


def test_that_a_stop_keeps_what_is_there(workspace: Workspace, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_downloads, "_TOLD_EVERY_S", 0)
    control = Control()
    stopped = download(workspace, look_up(workspace, "me/tiny"), control)
    reached = next(
        event
        for event in stopped
        if isinstance(event, DownloadProgress) and event.name == UNET and event.done_bytes > 10**6
    )
    control.send(Stop())

    rest = list(stopped)
    again = fetch(workspace)

    assert rest == [DownloadFinished("", was_stopped=True)]
    assert again[0] == DownloadStarted(reached.total_bytes, reached.done_bytes)
    assert isinstance(again[-1], DownloadFinished) and not again[-1].was_stopped


@pytest.mark.parametrize("name", [UNET, "scheduler/scheduler_config.json"])
def test_that_a_file_with_another_hash_is_deleted_and_named(workspace: Workspace, hub: HubServer, name: str) -> None:
    hub.wrong_hash = name

    with pytest.raises(DownloadDamagedError, match=name):
        fetch(workspace)

    assert [
        path
        for path in parts_of(workspace)
        if path.name.startswith(Path(name).name) and name.split("/")[0] in path.parts
    ] == []
    assert not (workspace.folder.downloads / "me--tiny").exists()
    assert len(model_catalog.list_base_models(workspace)) == 1


def test_that_what_lies_there_already_is_not_fetched_again(workspace: Workspace, hub: HubServer) -> None:
    fetch(workspace)
    model_catalog.remove_base_model(workspace, model_catalog.list_base_models(workspace)[1].id)
    hub.asked.clear()

    offer = look_up(workspace, "me/tiny")
    list(download(workspace, offer, Control()))

    assert offer.is_here
    assert hub.fetched == []
    assert len(model_catalog.list_base_models(workspace)) == 2


def test_that_another_version_does_not_touch_the_one_that_is_there(workspace: Workspace, hub: HubServer) -> None:
    fetch(workspace)
    config = hub.folder / "scheduler/scheduler_config.json"
    config.write_text(config.read_text() + "\n")

    fetch(workspace)

    assert [card.name for card in model_catalog.list_base_models(workspace)] == ["Starter", "me--tiny", "me--tiny-2"]


@pytest.mark.slow
def test_that_a_checkpoint_in_one_file_is_fetched_alone(
    workspace: Workspace, hub: HubServer, write_tensors: Callable[..., Path]
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD1).values() for key, shape in part.items()}
    hub.add(write_tensors("dreams.safetensors", shapes))
    hub.cuts = [500_000_000]

    events = fetch(workspace, "dreams.safetensors")

    card = model_catalog.list_base_models(workspace)[1]
    assert isinstance(events[-1], DownloadFinished)
    assert (card.name, card.file) == ("dreams", workspace.folder.downloads / "me--tiny/dreams.safetensors")
    assert hub.fetched == ["dreams.safetensors", "dreams.safetensors"]
    Path(str(card.file)).unlink()  # two gigabytes


def test_that_a_file_is_refused_as_soon_as_its_header_is_there(
    workspace: Workspace, hub: HubServer, write_tensors: Callable[..., Path]
) -> None:
    shapes = {"lora_unet_mid_block_attn2_to_k.lora_down.weight": (4, 768), "b": (50_000_000,)}
    hub.add(write_tensors("a.safetensors", shapes))
    hub.cuts = [20_000_000, 0]  # the whole file cannot be had

    with pytest.raises(LoraGivenError, match=r"^a\.safetensors is a LoRA"):  # as `models add` would say of it
        fetch(workspace, "a.safetensors")

    assert not (workspace.folder.downloads / "me--tiny").exists()
    assert parts_of(workspace) == []


def test_that_a_model_that_cannot_be_trained_is_refused_before_its_weights(
    workspace: Workspace, hub: HubServer
) -> None:
    index = hub.folder / "model_index.json"
    index.write_text(json.dumps({"_class_name": "FluxPipeline"}), encoding="utf-8")

    with pytest.raises(BaseModelUnsupportedError, match="FluxPipeline"):
        fetch(workspace)

    assert [name for name in hub.fetched if name.endswith(".safetensors")] == []
    assert parts_of(workspace) == []


def test_that_files_which_need_an_account_are_refused(workspace: Workspace, hub: HubServer) -> None:
    hub.refuses_files = True

    with pytest.raises(HubGatedError, match=f"agreed to its terms. Do that in your browser at {hub.address}/me/tiny"):
        fetch(workspace)


def test_that_a_file_that_went_away_is_an_answer_of_the_server(workspace: Workspace, hub: HubServer) -> None:
    offer = look_up(workspace, "me/tiny")
    (hub.folder / UNET).unlink()

    with pytest.raises(HubAnswerError, match="404 Not Found"):
        list(download(workspace, offer, Control()))


def test_that_a_full_disk_is_noticed_before_anything_is_fetched(
    workspace: Workspace, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(workspace.folder.root)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=120_000_000))

    with pytest.raises(DiskTooSmallError, match=r"room for me--tiny: it needs 0\.14 GB, and 0\.12 GB are free"):
        fetch(workspace)

    assert hub.fetched == []


def test_that_two_downloads_of_the_same_do_not_mix(workspace: Workspace, hub: HubServer) -> None:
    offer = look_up(workspace, "me/tiny")
    first = download(workspace, offer, Control())
    next(first)

    with pytest.raises(DownloadBusyError):
        list(download(workspace, offer, Control()))

    assert isinstance(list(first)[-1], DownloadFinished)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _offered(workspace: Workspace) -> int:
    return look_up(workspace, "me/tiny").size_bytes
