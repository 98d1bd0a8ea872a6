"""A server on this computer that answers as the Hugging Face hub does, for tests of downloads."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

_STALL_AFTER = 100_000  # bytes
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer:
    """One repository, `me/tiny`, whose files are those of a folder; what is set on it goes wrong."""

    name = "me/tiny"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card: dict[str, Any] = {"license": "creativeml-openrail-m"}
        self.gated: str | bool = False
        self.token = ""  # that opens what is gated
        self.tokens: list[str] = []  # what each request to it, or to where it redirects, carried
        self.refuses_files = False  # as the hub does for a gated repository
        self.knows_ranges = True
        self.wrong_hash = ""  # of this file
        self.odd_answer = ""  # in place of the list of files
        self.cuts: list[int] = []  # after how many bytes of a large file the next connections end
        self.stalls = False  # nothing follows the beginning of a large file, and its connection stays open
        self.asked: list[tuple[str, str]] = []  # path and range of each request, but for those of redirections
        self.is_closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"hub": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def fetched(self) -> list[str]:
        """The files that were asked for, in order."""
        return [path.partition(f"resolve/{COMMIT}/")[2] for path, _ in self.asked if "/resolve/" in path]

    def add(self, file: Path) -> None:
        """Take a file into the repository; its hash is known before anybody asks for it, as it is on the real hub."""
        _sha256(Path(shutil.move(file, self.folder / file.name)))

    def close(self) -> None:
        """Stop listening."""
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def listing(self) -> dict[str, Any]:
        """What the hub says of the repository, with as many fields as are read, and some more."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        siblings = [self._sibling(path) for path in paths]
        tags = ["diffusers", "safetensors", "license:mit"]
        said = {"id": self.name, "sha": COMMIT, "private": False, "gated": self.gated, "tags": tags}
        return {**said, "cardData": self.card, "siblings": siblings}

    def _sibling(self, path: Path) -> dict[str, Any]:
        name, size = path.relative_to(self.folder).as_posix(), path.stat().st_size
        other = "f" if name == self.wrong_hash else ""
        if path.suffix in (".safetensors", ".bin", ".ckpt"):
            large = {"sha256": other * 64 or _sha256(path), "size": size, "pointerSize": 134}
            return {"rfilename": name, "size": size, "blobId": "0" * 40, "lfs": large}
        blob = hashlib.sha1(b"blob %d\0" % size + path.read_bytes()).hexdigest()
        return {"rfilename": name, "size": size, "blobId": other * 40 or blob}


class _Answers(BaseHTTPRequestHandler):
    hub: ClassVar[HubServer]

    def do_GET(self) -> None:
        hub, url = self.hub, urlsplit(self.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        hub.tokens.append(token)
        path = unquote(url.path)
        if path.startswith("/storage/"):
            self._give(hub.folder / path.removeprefix("/storage/"))
            return
        hub.asked.append((path, self.headers.get("Range", "")))
        revision = path.removeprefix(f"/api/models/{hub.name}/revision/")
        if not path.startswith((f"/api/models/{hub.name}/", f"/{hub.name}/resolve/")):
            self._refuse(401, "RepoNotFound")  # what the real one says to somebody without an account
        elif token and token != hub.token:
            self._send(401, b'{"error": "Invalid username or password."}')
        elif path.startswith("/api/") and revision not in ("main", "fp16", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif path.startswith("/api/"):
            assert parse_qs(url.query) == {"blobs": ["true"]}
            self._send(200, (hub.odd_answer or json.dumps(hub.listing())).encode())
        elif hub.refuses_files and not (token and token == hub.token):
            self._refuse(401, "GatedRepo")
        else:
            self._resolve(path.removeprefix(f"/{hub.name}/resolve/{COMMIT}/"))

    def _resolve(self, name: str) -> None:
        """Small files at once, large ones at another address."""
        file = self.hub.folder / name
        if not file.is_file():
            self._refuse(404, "EntryNotFound")
        elif file.suffix == ".safetensors":
            linked = {
                "X-Linked-Etag": f'"{_sha256(file)}"',
                "X-Linked-Size": str(file.stat().st_size),
                "X-Repo-Commit": COMMIT,
            }
            self._send(302, b"", Location=f"{self.hub.address}/storage/{name}", **linked)
        else:
            self._give(file)

    def _give(self, file: Path) -> None:
        size, first = file.stat().st_size, 0
        if self.hub.knows_ranges and self.headers.get("Range"):
            first = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        large = file.suffix == ".safetensors"
        cut = self.hub.cuts.pop(0) if large and self.hub.cuts else None
        extra = {"Content-Range": f"bytes {first}-{size - 1}/{size}"} if first else {}
        self._head(206 if first else 200, size - first, **extra)
        left = size - first if cut is None else cut
        left = max(0, _STALL_AFTER - first) if large and self.hub.stalls else left
        with file.open("rb") as content, contextlib.suppress(ConnectionError):  # who asked may have left
            content.seek(first)
            while left > 0 and (piece := content.read(min(left, 1 << 20))):
                self.wfile.write(piece)
                left -= len(piece)
        if large and self.hub.stalls:
            self.hub.is_closing.wait()
        if cut is not None:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def _refuse(self, status: int, word: str) -> None:
        self._send(status, b'{"error": "no"}', **{"X-Error-Code": word, "X-Error-Message": "no"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self._head(status, len(body), **headers)
        self.wfile.write(body)

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing on stderr."""


@functools.cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture
def hub(starter_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub whose only repository holds the starter model, and much that is not needed."""
    folder = Path(shutil.copytree(starter_folder, tmp_path / "served"))
    for name in ("unet/diffusion_pytorch_model.bin", "safety_checker/model.safetensors", "v1-5.ckpt", ".gitattributes"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"not wanted")
    server = HubServer(folder)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield server
    server.close()
