"""Make LoRAs out of LoRAs and base models: merge, resize, extract; and bake LoRAs into a copy of a base model."""

from __future__ import annotations

import filecmp
import shutil
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.diffusion.safetensors_header import read_header
from calotype.domain.control import Control
from calotype.domain.errors import (
    BaseModelNotFoundError,
    InvalidPlanError,
    LoraNotVerifiedError,
    LoraToolError,
)
from calotype.domain.generation import LoraUse
from calotype.domain.lora_export import LoraPrecision
from calotype.domain.lora_tools import LayerDone, LoraToolEvent, LoraWritten, ModelBaked, ToolStopped
from calotype.domain.models import STARTER_ID
from calotype.domain.recognised import ModelKind
from calotype.services.compute_modules import load_compute_modules
from calotype.services.model_catalog import starter_card
from calotype.services.workspace import Workspace
from calotype.startup.typed_paths import is_there, typed_path
from calotype.storage.files import failures_named, move, new_file, require_room, write_atomically
from calotype.storage.models_file import read_models

if TYPE_CHECKING:
    from calotype.diffusion.baking import BakePlan
    from calotype.diffusion.lora_adapter import LoraLayer
    from calotype.diffusion.lora_algebra import Cut
    from calotype.diffusion.lora_reading import LayerId

HIGHEST_RANK = 1024


@dataclass(frozen=True, slots=True)
class LoraChoice:
    """The file that a tool shall write. Without a rank, nothing is cut off; without a title, it is that of the file."""

    destination: Path
    rank: int | None = None
    precision: LoraPrecision = LoraPrecision.FP16
    title: str = ""

    @property
    def name(self) -> str:
        """What programs call the LoRA."""
        return self.title or self.destination.stem

    def __post_init__(self) -> None:
        if self.rank is not None and not 1 <= self.rank <= HIGHEST_RANK:
            raise InvalidPlanError("rank", self.rank, f"use a whole number from 1 to {HIGHEST_RANK}")


def merge_loras(loras: Sequence[LoraUse], choice: LoraChoice, control: Control) -> Iterator[LoraToolEvent]:
    """One LoRA that draws as all of them at their strengths do together. Raises LoraError or StorageError."""
    load_compute_modules()
    from calotype.diffusion.lora_merging import layers_in_sum, merged_layers
    from calotype.diffusion.lora_reading import read_lora_file
    from calotype.diffusion.lora_words import words_of_many, words_of_one

    if any(use.path.resolve() == choice.destination.resolve() for use in loras):
        raise LoraToolError(choice.destination.name, "written", "it is one of the sources; choose another name")
    files = [(read_lora_file(use.path), use) for use in loras]
    named = _named(loras)
    cut = f", at rank {choice.rank}" if choice.rank else ""
    if len(files) == 1:
        words = words_of_one(files[0][0].metadata, choice.name, f"resized from {named}{cut}")
    else:
        stems = [use.path.stem for use in loras]
        metadata = [file.metadata for file, _ in files]
        words = words_of_many(metadata, stems, choice.name, f"merged from {named}{cut}")
    total = len(layers_in_sum(files))
    if not total:
        raise LoraToolError(choice.destination.name, "written", "all that would be in it has strength 0")
    is_xl = any(file.contents.made_for is ModelKind.SDXL for file, _ in files)
    left_out = sum(len(file.contents.left_over) for file, _ in files)
    yield from _made(merged_layers(files, choice.rank), _Making(choice, words, total, is_xl, left_out), control)


def resize_lora(path: Path, choice: LoraChoice, control: Control) -> Iterator[LoraToolEvent]:
    """The same LoRA at another rank, as close as that rank allows. Raises LoraError or StorageError."""
    yield from merge_loras([LoraUse(path, 1.0)], choice, control)


def extract_lora(base: Path, tuned: Path, choice: LoraChoice, control: Control) -> Iterator[LoraToolEvent]:
    """The LoRA that makes of one base model another, as close as the rank allows.

    Raises BaseModelError, LoraToolError if they are alike or of different kinds, or StorageError.
    """
    load_compute_modules()
    from calotype.diffusion.lora_merging import extracted_layers
    from calotype.diffusion.lora_words import words_of_difference
    from calotype.diffusion.stored_weights import stored_weights, unlike_tensors

    before, after = stored_weights(base), stored_weights(tuned)
    odd = next((name for name in before if name not in after or not before[name].is_like(after[name])), None)
    if not before or odd is not None or len(before) != len(after):
        raise LoraToolError(f"{base.name} and {tuned.name}", "compared", "they are models of different kinds")
    kind = _kind_of({layer: weight.shape for (_, layer), weight in before.items()})
    rank = choice.rank or 0
    made_by = f"extracted from {tuned.stem}, which was compared with {base.stem}, at rank {rank}"
    words = words_of_difference(base.stem, kind, choice.name, made_by)
    making = _Making(choice, words, len(before), kind is ModelKind.SDXL, unlike_tensors(base, tuned))
    yield from _made(extracted_layers(before, after, rank), making, control)


@dataclass(slots=True)
class _Making:
    choice: LoraChoice
    words: dict[str, str]
    total: int
    is_xl: bool
    left_out: int
    layers: dict[LayerId, LoraLayer] = field(default_factory=dict)
    kept: float = 0.0  # squared norms
    whole: float = 0.0


def _made(
    computed: Iterable[tuple[LayerId, Cut | None]], making: _Making, control: Control
) -> Generator[LoraToolEvent, None, None]:
    for done, (layer_id, cut) in enumerate(computed, start=1):
        if control.is_stopping:
            yield ToolStopped()
            return
        if cut is not None:
            making.layers[layer_id] = cut.layer
            making.kept += cut.kept
            making.whole += cut.whole
        yield LayerDone(done, making.total)
    if not making.layers:
        raise LoraToolError(making.choice.destination.name, "written", "the two models do not differ in any layer")
    yield _written(making)


def _written(making: _Making) -> LoraWritten:
    """Write the file, and read it back before it takes its place."""
    from calotype.diffusion.lora_packing import packed, read_back
    from calotype.diffusion.lora_words import network_words

    destination, differences = making.choice.destination, list[float]()
    words = {**making.words, **network_words(making.layers.values())}
    data = packed(making.layers, words, making.choice.precision, is_xl=making.is_xl)

    def check(written: Path) -> None:
        differences.append(read_back(written, destination.name, making.layers))

    write_atomically(destination, data, check=check)
    return LoraWritten(
        path=destination,
        layer_count=len(making.layers),
        key_count=3 * len(making.layers),
        rank=max(layer.rank for layer in making.layers.values()),
        size_bytes=len(data),
        kept=(making.kept / making.whole) ** 0.5 if making.whole else 1.0,
        weight_difference=differences[0],
        left_out=making.left_out,
        title=making.choice.name,
    )


def _kind_of(shapes: dict[str, tuple[int, ...]]) -> ModelKind | None:
    from calotype.diffusion.foreign_tensors import KIND_BY_TEXT_WIDTH

    widths = {shape[1] for layer, shape in shapes.items() if layer.endswith("attn2.to_k")}
    return KIND_BY_TEXT_WIDTH.get(widths.pop()) if len(widths) == 1 else None


def bake_loras(
    model: Path, loras: Sequence[LoraUse], destination: Path, control: Control
) -> Generator[LoraToolEvent, None, None]:
    """A copy of a base model, file or folder, whose weights hold the LoRAs at their strengths; the original stays.

    Raises LoraDoesNotFitError, BaseModelError, LoraToolError if something is at the destination, or StorageError.
    """
    load_compute_modules()
    from calotype.diffusion.baking import plan_bake
    from calotype.diffusion.lora_reading import read_lora_file

    if destination.exists():
        raise LoraToolError(destination.name, "written", "something is there already; choose another name")
    plan = plan_bake(model, [(read_lora_file(use.path), use) for use in loras])
    words = {"calotype.made_by": f"{model.stem} with {_named(loras)} baked in"}
    total = sum(len(read_header(path).shapes) for path in plan.changes)
    bake = _bake_file if model.is_file() else _bake_folder
    with closing(bake(model, destination, plan, words, control)) as steps:
        done = 0
        for _ in steps:
            done = min(total, done + 1)
            if control.is_stopping:
                yield ToolStopped()
                return
            yield LayerDone(done, total)
    changed = sum(map(len, plan.changes.values()))
    size_bytes = sum(path.stat().st_size for path in _files_in(destination))
    yield ModelBaked(destination, changed, total, size_bytes, plan.unused)


def _named(loras: Sequence[LoraUse]) -> str:
    """The LoRAs with their strengths, for the words inside of what is made of them."""
    return ", ".join(
        f"{use.path.stem} ({' '.join(filter(None, (f'{use.strength:g}', use.blocks.text)))})" for use in loras
    )


def _bake_file(
    model: Path, destination: Path, plan: BakePlan, words: dict[str, str], control: Control
) -> Generator[None, None, None]:
    """Nothing is left at the destination if the generator is closed before its end."""
    from calotype.diffusion.baking import baked_pieces, read_back

    require_room(destination, model.stat().st_size)
    changes = plan.changes.get(model, {})

    def check(written: Path) -> None:
        read_back(model, written, destination.name, changes)

    with new_file(destination, check) as file:
        for piece in baked_pieces(model, changes, words):
            file.write(piece)
            yield


def _bake_folder(
    model: Path, destination: Path, plan: BakePlan, words: dict[str, str], control: Control
) -> Generator[None, None, None]:
    """Copy what is not changed beside the destination first, and move the whole there at the end."""
    from calotype.diffusion.stored_weights import weight_files

    kept = [path for path in _files_in(model) if not _is_other_weights(model, path, weight_files(model))]
    require_room(destination, sum(path.stat().st_size for path in kept))
    making = destination.with_name(f".{destination.name[:80]}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        for path in kept:
            target = making / path.relative_to(model)
            if path in plan.changes:
                yield from _bake_file(path, target, plan, words, control)
                continue
            with failures_named(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                is_same = filecmp.cmp(path, target, shallow=False)
            if not is_same:
                raise LoraNotVerifiedError(destination.name, f"{path.name} is not the same as in {model.name}")
            yield
        move(making, destination)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _is_other_weights(model: Path, path: Path, used: Sequence[Path]) -> bool:
    """Weights beside those that are baked, in another format: they would be without the LoRAs."""
    folders = {file.parent for file in used}
    return path.parent in folders and path not in used and path.suffix in (".safetensors", ".bin", ".msgpack")


def _files_in(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())


def model_path(workspace: Workspace, name: str) -> Path:
    """The file or folder of a base model, by its id, its name or its path. Raises BaseModelNotFoundError."""
    if name == STARTER_ID:
        return starter_card().folder
    for model in read_models(workspace.folder.models):
        if name in (model.id, model.name):
            return Path(model.folder)
    if is_there(path := typed_path(name)):
        return path
    raise BaseModelNotFoundError(name)
