"""Captions as other programs wrote them: in whatever encoding, read right or not at all."""

from __future__ import annotations

import re

_MOST_ZEROS = 0.2  # text in UTF-16 without its mark has a zero for every Latin letter
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff66-\uff9f]")
_KANA = re.compile("[\u3040-\u30ff]")
_WESTERN = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ‘’“”–—…€£§©®°«»¿¡·\u00a0]")


def decode_caption(data: bytes) -> str | None:
    """The text of a caption: UTF-8, UTF-16, or as Windows programs wrote it in the West or in Japan; lines stay.

    None if none of these gives words: a caption that is not read is better than one that is garbled.
    """
    text = _decoded(data)
    return None if text is None else text.replace("\r\n", "\n").replace("\x00", "").strip()


def _decoded(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    if len(data) >= 4 and data.count(0) > _MOST_ZEROS * len(data):
        return _strictly(data, "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le")
    text = _strictly(data, "utf-8-sig")
    if text is not None:
        return text
    return _japanese(data) or _western(data)


def _japanese(data: bytes) -> str | None:
    """Shift-JIS, if there are kana in it: by chance, Western letters hardly ever make any."""
    text = _strictly(data, "cp932")
    if text is None or not _KANA.search(text):
        return None
    strange = sum(
        1 for letter in text if ord(letter) > 127 and not _CJK.match(letter) and not "\u3000" <= letter <= "\uffee"
    )
    return text if strange == 0 else None


def _western(data: bytes) -> str | None:
    """Windows-1252, if the letters beyond ASCII are such as Western languages write, and fewer than the plain ones."""
    text = _strictly(data, "cp1252")
    high, plain = _HIGH_RUN.findall(data), len(re.findall(rb"[A-Za-z]", data))
    if text is None or max(map(len, high)) > 3 or sum(map(len, high)) > plain:
        return None
    return text if all(_WESTERN.match(letter) for letter in text if ord(letter) > 127) else None


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
