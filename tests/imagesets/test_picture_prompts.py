"""The prompt inside a picture, as each program writes it."""

from __future__ import annotations

import io
import json

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from calotype.imagesets.pixels import read_upright

A1111 = "a fox, <lora:rusty:0.8>, (red fur:1.2)\nin snow\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Seed: 1"
GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "positive": ["6", 0], "negative": ["7", 0]}},
    "6": {"class_type": "ConditioningSetArea", "inputs": {"width": 5, "conditioning": ["8", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry"}},
    "8": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox in snow", "clip": ["4", 1]}},
}


def _png(keyword: str, text: str) -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_itxt(keyword, text)
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "PNG", pnginfo=words)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("keyword", "text", "prompt"),
    [
        ("parameters", A1111, "a fox, (red fur:1.2) in snow"),
        ("parameters", json.dumps({"sui_image_params": {"prompt": "a fox", "seed": 1}}), "a fox"),
        ("parameters", json.dumps({"prompt": "a fox", "fooocus_scheme": "fooocus"}), "a fox"),
        ("invokeai_metadata", json.dumps({"positive_prompt": "a fox", "negative_prompt": "blurry"}), "a fox"),
        ("prompt", json.dumps(GRAPH), "a fox in snow"),
        ("parameters", "made with love", ""),
        ("parameters", "{" * 5000, ""),
        ("prompt", json.dumps({"1": {"inputs": {"positive": ["1", 0]}}}), ""),
        ("Comment", "a holiday", ""),
    ],
)
def test_that_a_prompt_is_found_and_nothing_else_is_taken_for_one(keyword: str, text: str, prompt: str) -> None:
    assert read_upright(_png(keyword, text), "fox.png").words == prompt


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("format_name", ["JPEG", "WEBP"])
def test_that_a_jpeg_tells_its_prompt_too(format_name: str, encoding: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"UNICODE\x00" + A1111.encode(encoding)
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, format_name, exif=exif)

    assert read_upright(buffer.getvalue(), "fox.jpg").words == "a fox, (red fur:1.2) in snow"
