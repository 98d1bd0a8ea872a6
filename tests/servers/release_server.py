"""A server on this computer that publishes releases and packs, for tests of updates and downloads."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest


class ReleaseServer:
    """Serves `releases.json` and the pack in it; `cuts` says after how many bytes the next connections end."""

    def __init__(self) -> None:
        self.values: Any = {"version": "99.1", "page": "https://example.org/calotype", "packs": []}
        self.pack = b""
        self.cuts: list[int] = []
        self.asked: list[tuple[str, str]] = []  # path and range of each request
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"releases": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/calotype/releases.json"

    def offer(self, pack: bytes, **other: object) -> None:
        """Publish a pack, with an address relative to the list."""
        self.pack = pack
        told = {"name": "stand-in", "kind": "cuda", "address": "stand-in.calopack", "size": len(pack)}
        self.values["packs"] = [{**told, "sha256": hashlib.sha256(pack).hexdigest(), **other}]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Answers(BaseHTTPRequestHandler):
    releases: ClassVar[ReleaseServer]

    def do_GET(self) -> None:
        server = self.releases
        server.asked.append((self.path, self.headers.get("Range", "")))
        server.headers.append(dict(self.headers))
        if self.path == "/calotype/releases.json":
            text = server.values if isinstance(server.values, str) else json.dumps(server.values)
            self._give(text.encode(), 0, None)
        elif self.path == "/calotype/stand-in.calopack":
            first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
            self._give(server.pack, first, server.cuts.pop(0) if server.cuts else None)
        else:
            self.send_error(404)

    def _give(self, content: bytes, first: int, cut: int | None) -> None:
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        self.wfile.write(content[first:] if cut is None else content[first : first + cut])
        if cut is not None:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *arguments: object) -> None:
        """Say nothing on stderr."""


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    """A place where a newer version is published, which the program knows."""
    server = ReleaseServer()
    monkeypatch.setenv("CALOTYPE_RELEASES", server.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield server
    server.close()
