"""How long it takes to say what a checkpoint of 4 GB is, against reading and parsing its header and nothing else."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from table import Row, interleaved, report

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.folder_recognition import recognise_model
from calotype.domain.recognised import ModelKind

TURNS = 15
GOAL_S = 0.2
BYTES_OF_FLOAT = 4


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="calotype-bench-") as folder:
        path = Path(folder) / "model.safetensors"
        _write(path)
        assert recognise_model(path).kind is ModelKind.SD1
        recognise, parse = partial(recognise_model, path), partial(_parse, path)
        ours, plain = interleaved(TURNS, lambda: _seconds(recognise), lambda: _seconds(parse))
        size = path.stat().st_size
    name = f"Recognising a checkpoint of {size / 1e9:.1f} GB, 1130 tensors"
    compared = f"goal {GOAL_S * 1000:.0f} ms; {plain * 1000:.1f} ms to read and parse the header"
    report([Row(name, f"{ours * 1000:.1f} ms", compared, ours / GOAL_S, ours <= GOAL_S)])


def _write(path: Path) -> None:
    """A true header in front of holes, with a byte in the middle of each tensor."""
    end, entries = 0, dict[str, dict[str, Any]]()
    for part in checkpoint_parts(ModelKind.SD1).values():
        for key, shape in part.items():
            first, end = end, end + math.prod(shape) * BYTES_OF_FLOAT
            entries[key] = {"dtype": "F32", "shape": list(shape), "data_offsets": [first, end]}
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        start = file.tell()
        for entry in entries.values():
            first, last = entry["data_offsets"]
            file.seek(start + (first + last) // 2)
            file.write(b"\x01")
        file.truncate(start + end)


def _parse(path: Path) -> object:
    with path.open("rb") as file:
        return json.loads(file.read(int.from_bytes(file.read(8), "little")))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
