"""A zip for somebody who helps: versions, devices, checks, logs and the last crash, without names and places."""

from __future__ import annotations

import getpass
import importlib.metadata
import json
import logging
import os
import platform
import re
import socket
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import calotype
from calotype.domain.checks import CheckResult
from calotype.services.computing import ComputingReport
from calotype.services.gpu_packs import packs_report
from calotype.services.projects import list_projects
from calotype.services.workspace import Workspace, disk_free_bytes, load_settings
from calotype.startup.program import is_packaged, is_portable, program_folder
from calotype.storage.files import write_atomically

_MOST_LOG_BYTES = 2_000_000  # of the end of each
_DISTRIBUTIONS = ("torch", "diffusers", "transformers", "peft", "safetensors", "numpy", "pillow", "PySide6-Essentials")
_VARIABLES = ("LANG", "LC_ALL", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "XDG_SESSION_TYPE", "OMP_NUM_THREADS")
_SHORTEST_NAME = 2  # a name of one letter says nothing, and would be replaced everywhere
# What follows a place that is known, up to where a text usually goes on: folders and names are the user's own.
_REST_OF_PATH = r"(?:[\\/]+[^\s'\"<>|:;,)\]}]+)*"
logger = logging.getLogger(__name__)


def save_report(workspace: Workspace, path: Path, results: Sequence[CheckResult]) -> None:
    """Write the zip. Raises FolderNotWritableError or DiskFullError."""
    hide = Redaction(workspace)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.txt", hide.redacted("\n".join(_lines(workspace, results)) + "\n"))
        for log in _logs(workspace.folder.logs):
            archive.writestr(f"logs/{log.name}", hide.redacted(_end_of(log)))
    write_atomically(path, packed.getvalue())


class Redaction:
    """Takes out of a text what tells who and where someone is: home, data folder, user, computer, projects."""

    def __init__(self, workspace: Workspace, home: Path | None = None) -> None:
        home = home or Path.home()
        self._places = [
            (_spellings(workspace.folder.root), "<data>"),
            (_spellings(home), "<home>"),
        ]
        program = [Path(sys.prefix), Path(calotype.__file__).parent, *filter(None, [program_folder()])]
        self._program = [spelling for folder in program for spelling in _spellings(folder)]
        summaries = list_projects(workspace)
        names = {name for summary in summaries for name in (summary.project.name, summary.project.folder.name)}
        people = {home.name, _user(), socket.gethostname()}
        secret = load_settings(workspace).hub_token
        self._names = [
            (secret, "<token>"),
            *((name, "<project>") for name in names),
            *((name, "<name>") for name in people),
        ]

    def redacted(self, text: str) -> str:
        """The text without them; files of the program keep their place in it, which helps and tells nothing."""
        for spelling in sorted(self._program, key=len, reverse=True):
            text = re.sub(re.escape(spelling), "<program>", text, flags=re.IGNORECASE)
        for spellings, word in self._places:
            for spelling in sorted(spellings, key=len, reverse=True):
                text = re.sub(re.escape(spelling) + _REST_OF_PATH, word, text, flags=re.IGNORECASE)
        for name, word in sorted(self._names, key=lambda each: -len(each[0])):
            if len(name) >= _SHORTEST_NAME:
                text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", word, text, flags=re.IGNORECASE)
        return text


def _spellings(folder: Path) -> set[str]:
    """A folder as it may stand in a log: as it is, resolved, with either slash, and as Python quotes it."""
    found = set()
    for path in (folder, folder.resolve()):
        plain = str(path)
        found |= {plain, path.as_posix(), repr(plain)[1:-1], json.dumps(plain)[1:-1]}
    return {each for each in found if len(each.strip("\\/")) > 1}  # never the root of a disk


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _lines(workspace: Workspace, results: Iterable[CheckResult]) -> Iterator[str]:
    yield f"Calotype {calotype.__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield f"package: {is_packaged()}, portable: {is_portable()}"
    yield f"processor: {platform.machine()}, {os.cpu_count()} cores"
    yield f"free in the data folder: {disk_free_bytes(workspace) / 1e9:.1f} GB"
    yield ""
    for name in _DISTRIBUTIONS:
        yield f"{name} {_version(name)}"
    yield ""
    report = packs_report(workspace)
    yield from _computing(report.computing)
    for pack in report.installed:
        yield f"pack {pack.name}: torch {pack.torch_version}, chosen: {pack.name == report.chosen}"
    yield f"pack in use: {report.in_use or 'none'}; trouble: {report.trouble or 'none'}"
    yield ""
    yield from (f"{name}={os.environ[name]}" for name in _VARIABLES if name in os.environ)
    yield ""
    for result in results:
        outcome = f"FAILED: {result.failure}" if result.failure else f"ok: {result.detail}"
        yield f"{result.check.value} ({result.seconds:.1f} s) {outcome}"


def _computing(report: ComputingReport) -> Iterator[str]:
    yield f"torch found: {report.torch.version or 'none'} ({report.torch.kind.value}), advice: {report.advice.value}"
    card = report.card
    if card is not None:
        yield f"card: {card.vendor.value} {card.name}, {card.memory_bytes / 1e9:.1f} GB, driver {card.driver or 'none'}"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _logs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file() and not path.is_symlink())


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _MOST_LOG_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        logger.info("%s is not in the report: %s", path.name, error)
        return ""
