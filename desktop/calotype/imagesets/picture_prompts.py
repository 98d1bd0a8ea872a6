"""The prompt inside a generated picture, whichever program wrote it: material for a caption."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from calotype.imagesets.picture_metadata import KEYWORD, parse_parameters

_LONGEST_TEXT = 1_000_000
_LONGEST_PROMPT = 4000
_LORA = re.compile(r"<(?:lora|lyco|hypernet):[^<>]*>")
_MARKS = {b"UNICODE\x00": "utf-16", b"ASCII\x00\x00\x00": "ascii"}
_FAILURES = (OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error)


def prompt_inside(image: Image.Image) -> str:
    """The prompt that a picture was generated with, in one line and without its LoRA marks; empty if it names none.

    Understands what A1111, SwarmUI, Fooocus, InvokeAI and ComfyUI write. `image` is decoded.
    """
    try:
        prompt = _prompt(image)
    except _FAILURES:
        return ""  # words that cannot be read are no reason to refuse a picture
    line = " ".join(_LORA.sub("", prompt).split())
    return re.sub(r"(?:,\s*)+,", ",", line).strip(" ,")[:_LONGEST_PROMPT]


def _prompt(image: Image.Image) -> str:
    words = {name: text for name, text in image.info.items() if isinstance(text, str) and len(text) < _LONGEST_TEXT}
    if KEYWORD in words:
        return _from_parameters(words[KEYWORD])
    if "invokeai_metadata" in words:
        return str(_object(words["invokeai_metadata"]).get("positive_prompt", ""))
    if "prompt" in words:
        return _from_graph(_object(words["prompt"]))
    comment = (
        image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment) if "exif" in image.info else None
    )
    return _from_parameters(_comment(comment)) if isinstance(comment, bytes) else ""


def _from_parameters(text: str) -> str:
    if not text.lstrip().startswith("{"):
        prompt, _, settings = parse_parameters(text)
        return prompt if settings else ""  # any program may write a comment
    values = _object(text)
    values = values.get("sui_image_params", values)
    return str(values.get("prompt", "")) if isinstance(values, dict) else ""


def _from_graph(nodes: Mapping[str, Any]) -> str:
    """The text that leads into the first sampler of ComfyUI's graph as what is wanted."""
    for node in nodes.values():
        wanted = node.get("inputs", {}).get("positive") if isinstance(node, dict) else None
        if isinstance(wanted, list) and wanted:
            return _text_behind(nodes, str(wanted[0]))
    return ""


def _text_behind(nodes: Mapping[str, Any], name: str) -> str:
    for _ in range(20):  # nodes between the words and the sampler; a graph may also run in a circle
        inputs = nodes.get(name, {}).get("inputs", {})
        if isinstance(inputs.get("text"), str):
            return str(inputs["text"])
        links = [value for value in inputs.values() if isinstance(value, list) and value]
        if not links:
            return ""
        name = str(links[0][0])
    return ""


def _object(text: str) -> Mapping[str, Any]:
    values = json.loads(text)
    return values if isinstance(values, dict) else {}


def _comment(data: bytes) -> str:
    encoding = _MARKS.get(data[:8], "utf-8")
    body = data[8:] if data[:8] in _MARKS else data
    if encoding == "utf-16":
        # The standard names no byte order; the prompts that programs write begin with a Latin letter.
        encoding = "utf-16-be" if body[:1] == b"\x00" else "utf-16-le"
    return body.decode(encoding, errors="replace")
