"""A full disk, without filling one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

FilesLimitedTo = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def files_limited_to() -> FilesLimitedTo:
    """While the block runs, no file may grow beyond so many bytes: what is written beyond fails as on a full disk."""
    if sys.platform == "win32":
        pytest.skip("files cannot be limited on Windows")
    return _limited


@contextmanager
def _limited(byte_count: int) -> Iterator[None]:
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
