"""Requests to the hub, with the standard library, and what its refusals mean.

The client library of the hub is not used: whether it may open connections is one switch for the whole process, which
would be on for everything else that runs during a download; it also sends a token that it finds and a description of
the system, compares no hashes and cannot be stopped. What is sent here is the address of a file, the name Calotype, and
a token if the user has given one.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPException, HTTPResponse

from calotype.domain.errors import DownloadInterruptedError, HubAnswerError, HubError, HubUnreachableError

TIMEOUT_S = 10.0  # without a byte; also the longest that a Stop may have to wait
_STANDARD_ENDPOINT = "https://huggingface.co"

PIECE_BYTES = 1 << 20

Refuse = Callable[[str], HubError | None]  # the hub's own word for why it refuses → the error that fits, if any does
OpenAt = Callable[[int], AbstractContextManager[HTTPResponse]]  # the first byte that is wanted → the answer


class ConnectionLostError(Exception):
    """An open connection brings nothing any more; says why in a few words."""


def endpoint() -> str:
    """Where the hub is: HF_ENDPOINT names a mirror, as it does for other programs."""
    return (os.environ.get("HF_ENDPOINT") or _STANDARD_ENDPOINT).rstrip("/")


def server_name() -> str:
    """The hub as a person knows it."""
    return urllib.parse.urlsplit(endpoint()).netloc or endpoint()


@contextmanager
def opened(path: str, refuse: Refuse, first_byte: int = 0, token: str = "") -> Iterator[HTTPResponse]:
    """The hub's answer to a request; see `opened_address`."""
    if urllib.parse.urlsplit(endpoint()).scheme not in ("http", "https"):
        raise HubUnreachableError(server_name(), "HF_ENDPOINT is no web address")
    with opened_address(f"{endpoint()}/{path}", refuse, first_byte, token) as response:
        yield response


@contextmanager
def opened_address(address: str, refuse: Refuse, first_byte: int = 0, token: str = "") -> Iterator[HTTPResponse]:
    """The answer of any server, from `first_byte` on if it can do that (its status is then 206).

    The token goes to the address itself and nowhere else: not to where it redirects, and not over an open connection.
    Raises HubUnreachableError, HubAnswerError or what `refuse` makes of a refusal.
    """
    server = urllib.parse.urlsplit(address).netloc or address
    headers = {"User-Agent": "Calotype", **({"Range": f"bytes={first_byte}-"} if first_byte else {})}
    try:
        request = urllib.request.Request(address, headers=headers)
        if token and is_private(address):
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            word = error.headers.get("X-Error-Code") or str(error.code)
        raise refuse(word) or HubAnswerError(server, f"{error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise HubUnreachableError(server, _cause(error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise HubUnreachableError(server, _cause(error)) from error
    with response:
        yield response


def resumed_pieces(open_at: OpenAt, name: str, size_bytes: int, first_byte: int) -> Iterator[bytes]:
    """The bytes of a file from `first_byte` on, as they arrive; `open_at` asks for it from a byte on.

    A connection that is lost is opened again where it was, as long as each brings something; an empty piece comes
    before that, so that whoever takes them may leave. Raises a HubError.
    """
    place, cause = first_byte, "nothing arrived"
    while place < size_bytes:
        before = place
        with open_at(place) as response:
            to_skip = place if response.status != 206 else 0  # a server that begins at the start, whatever was asked
            try:
                for piece in pieces(response, PIECE_BYTES):
                    new = piece[to_skip:][: size_bytes - place]
                    to_skip = max(0, to_skip - len(piece))
                    place += len(new)
                    if new:
                        yield new
                    if place >= size_bytes:
                        return
            except ConnectionLostError as error:
                cause = str(error)
        if place == before:
            raise DownloadInterruptedError(name, cause)
        yield b""


def whole_text(response: HTTPResponse, most_bytes: int) -> bytes:
    """The text of an answer. Raises ValueError for one that does not end, or ConnectionLostError."""
    text = b""
    for piece in pieces(response, PIECE_BYTES):
        text += piece
        if len(text) > most_bytes:
            raise ValueError("too long")
    return text


def pieces(response: HTTPResponse, size: int) -> Iterator[bytes]:
    """What arrives, as it arrives, at most `size` bytes at a time. Raises ConnectionLostError."""
    while True:
        try:
            piece = response.read1(size)
        except (OSError, HTTPException, ValueError) as error:
            raise ConnectionLostError(_cause(error)) from error
        if not piece:
            return
        yield piece


def is_private(address: str) -> bool:
    """Whether nobody else can read what is sent there."""
    parts = urllib.parse.urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")


def _cause(error: object) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).strip().rstrip(".").lower()
