"""Ask the hub what a repository holds, and fetch its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

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
from calotype.domain.hub import HubRepository, RemoteFile
from calotype.hub.connection import (
    ConnectionLostError,
    Refuse,
    endpoint,
    opened,
    resumed_pieces,
    server_name,
    whole_text,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_MOST_LISTED_BYTES = 50_000_000


def read_repository(name: str, revision: str, token: str = "") -> HubRepository:
    """What a repository holds: one request. Raises a HubError, also without a token for a repository whose files are
    not for everybody.

    `name` is OWNER/NAME, or the address of its page.
    """
    name = name.strip().removeprefix(endpoint()).strip("/")
    if not _NAME.fullmatch(name):
        raise HubNameError(name)
    path = f"api/models/{name}/revision/{quote(revision, safe='')}?blobs=true"
    with opened(path, _refusals(name, revision, token), token=token) as response:
        try:
            told = json.loads(whole_text(response, _MOST_LISTED_BYTES))
            repository = _repository(name, told)
            is_gated = bool(told.get("gated"))
        except ConnectionLostError as error:
            raise HubUnreachableError(server_name(), str(error)) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise HubAnswerError(server_name(), "its list of files cannot be read") from error
    if is_gated and not token:
        raise HubGatedError(name, repository.page)
    return repository


def file_pieces(repository: HubRepository, file: RemoteFile, first_byte: int, token: str = "") -> Iterator[bytes]:
    """The bytes of a file from `first_byte` on, as `resumed_pieces` brings them. Raises a HubError."""
    path = f"{repository.name}/resolve/{repository.commit}/{quote(file.path)}"
    refusals = _refusals(repository.name, repository.commit, token)
    return resumed_pieces(lambda place: opened(path, refusals, place, token), file.path, file.size_bytes, first_byte)


def _refusals(name: str, revision: str, token: str) -> Refuse:
    """What the hub's words mean; without an account it says 401 also of repositories that do not exist."""
    page = f"{endpoint()}/{name}"
    gated = HubTokenRefusedError(name, page) if token else HubGatedError(name, page)
    missing = HubRepositoryNotFoundError(name, server_name())
    errors: dict[str, HubError] = {
        "GatedRepo": gated,
        "403": gated,
        "RevisionNotFound": HubRevisionNotFoundError(name, revision),
        "RepoNotFound": missing,
        "401": gated if token else missing,
        "404": missing,
    }
    return errors.get


def _repository(name: str, told: dict[str, Any]) -> HubRepository:
    """Raises KeyError, TypeError or ValueError for an answer that lacks something."""
    commit = told["sha"]
    if not re.fullmatch(r"[0-9a-f]{7,64}", commit):
        raise ValueError(commit)
    files = tuple(_file(sibling) for sibling in told["siblings"])
    return HubRepository(name, commit, _licence(told), f"{endpoint()}/{name}", files)


def _file(sibling: dict[str, Any]) -> RemoteFile:
    large = sibling.get("lfs") or {}
    sha256 = str(large.get("sha256") or "")
    git_sha1 = "" if sha256 else str(sibling["blobId"])
    return RemoteFile(str(sibling["rfilename"]), int(sibling["size"]), sha256.lower(), git_sha1.lower())


def _licence(told: dict[str, Any]) -> str:
    card = told.get("cardData") or {}
    said = card.get("license") or ""
    if said == "other":
        said = card.get("license_name") or said
    if isinstance(said, list):
        return ", ".join(map(str, said))
    tagged = (str(tag).partition(":")[2] for tag in told.get("tags") or () if str(tag).startswith("license:"))
    return str(said) or next(tagged, "")
