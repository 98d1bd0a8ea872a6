"""Tell by its first bytes what a file is that holds no safetensors: a pickle, a web page, a picture."""

from __future__ import annotations

from pathlib import Path

from calotype.domain.errors import NotAModelFileError, PickleFileError, WeightsCorruptError
from calotype.domain.recognised import PICKLE_SUFFIXES

_READ_BYTES = 512
_MARKS = (
    (b"GGUF", "a GGUF file, whose weights are packed for running only"),
    (b"version https://git-lfs", "a pointer of Git LFS, whose content was not fetched (run “git lfs pull”)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive"),
    (b"%PDF", "a PDF document"),
)


def refuse_by_first_bytes(path: Path) -> None:
    """Raise the error that fits a file which is certainly no safetensors file; the content counts, not the name."""
    try:
        with path.open("rb") as file:
            start = file.read(_READ_BYTES)
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error
    if _is_pickle(path, start):
        raise PickleFileError(path.name)
    for mark, found in _MARKS:
        if start.startswith(mark):
            raise NotAModelFileError(path.name, found)
    text = start.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise NotAModelFileError(path.name, "a web page, saved in place of the download")


def _is_pickle(path: Path, start: bytes) -> bool:
    # A pickle of torch is a zip, or older: an opcode of the protocol, 2 to 5. A safetensors file has "{" as ninth byte.
    if start[8:9] == b"{":
        return False
    is_marked = start.startswith(b"PK\x03\x04") or (len(start) > 2 and start[0] == 0x80 and 2 <= start[1] <= 5)
    return is_marked or (path.suffix.lower() in PICKLE_SUFFIXES and start.strip(b"\0") != b"")
