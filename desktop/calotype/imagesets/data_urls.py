"""Pictures that are written out as text: `modelspec.thumbnail` in LoRA files, `data:` addresses in web pages."""

from __future__ import annotations

import base64
import binascii
import io
import re
from urllib.parse import unquote, unquote_to_bytes

from PIL import Image

_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_TEXT = 4_000_000
_LONGEST_FILE = 100_000_000
_LARGEST_SIDE_PX = 4096


def bytes_of_data_url(text: str) -> bytes | None:
    """The file that is written out in a `data:` address of a picture, unopened; None if it is none."""
    header, comma, body = text.partition(",")
    if not comma or not header.startswith("data:image/") or len(text) > _LONGEST_FILE:
        return None
    if not header.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(re.sub(r"\s", "", unquote(body)), validate=True)
    except (ValueError, binascii.Error):
        return None


def png_of_data_url(text: str) -> bytes | None:
    """The picture as PNG, without whatever words are in it; None if the text is no picture, or a large one."""
    kind, _, data = text.partition(";base64,")
    if not kind.startswith("data:image/") or len(text) > _LONGEST_TEXT:
        return None
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=_FORMATS) as opened:
            if max(opened.size) > _LARGEST_SIDE_PX:
                return None
            buffer = io.BytesIO()
            opened.convert("RGB").save(buffer, "PNG")
            return buffer.getvalue()
    except (OSError, SyntaxError, ValueError, binascii.Error, Image.DecompressionBombError):
        return None
