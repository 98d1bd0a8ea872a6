"""The header of a checkpoint says whether it can be used before its weights are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.model_cards import require_supported_header
from calotype.diffusion.safetensors_header import has_header
from calotype.domain.errors import BaseModelUnsupportedError, PickleFileError, TensorsMissingError, WeightsCorruptError
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]


def beginning(path: Path, size_bytes: int) -> Path:
    """A file of the same name that has only begun to arrive."""
    growing = path.parent / "growing" / path.name
    growing.parent.mkdir(exist_ok=True)
    with path.open("rb") as file:
        growing.write_bytes(file.read(size_bytes))
    return growing


def checkpoint(write_tensors: WriteTensors, kind: ModelKind, leave_out: int = 0) -> Path:
    shapes = {key: shape for part in checkpoint_parts(kind).values() for key, shape in part.items()}
    return write_tensors("dreams.safetensors", dict(list(shapes.items())[leave_out:]))


def test_that_a_file_has_its_header_from_its_last_byte_on(write_tensors: WriteTensors) -> None:
    path = write_tensors("a.safetensors", {"weight": (1000,)})
    end = 8 + int.from_bytes(path.read_bytes()[:8], "little")

    assert [has_header(beginning(path, size)) for size in (0, 7, 8, end - 1, end, end + 5)] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL])
def test_that_a_checkpoint_that_can_be_trained_may_go_on(kind: ModelKind, write_tensors: WriteTensors) -> None:
    path = checkpoint(write_tensors, kind)

    require_supported_header(beginning(path, 1_000_000), path.stat().st_size)


def test_that_one_that_cannot_be_trained_is_refused_by_its_own_name(write_tensors: WriteTensors) -> None:
    path = checkpoint(write_tensors, ModelKind.SDXL_REFINER)

    with pytest.raises(BaseModelUnsupportedError, match=r"^“dreams\.safetensors” cannot be used .*Refiner"):
        require_supported_header(beginning(path, 1_000_000), path.stat().st_size)


def test_that_a_tensor_that_will_never_come_is_missed_at_once(write_tensors: WriteTensors) -> None:
    path = checkpoint(write_tensors, ModelKind.SD1, leave_out=1)

    with pytest.raises(TensorsMissingError):
        require_supported_header(beginning(path, 500_000), path.stat().st_size)


def test_that_a_file_whose_size_and_header_differ_is_refused(write_tensors: WriteTensors) -> None:
    path = checkpoint(write_tensors, ModelKind.SD1)

    with pytest.raises(WeightsCorruptError, match="1 bytes follow after its last tensor"):
        require_supported_header(beginning(path, 500_000), path.stat().st_size + 1)


def test_that_a_renamed_pickle_is_noticed_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "dreams.safetensors"
    path.write_bytes(b"PK\x03\x04" + bytes(9_000_000))

    assert has_header(path)
    with pytest.raises(PickleFileError):
        require_supported_header(path, 2_000_000_000)
