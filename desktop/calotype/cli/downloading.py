"""calotype models download: a base model from the Hugging Face hub, after one has seen what will be fetched."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, as_command, opened_workspace, true_text
from calotype.cli.output import Output
from calotype.cli.words import counted, duration, file_size
from calotype.domain.control import Control
from calotype.domain.errors import DownloadNotConfirmedError
from calotype.domain.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted, ModelPlaced
from calotype.domain.hub import DEFAULT_REVISION, ModelOffer
from calotype.domain.transfer_rate import TransferRate
from calotype.services import model_catalog, model_downloads


@as_command
def download_model(
    chosen: Choices,
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="As its page on huggingface.co names it.")],
    revision: Annotated[str, typer.Option(metavar="R", help="A branch, tag or commit.")] = DEFAULT_REVISION,
    file: Annotated[
        str, typer.Option("--file", metavar="NAME.safetensors", help="The model in this one file, not the folder.")
    ] = "",
    is_agreed: Annotated[
        bool, typer.Option("--yes", help="Agree to what will be fetched without being asked.")
    ] = False,
) -> None:
    """Download a base model from Hugging Face; called again after a stop or a lost connection, it goes on."""
    control = Control()
    with opened_workspace(chosen) as workspace:
        offer = model_downloads.look_up(workspace, true_text(name), true_text(revision), true_text(file))
        chosen.output.progress(_description(offer))
        if not (is_agreed or offer.is_here or _agrees()):
            raise DownloadNotConfirmedError(offer.repository.name)
        with stop_on_interrupt(control, chosen.output):
            finished = _follow(model_downloads.download(workspace, offer, control), chosen.output)
        card = model_catalog.find_base_model(workspace, finished.model_id) if finished.model_id else None
    if card is None:
        again = "What was fetched is kept: the same command goes on from there."
        chosen.output.result(f"Stopped. {again}", {"was_stopped": True})
        raise typer.Exit(INTERRUPTED)
    chosen.output.result(f"Added {card.id}: {card.file or card.folder}", asdict(card))


def _description(offer: ModelOffer) -> str:
    repository = offer.repository
    lines = [
        f"{repository.name}, from {repository.page}",
        f"  licence  {repository.licence or 'its model card names none: read the page before you use it'}",
        f"  version  {repository.commit[:12]}",
        f"  fetches  {counted(len(offer.files), 'file')}, {file_size(offer.size_bytes)}",
        *(f"           {file_size(file.size_bytes):>9}  {file.path}" for file in offer.files),
        f"  into     {offer.folder}{', where it is already' if offer.is_here else ''}",
    ]
    return "\n".join(lines)


def _agrees() -> bool:
    """Ask a person; where nobody can answer, nobody has agreed."""
    return sys.stdin.isatty() and typer.confirm("Download it?", err=True)


def _follow(events: Iterable[DownloadEvent], output: Output) -> DownloadFinished:
    """Say each event as it comes, and answer with the last."""
    finished, rate = DownloadFinished("", was_stopped=True), TransferRate()
    for event in events:
        match event:
            case DownloadStarted():
                rate.note(event.kept_bytes)
                if event.kept_bytes:
                    output.progress(f"Going on: {file_size(event.kept_bytes)} are here already.")
            case DownloadProgress():
                rate.note(event.done_bytes)
                output.passing(_progress(event, rate))
            case ModelPlaced():
                output.progress(f"Downloaded to {event.path}")
            case DownloadFinished():
                finished = event
    return finished


def _progress(event: DownloadProgress, rate: TransferRate) -> str:
    parts = [f"{file_size(event.done_bytes)} of {file_size(event.total_bytes)}"]
    if rate.bytes_per_s:
        parts.append(f"{file_size(round(rate.bytes_per_s))}/s")
    left = rate.seconds_left(event.total_bytes)
    if left is not None:
        parts.append(f"{duration(left)} left")
    return " · ".join([*parts, event.name])
