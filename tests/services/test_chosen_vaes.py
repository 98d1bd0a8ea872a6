"""A base model keeps the VAE that was chosen for it, until the VAE is gone or the model's own is wanted again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.diffusion.checkpoint_layout import VAE, VAE_PREFIX, checkpoint_parts
from calotype.domain.errors import BaseModelNotFoundError, NotAVaeError, VaeDoesNotFitError, VaeMissingError
from calotype.domain.recognised import ModelKind, Prediction
from calotype.services import model_catalog
from calotype.services.workspace import Workspace

WriteTensors = Callable[..., Path]


@pytest.fixture
def dream(workspace: Workspace, write_tensors: WriteTensors) -> Path:
    """A checkpoint that was added."""
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD2).values() for key, shape in part.items()}
    path = write_tensors("dream.safetensors", shapes)
    model_catalog.add_base_model(workspace, path)
    return path


@pytest.fixture
def vae(write_tensors: WriteTensors) -> Path:
    """A VAE that fits it."""
    inside = checkpoint_parts(ModelKind.SD2)[VAE]
    return write_tensors("sharp.safetensors", {key.removeprefix(VAE_PREFIX): shape for key, shape in inside.items()})


def test_that_a_vae_is_kept_with_what_else_was_chosen_and_given_up_again(
    workspace: Workspace, dream: Path, vae: Path
) -> None:
    own = model_catalog.set_vae(workspace, "dream", vae)
    model_catalog.add_base_model(workspace, dream, Prediction.V)
    found = model_catalog.find_base_model(workspace, own.id)
    without = model_catalog.set_vae(workspace, own.id, None)

    assert (own.vae, found.vae, without.vae) == (vae, vae, None)
    assert found.prediction_type == without.prediction_type == "v_prediction"
    assert model_catalog.find_base_model(workspace, "dream") == without


def test_that_a_model_that_is_put_back_on_the_list_has_its_vae(workspace: Workspace, dream: Path, vae: Path) -> None:
    card = model_catalog.set_vae(workspace, "dream", vae)

    removed = model_catalog.remove_base_model(workspace, card.id)
    assert removed is not None
    model_catalog.restore_base_model(workspace, removed)

    assert model_catalog.find_base_model(workspace, "dream") == card


def test_that_a_vae_that_is_gone_is_named_and_can_be_given_up(workspace: Workspace, dream: Path, vae: Path) -> None:
    model_catalog.set_vae(workspace, "dream", vae)
    vae.unlink()

    ((model_id, _, error),) = model_catalog.missing_base_models(workspace)
    with pytest.raises(VaeMissingError, match=r"sharp\.safetensors\. Put it back"):
        model_catalog.find_base_model(workspace, "dream")
    again = model_catalog.set_vae(workspace, model_id, None)

    assert isinstance(error, VaeMissingError)
    assert model_catalog.list_base_models(workspace)[1] == again


def test_that_what_does_not_fit_changes_nothing(
    workspace: Workspace, dream: Path, vae: Path, starter_folder: Path
) -> None:
    chosen = model_catalog.set_vae(workspace, "dream", vae)

    with pytest.raises(NotAVaeError):
        model_catalog.set_vae(workspace, "dream", dream)
    with pytest.raises(BaseModelNotFoundError):
        model_catalog.set_vae(workspace, "nobody", vae)
    with pytest.raises(VaeDoesNotFitError, match="of “Starter”"):
        model_catalog.set_vae(workspace, "starter", vae)

    assert model_catalog.find_base_model(workspace, "dream") == chosen


def test_that_a_copy_of_starter_keeps_its_own_vae(
    workspace: Workspace, vae: Path, starter_folder: Path, tmp_path: Path
) -> None:
    model_catalog.add_base_model(workspace, Path(shutil.copytree(starter_folder, tmp_path / "Mine")))

    with pytest.raises(VaeDoesNotFitError, match="it is built otherwise than the model's own"):
        model_catalog.set_vae(workspace, "Mine", vae)


# Each program makes one kind of choice for the same model, and finds it as it left it: nobody else makes that choice.
CHOOSE_OFTEN = """
import sys
from pathlib import Path
from calotype.domain.recognised import Prediction
from calotype.services import model_catalog
from calotype.services.workspace import open_workspace
home, what, model, vae = sys.argv[1], sys.argv[2], *map(Path, sys.argv[3:])
workspace = open_workspace(Path(home))
wanted = None
for turn in range(60):
    card = model_catalog.find_base_model(workspace, "dream")
    found = card.vae if what == "vae" else card.prediction_type
    assert turn == 0 or found == wanted, f"turn {turn}: {found} instead of {wanted}"
    if what == "vae":
        wanted = vae if turn % 2 else None
        model_catalog.set_vae(workspace, "dream", wanted)
    else:
        wanted = "v_prediction" if turn % 2 else "epsilon"
        model_catalog.add_base_model(workspace, model, Prediction(wanted))
"""


def test_that_two_programs_that_choose_at_once_keep_both_choices(workspace: Workspace, dream: Path, vae: Path) -> None:
    home = workspace.folder.models.parent
    start = [sys.executable, "-c", CHOOSE_OFTEN, str(home)]

    programs = [subprocess.Popen([*start, what, str(dream), str(vae)]) for what in ("vae", "prediction")]

    assert [program.wait(120) for program in programs] == [0, 0]
    found = model_catalog.find_base_model(workspace, "dream")
    assert (found.vae, found.prediction_type) == (vae, "v_prediction")
