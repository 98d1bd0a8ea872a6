"""The settings of a generated picture, inside its PNG file, in the form that A1111 and its relatives read."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, PngImagePlugin

KEYWORD = "parameters"
_PAIR = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def parameters_text(prompt: str, negative_prompt: str, settings: Mapping[str, object]) -> str:
    """Write prompt, negative prompt and settings; values with commas, colons or line breaks are quoted as JSON."""
    pairs = ", ".join(f"{name}: {_quoted(str(value))}" for name, value in settings.items())
    negative = f"\nNegative prompt: {negative_prompt}" if negative_prompt else ""
    return f"{prompt}{negative}\n{pairs}"


def parse_parameters(text: str) -> tuple[str, str, dict[str, str]]:
    """Read what `parameters_text` or A1111 wrote: prompt, negative prompt, settings. The last line must hold three
    pairs.
    """
    *lines, last = text.strip().split("\n")
    pairs = _PAIR.findall(last)
    if len(pairs) < 3:
        lines, pairs = [*lines, last], []
    body = "\n".join(lines)
    prompt, _, negative = body.partition("Negative prompt: ")
    return prompt.strip(), negative.strip(), {name.strip(): _unquoted(value.strip()) for name, value in pairs}


def png_bytes(picture: Image.Image, parameters: str) -> bytes:
    """The picture as a PNG file that carries its settings."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, parameters) if not parameters.isascii() else info.add_text(KEYWORD, parameters)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def png_without_words(path: Path) -> bytes:
    """The picture of a file, as a PNG file that carries nothing but pixels. Raises OSError or what Pillow raises."""
    buffer = io.BytesIO()
    with Image.open(path) as picture:
        pixels = picture.convert("RGB")
        pixels.info.clear()
        pixels.save(buffer, "PNG")
    return buffer.getvalue()


def read_parameters(path: Path) -> str:
    """The settings text inside a PNG, empty if there is none."""
    with Image.open(path) as picture:
        return str(picture.info.get(KEYWORD, ""))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ',:\n"') else value


def _unquoted(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value
