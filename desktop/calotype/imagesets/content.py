"""The content hash of a file that was looked at before."""

from __future__ import annotations

from pathlib import Path

from calotype.domain.errors import ImageSetError
from calotype.imagesets.dropped import read_file
from calotype.imagesets.pixels import read_upright


def content_hash_of(path: Path) -> str:
    """The hash of the pixels of a file; empty if they cannot be read."""
    from calotype.imagesets.fingerprints import fingerprint  # with numpy, which the window opens without

    try:
        return fingerprint(read_upright(read_file(path), path.name).pixels).content_hash
    except ImageSetError:
        return ""
