"""Which base models and LoRAs there are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from calotype.diffusion.lora_headers import adapter_config_path, lora_contents, read_lora_header
from calotype.diffusion.lora_keys import blocks_of
from calotype.diffusion.model_cards import read_card
from calotype.domain.errors import (
    BaseModelError,
    BaseModelNotFoundError,
    LoraError,
    LoraGivenError,
    LoraNotFoundError,
    VaeDoesNotFitError,
)
from calotype.domain.errors.folders import TrashEmptiedError
from calotype.domain.models import STARTER_ID, AddedModel, BaseModelCard, LoraCard, ModelChoices
from calotype.domain.plan import MOST_CLIP_SKIP
from calotype.domain.recognised import MODEL_SUFFIXES, Prediction
from calotype.domain.trash import TrashedItem
from calotype.imagesets.data_urls import png_of_data_url
from calotype.services.workspace import Workspace
from calotype.startup.typed_paths import is_there, typed_path
from calotype.storage.files import make_folder, moves_together, newest_first, write_atomically
from calotype.storage.lora_notes import notes_path
from calotype.storage.models_file import add_model, change_model, read_models, remove_model
from calotype.storage.trash import kept_files, new_place

_MOST_DIGITS = 10  # of a step: a header may say anything


def list_base_models(workspace: Workspace) -> list[BaseModelCard]:
    """Every base model that can be used now, the starter first; those that are gone or damaged are left out."""
    cards = [starter_card()]
    for model in read_models(workspace.folder.models):
        try:
            cards.append(_card(model))
        except BaseModelError:
            continue
    return cards


def missing_base_models(workspace: Workspace) -> list[tuple[str, str, BaseModelError]]:
    """Id, name and what is wrong with each remembered model that cannot be used: nothing vanishes silently."""
    broken = []
    for model in read_models(workspace.folder.models):
        try:
            _card(model)
        except BaseModelError as error:
            broken.append((model.id, model.name, error))
    return broken


def find_base_model(workspace: Workspace, model_id: str) -> BaseModelCard:
    """The model with this id or name. Raises a BaseModelError that says what is wrong with it."""
    if model_id == STARTER_ID:
        return starter_card()
    for model in read_models(workspace.folder.models):
        if model_id in (model.id, model.name):
            return _card(model)
    if is_there(path := typed_path(model_id)):
        return add_base_model(workspace, path)
    raise BaseModelNotFoundError(model_id)


def add_base_model(workspace: Workspace, folder: Path, prediction: Prediction | None = None) -> BaseModelCard:
    """Remember a folder or a checkpoint; nothing is copied. Raises a BaseModelError that says why it cannot be used.

    `prediction` is what the user says that it predicts, None what was said before, UNKNOWN what its files say.
    """

    def said(known: Sequence[AddedModel]) -> AddedModel:
        model = _noted(known, folder)
        if prediction is not None:
            model = replace(model, prediction_type="" if prediction is Prediction.UNKNOWN else prediction.value)
        return model

    return _changed(workspace, said)


def set_vae(workspace: Workspace, model_id: str, vae: Path | None) -> BaseModelCard:
    """Use a VAE in place of a model's own from now on, or with None its own again; nothing is copied.

    Raises BaseModelNotFoundError, or a BaseModelError that says why it cannot be used with this model.
    """
    if model_id == STARTER_ID:
        if vae is not None:
            raise VaeDoesNotFitError(vae.name, starter_card().name, "Starter has a VAE of its own kind")
        return starter_card()

    def with_vae(known: Sequence[AddedModel]) -> AddedModel:
        model = next((model for model in known if model_id in (model.id, model.name)), None)
        if model is None:
            raise BaseModelNotFoundError(model_id)
        return replace(model, vae=str(typed_path(vae).resolve()) if vae else "")

    return _changed(workspace, with_vae)


def _changed(workspace: Workspace, change: Callable[[Sequence[AddedModel]], AddedModel]) -> BaseModelCard:
    """Note a model only if it can be used so. Raises a BaseModelError that says why it cannot."""
    cards: list[BaseModelCard] = []

    def usable(known: Sequence[AddedModel]) -> AddedModel:
        model = change(known)
        cards.append(_card(model))
        return model

    change_model(workspace.folder.models, usable)
    return cards[0]


def known_card(workspace: Workspace, folder: Path) -> BaseModelCard:
    """The model of a folder or checkpoint, with what was chosen for it if it was added. Raises a BaseModelError."""
    return _card(_noted(read_models(workspace.folder.models), folder))


def _noted(known: Sequence[AddedModel], folder: Path) -> AddedModel:
    """What the list says of a folder or file, or would say of one that is not on it."""
    folder = typed_path(folder).resolve()
    model_id = f"{_true_text(folder.name)}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:6]}"
    found = next((model for model in known if model.id == model_id), None)
    name = _true_text(folder.stem if folder.is_file() else folder.name)
    return found or AddedModel(model_id, name, str(folder))


def _true_text(name: str) -> str:
    """The name of a file as true Unicode: file systems hold other bytes too, which no database takes."""
    return os.fsencode(name).decode("utf-8", "replace")


def _card(model: AddedModel) -> BaseModelCard:
    is_known = model.prediction_type in (Prediction.EPSILON, Prediction.V)
    prediction = Prediction(model.prediction_type) if is_known else Prediction.UNKNOWN
    vae = Path(model.vae) if model.vae else None
    return read_card(Path(model.folder), model.id, model.name, ModelChoices(prediction, vae))


def add_file(workspace: Workspace, path: Path) -> BaseModelCard | LoraCard:
    """Add what was dropped: a LoRA to the LoRAs, anything else as a base model. Raises BaseModelError or LoraError."""
    try:
        return add_base_model(workspace, path)
    except LoraGivenError:
        return add_lora(workspace, path)


def is_model(path: Path) -> bool:
    """Whether a file or folder is meant as a model or LoRA, by its name; pictures and folders of pictures are not."""
    if path.is_dir():
        return (path / "model_index.json").is_file()
    return path.suffix.lower() in MODEL_SUFFIXES


def remove_base_model(workspace: Workspace, model_id: str) -> AddedModel | None:
    """Take a model off the list; its files stay. What was noted of it is for `restore_base_model`."""
    return remove_model(workspace.folder.models, model_id)


def restore_base_model(workspace: Workspace, model: AddedModel) -> None:
    """Put back what `remove_base_model` took off, with all that was chosen for it, even if it cannot be used now."""
    add_model(workspace.folder.models, model)


def starter_card() -> BaseModelCard:
    """The small model that ships with the app."""
    return read_card(Path(str(files("calotype_resources").joinpath("starter"))), STARTER_ID, "Starter")


def list_loras(workspace: Workspace) -> list[LoraCard]:
    """Every readable LoRA in the data folder, newest first."""
    cards = []
    for path in newest_first(workspace.folder.loras.glob("*.safetensors")):
        try:
            cards.append(read_lora_card(path))
        except LoraError:
            continue
    return cards


def find_lora(workspace: Workspace, name_or_path: str) -> LoraCard:
    """A LoRA by file path, or by a name shown in Library (case does not matter). Raises LoraNotFoundError."""
    path = typed_path(name_or_path)
    if path.suffix == ".safetensors" and is_there(path):
        return read_lora_card(path)
    for card in list_loras(workspace):
        if name_or_path.lower() in (card.name.lower(), card.path.name.lower(), card.trigger_word.lower()):
            return card
    raise LoraNotFoundError(name_or_path)


def add_lora(workspace: Workspace, path: Path) -> LoraCard:
    """Copy a LoRA file into the data folder. Raises LoraUnreadableError, or LoraOfOtherKindError; a file of the same
    name is not replaced.
    """
    read_lora_card(path)
    config = adapter_config_path(path)
    # peft gives every file the same name, and the folder that of the LoRA.
    name = path.name if config is None else f"{path.resolve().parent.name}.safetensors"
    target = free_path(workspace.folder.loras / name)
    if path.resolve().parent != workspace.folder.loras.resolve():
        write_atomically(target, path.read_bytes())
        picture = preview_path(path)
        if config is not None:
            write_atomically(target.with_suffix(".adapter_config.json"), config.read_bytes())
        inside = png_of_data_url(read_lora_header(target).metadata.get("modelspec.thumbnail", ""))
        if picture is not None:
            write_atomically(target.with_suffix(".preview.png"), picture.read_bytes())
        elif inside is not None:
            write_atomically(target.with_suffix(".preview.png"), inside)
        return read_lora_card(target)
    return read_lora_card(path)


def remove_lora(workspace: Workspace, card: LoraCard) -> TrashedItem:
    """Move a LoRA with its picture to the trash, from where `restore_lora` puts it back. Raises StorageError."""
    trashed = new_place(workspace.folder.trash)
    make_folder(trashed)
    with moves_together() as move:
        for path in (card.path, card.preview_path, adapter_config_path(card.path), notes_path(card.path)):
            if path is not None and path.is_file():
                move(path, trashed / path.name)
    return TrashedItem(folder=trashed, name=card.name, count=1)


def restore_lora(workspace: Workspace, item: TrashedItem) -> LoraCard:
    """Put back what `remove_lora` took away, under another name if another LoRA has taken that meanwhile.

    Raises StorageError, also if the trash was emptied.
    """
    kept = kept_files(item)
    lora = next((path for path in kept if path.suffix == ".safetensors"), None)
    if lora is None:
        raise TrashEmptiedError(item.name)
    target = free_path(workspace.folder.loras / lora.name)
    with moves_together() as move:
        for path in kept:  # what lies beside it is called after it
            name = path.name.replace(lora.stem, target.stem, 1) if path.name.startswith(lora.stem) else path.name
            if not (workspace.folder.loras / name).exists():
                move(path, workspace.folder.loras / name)
    return read_lora_card(target)


def free_path(path: Path) -> Path:
    """The path itself, or with a number added to its name if it is taken."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def read_lora_card(path: Path) -> LoraCard:
    """Describe a LoRA file from its header. Raises LoraUnreadableError."""
    header = read_lora_header(path)
    words, contents = header.metadata, lora_contents(header)
    return LoraCard(
        name=words.get("modelspec.title") or words.get("ss_output_name") or path.stem,
        path=path,
        trigger_word=words.get("modelspec.trigger_phrase", ""),
        base_model=words.get("ss_sd_model_name", ""),
        rank=contents.rank,
        alpha=_number(words.get("ss_network_alpha"), float(contents.rank)),
        size_bytes=path.stat().st_size,
        preview_path=preview_path(path),
        run_id=words.get("calotype.run_id", ""),
        clip_skip=next((skip for skip in range(1, MOST_CLIP_SKIP + 1) if words.get("ss_clip_skip") == str(skip)), 1),
        kind=contents.kind,
        made_for=contents.made_for,
        text_encoder_layers=contents.text_encoder_layers,
        left_over=len(contents.left_over),
        blocks=blocks_of(contents.layers),
        step=int(step) if (step := words.get("ss_steps", "")).isdecimal() and len(step) < _MOST_DIGITS else 0,
    )


def preview_path(path: Path) -> Path | None:
    """The picture beside a LoRA file, by the custom of other programs."""
    for candidate in (path.with_suffix(".preview.png"), path.with_suffix(".png")):
        if candidate.is_file():
            return candidate
    return None


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text else otherwise
    except ValueError:
        return otherwise
