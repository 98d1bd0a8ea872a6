"""The two hashes by which the hub promises what is in a file."""

from __future__ import annotations

import hashlib
from typing import Protocol

from calotype.domain.hub import RemoteFile


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class FileHash:
    """Takes in a file piece by piece and compares it with what was promised.

    Large files are promised by their sha256, small ones as git counts them: sha1 of "blob SIZE", a zero byte and the
    content. Source: git-scm.com/book, Git Internals, Git Objects.
    """

    def __init__(self, file: RemoteFile) -> None:
        self._promised = file.sha256 or file.git_sha1
        self._digest: _Digest = hashlib.sha256()
        if not file.sha256:
            self._digest = hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        """Take in the next bytes."""
        self._digest.update(piece)

    @property
    def is_as_promised(self) -> bool:
        """Whether what was taken in is the whole file."""
        return self._digest.hexdigest() == self._promised
