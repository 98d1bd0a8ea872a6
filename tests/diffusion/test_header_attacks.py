"""No header, however broken or hostile, ends in anything but a sentence, or takes much memory or time."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.folder_recognition import recognise_model
from calotype.diffusion.safetensors_header import HEADER_LIMIT_BYTES, read_header
from calotype.domain.errors import BaseModelError, WeightsCorruptError
from calotype.domain.recognised import ModelKind

MEMORY_LIMIT_BYTES = 100_000_000
WriteTensors = Callable[..., Path]


def _file(path: Path, header: bytes, data: bytes = b"", length: int | None = None) -> Path:
    path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header + data)
    return path


def _entry(**changes: object) -> bytes:
    return json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}).encode()


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (10**18, "its header claims to be 1,000,000,000,000 MB long"),
        (2**64 - 1, "its header claims to be 18,446,744,073,710 MB long"),
        (HEADER_LIMIT_BYTES + 1, "its header claims to be 8 MB long"),
        (5000, "only its beginning is there"),
        (0, "it begins with zeros"),
    ],
)
def test_that_a_claimed_length_is_not_believed(length: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsCorruptError, match=words):
        recognise_model(_file(tmp_path / "m.safetensors", _entry(), bytes(8), length))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (bytes(4096), "it begins with zeros"),
        (b"\x05", "not a safetensors file"),
        (b"nothing of the kind", "not a safetensors file"),
    ],
)
def test_that_a_file_without_header_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(content)

    with pytest.raises(WeightsCorruptError, match=words):
        recognise_model(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    "header",
    [
        b"{",
        b"{}}",
        b'{"a": 1}',
        b'{"a": null}',
        b'{"a": {}}',
        _entry(shape=[-2]),
        _entry(shape=[2.0]),
        _entry(shape=2),
        _entry(shape=["2"]),
        _entry(shape=[1] * 9),
        _entry(shape=[10**400]),
        _entry(shape=[3]),
        _entry(dtype=4),
        _entry(dtype="F16"),
        _entry(data_offsets=[0]),
        _entry(data_offsets=[0, 8, 9]),
        _entry(data_offsets=[8, 0]),
        _entry(data_offsets="08"),
        _entry(data_offsets=None),
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [NaN, Infinity]}}',
        b'{"\xff": {}}',
        b"{" + b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_that_a_header_without_meaning_is_refused(header: bytes, tmp_path: Path) -> None:
    with pytest.raises(WeightsCorruptError, match="header"):
        recognise_model(_file(tmp_path / "m.safetensors", header, bytes(8)))


def test_that_holes_overlaps_and_extra_bytes_are_refused(tmp_path: Path) -> None:
    def two(first: list[int], second: list[int]) -> bytes:
        spans = {"a": first, "b": second}
        return json.dumps({n: {"dtype": "F32", "shape": [2], "data_offsets": s} for n, s in spans.items()}).encode()

    for header, words in (
        (two([0, 8], [12, 20]), "a hole before b"),
        (two([0, 8], [4, 12]), "a hole before b"),
        (two([0, 8], [8, 16]), "4 bytes follow"),
    ):
        with pytest.raises(WeightsCorruptError, match=words):
            recognise_model(_file(tmp_path / "m.safetensors", header, bytes(20)))


def test_that_a_header_of_the_library_itself_is_read(tmp_path: Path) -> None:
    tensors = {"b": torch.zeros(3, 2, dtype=torch.float16), "a": torch.ones(()), "none": torch.zeros(0)}
    save_file(tensors, tmp_path / "m.safetensors", {"title": "Zorbi – ☂"})

    header = read_header(tmp_path / "m.safetensors")

    assert header.shapes == {"b": (3, 2), "a": (), "none": (0,)}
    assert header.metadata == {"title": "Zorbi – ☂"}
    first, end = header.spans["a"]
    assert (tmp_path / "m.safetensors").read_bytes()[first:end] == b"\0\0\x80\x3f"


def _bombs() -> dict[str, bytes]:
    room = HEADER_LIMIT_BYTES - 100
    return {
        "empty objects": b'{"a":[' + b",".join([b"{}"] * (room // 3)) + b"]}",
        "empty objects below the limit": b'{"a":[' + b",".join([b"{}"] * 199_000) + b"]}",
        "nested": b'{"a":' * (room // 5),
        "one long word": b'{"__metadata__":{"a":"' + b"x" * room + b'"}}',
        "one long wide word": b'{"__metadata__":{"a":"' + "\U0001f600".encode() + b"x" * (room - 10) + b'"}}',
        "wide escapes": b'{"__metadata__":{"a":"' + "\U0001f600".encode() + rb"\n" * (room // 2 - 10) + b'"}}',
        "a long number": b'{"a":' + b"9" * room + b"}",
        "numbers": b'{"a":[' + b",".join([b"1e300"] * 390_000) + b"]}",
    }


@pytest.mark.parametrize("name", _bombs())
def test_that_a_bomb_takes_little_memory(name: str, tmp_path: Path) -> None:
    path = _file(tmp_path / "m.safetensors", _bombs()[name], bytes(8))
    tracemalloc.start()
    try:
        with pytest.raises(BaseModelError):
            recognise_model(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < MEMORY_LIMIT_BYTES


@pytest.mark.parametrize("seed", range(8))
def test_that_damaged_bytes_never_end_in_a_crash(seed: int, tmp_path: Path, write_tensors: WriteTensors) -> None:
    """Three hundred files a seed: a true header with bytes changed, cut out, doubled or put in."""
    chance = random.Random(seed)
    names = list(checkpoint_parts(ModelKind.SD1)["U-Net"])
    kept = {name: (chance.randrange(4), 2) for name in chance.sample(names, 12)}
    whole = write_tensors("whole.safetensors", kept, "F32", note="x").read_bytes()
    path = tmp_path / "m.safetensors"
    outcomes = set()
    for _ in range(300):
        path.write_bytes(_damaged(whole, chance))
        try:
            recognise_model(path)
        except BaseModelError as error:
            outcomes.add(type(error).__name__)
            assert str(error).endswith(".")

    assert {"WeightsCorruptError", "CheckpointPartMissingError"} & outcomes


def _damaged(whole: bytes, chance: random.Random) -> bytes:
    content = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(content))
        match chance.randrange(5):
            case 0:
                content[place] = chance.randrange(256)
            case 1:
                del content[place : place + chance.randrange(1, 40)]
            case 2:
                content[place:place] = chance.choice((b'"', b"{", b"]", b"\\", b"-", b"9" * 30, b"\xf0\x9f", b"null"))
            case 3:
                content[place:place] = content[place : place + 30]
            case _:
                content[:8] = (len(content) - 8 - chance.randrange(300)).to_bytes(8, "little", signed=False)
    return bytes(content)


@pytest.mark.parametrize("seed", range(8))
def test_that_strange_entries_never_end_in_a_crash(seed: int, tmp_path: Path) -> None:
    """Two hundred headers a seed that are JSON, of true names and of values of every kind."""
    chance = random.Random(1000 + seed)
    names = [
        *list(checkpoint_parts(ModelKind.SDXL)["U-Net"])[:40],
        "emb_params",
        "v_pred",
        "__metadata__",
        "",
        "\ud800",
    ]
    path = tmp_path / "m.safetensors"
    refused = 0
    for _ in range(200):
        entries = {chance.choice(names): _strange_entry(chance) for _ in range(chance.randrange(4))}
        header = json.dumps(entries).encode()
        _file(path, header, bytes(8))
        try:
            recognise_model(path)
        except BaseModelError:
            refused += 1

    assert refused == 200


def _strange_entry(chance: random.Random) -> object:
    values: tuple[object, ...] = (
        0,
        -1,
        2**70,
        1.5,
        True,
        None,
        "F32",
        "X",
        [],
        [2],
        [0, 8],
        [8, 16],
        {},
        {"shape": [2]},
        [[1]],
    )
    if chance.random() < 0.2:
        return chance.choice(values)
    changed = chance.choice(("dtype", "shape", "data_offsets"))
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], changed: chance.choice(values)}
