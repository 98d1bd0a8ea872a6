"""Ask what is published about Calotype: one small file, when somebody wants it, with nothing told but the name."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from calotype.domain.errors.releases import NoReleasesPlaceError, ReleasesUnreadableError
from calotype.domain.graphics import TorchKind
from calotype.domain.packs import is_pack_name
from calotype.domain.releases import PackOffer, Releases
from calotype.hub.connection import ConnectionLostError, is_private, opened_address, resumed_pieces, whole_text
from calotype.hub.release_place import releases_address, releases_server

_MOST_BYTES = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_releases() -> Releases:
    """What is published: one request.

    {"version": "0.2.0", "page": "https://…", "packs": [{"name", "kind", "torch_version", "python_abi", "platform",
    "address" (may be relative to the list), "size", "sha256"}, …]}. Raises a ReleasesError or a HubError.
    """
    address = releases_address()
    if not address:
        raise NoReleasesPlaceError
    if not is_private(address):
        raise ReleasesUnreadableError(releases_server() or address, "its address is not one of https")
    with opened_address(address, lambda word: None) as response:
        try:
            told = json.loads(whole_text(response, _MOST_BYTES))
            packs = tuple(_pack(each, address) for each in told.get("packs", ()))
            return Releases(_line(told["version"]), _page(told.get("page", "")), packs)
        except ConnectionLostError as error:
            raise ReleasesUnreadableError(releases_server(), str(error)) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ReleasesUnreadableError(releases_server(), "it is no list of versions") from error


def pack_pieces(offer: PackOffer, first_byte: int) -> Iterator[bytes]:
    """The bytes of a pack from `first_byte` on, as they arrive. Raises a HubError."""
    return resumed_pieces(
        lambda place: opened_address(offer.address, lambda word: None, place), offer.name, offer.size_bytes, first_byte
    )


def _pack(told: dict[str, Any], base: str) -> PackOffer:
    """Raises KeyError, TypeError or ValueError for an entry that lacks something, or leads to an open connection."""
    address = urllib.parse.urljoin(base, str(told["address"]))
    name, sha256, size = told["name"], str(told["sha256"]).lower(), int(told["size"])
    if not (is_pack_name(name) and _SHA256.fullmatch(sha256) and size > 0 and is_private(address)):
        raise ValueError(name)
    version, abi, platform = (_line(told[key]) for key in ("torch_version", "python_abi", "platform"))
    return PackOffer(name, TorchKind(told["kind"]), version, abi, platform, address, size, sha256)


def _line(text: object) -> str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > 200:
        raise ValueError(text)
    return text


def _page(address: object) -> str:
    """A web page to open in a browser, and nothing else that a desktop would start."""
    text = _line(address)
    if text and urllib.parse.urlsplit(text).scheme not in ("https", "http"):
        raise ValueError(text)
    return text
