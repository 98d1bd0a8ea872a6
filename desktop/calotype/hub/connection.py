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
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse

from calotype.domain.errors import HubAnswerError, HubError, HubUnreachableError

TIMEOUT_S = 10.0  # without a byte; also the longest that a Stop may have to wait
_STANDARD_ENDPOINT = "https://huggingface.co"

Refuse = Callable[[str], HubError | None]  # the hub's own word for why it refuses → the error that fits, if any does


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
    """The answer to a request, from `first_byte` on if the server can do that (its status is then 206).

    The token goes to the hub itself and nowhere else: not to where it redirects, and not over an open connection.
    Raises HubUnreachableError, HubAnswerError or what `refuse` makes of a refusal.
    """
    headers = {"User-Agent": "Calotype", **({"Range": f"bytes={first_byte}-"} if first_byte else {})}
    if urllib.parse.urlsplit(endpoint()).scheme not in ("http", "https"):
        raise HubUnreachableError(server_name(), "HF_ENDPOINT is no web address")
    try:
        request = urllib.request.Request(f"{endpoint()}/{path}", headers=headers)
        if token and _is_private(endpoint()):
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            word = error.headers.get("X-Error-Code") or str(error.code)
        raise refuse(word) or HubAnswerError(server_name(), f"{error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise HubUnreachableError(server_name(), _cause(error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise HubUnreachableError(server_name(), _cause(error)) from error
    with response:
        yield response


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


def _is_private(address: str) -> bool:
    """Whether nobody else can read what is sent there."""
    parts = urllib.parse.urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")


def _cause(error: object) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).strip().rstrip(".").lower()
