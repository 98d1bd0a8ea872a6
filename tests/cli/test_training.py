"""calotype train, export and generate, on the starter model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from safetensors import safe_open

from calotype.domain.lora import LoraKind
from calotype.domain.runs import Run
from calotype.imagesets.picture_metadata import read_parameters
from calotype.services.model_catalog import read_lora_card

QUICK = ("--steps", "2", "--set", "batch_size=1", "--set", "preview_steps=1", "--set", "preview_every=2")
MakeRun = Callable[..., Run]


@pytest.fixture
def project(call: Any, home: Path, pictures: Path) -> str:
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)
    return "Blob"


def test_that_the_way_from_pictures_to_pictures_can_be_walked(call: Any, project: str, tmp_path: Path) -> None:
    trained = call("train", project, *QUICK, "--json")
    listed = call("runs", project, "--json")
    exported = call("export", trained.values["run"], "--out", tmp_path / "new" / "blob.safetensors", "--json")
    drawn = call(
        "generate", "--prompt", "blob, blue background", "--lora", f"{tmp_path}/new/blob.safetensors:0.5",
        "--lora", "blob", "--count", 2, "--seed", 7, "--steps", 2, "--size", "128x64", "--out", tmp_path / "out",
        "--json",
    )  # fmt: skip

    assert (trained.code, exported.code, drawn.code) == (0, 0, 0), trained.err + exported.err + drawn.err
    assert trained.values["steps"] == 2
    assert trained.values["images_trained"] + trained.values["images_held_out"] == 6
    assert trained.values["base_validation_loss"] > 0
    assert trained.values["previews"]["nearest_training_picture"].startswith("blob-")
    assert listed.values["runs"][0]["previews"] == trained.values["previews"]
    with safe_open(tmp_path / "new" / "blob.safetensors", framework="np") as file:
        assert file.metadata()["modelspec.trigger_phrase"] == "blob"
    assert [picture["seed"] for picture in drawn.values["pictures"]] == [7, 8]
    with Image.open(drawn.values["pictures"][0]["path"]) as picture:
        assert picture.size == (128, 64)
        assert "Seed: 7" in picture.info["parameters"]


def test_that_a_dora_is_trained_exported_and_drawn_with(call: Any, project: str, tmp_path: Path) -> None:
    trained = call("train", project, *QUICK, "--set", "adapter=dora", "--json")
    exported = call("export", trained.values["run"], "--out", tmp_path / "blob.safetensors", "--json")
    refused = call("export", trained.values["run"], "--format", "diffusers", "--out", tmp_path / "other.safetensors")
    drawn = call("generate", "--prompt", "blob", "--lora", "blob", "--steps", 1, "--out", tmp_path / "out", "--json")

    assert (trained.code, exported.code, drawn.code) == (0, 0, 0), trained.err + exported.err + drawn.err
    assert exported.values["verified"]["layer_count"] == 129
    assert refused.code == 1 and "no place for the lengths" in refused.err
    assert not (tmp_path / "other.safetensors").exists()
    with safe_open(tmp_path / "blob.safetensors", framework="np") as file:
        words = file.metadata()
    assert json.loads(words["ss_network_args"])["dora_wd"] == "True"
    assert words["ss_network_module"] == "lycoris.kohya"
    assert read_lora_card(tmp_path / "blob.safetensors").kind is LoraKind.DORA


def test_that_a_folder_to_export_into_gets_a_file_named_after_the_run(call: Any, project: str, tmp_path: Path) -> None:
    run = call("train", project, *QUICK, "--json").values["run"]

    answer = call("export", run, "--out", tmp_path, "--json")

    assert answer.values["path"] == str(tmp_path / f"{run}.safetensors")
    assert (tmp_path / f"{run}.safetensors").is_file()


def test_that_a_file_to_share_says_what_it_left_out_and_that_it_was_verified(
    call: Any, project: str, tmp_path: Path
) -> None:
    run = call("train", project, *QUICK, "--json").values["run"]
    options = ("--format", "diffusers", "--precision", "bf16", "--share-safe", "--out", tmp_path / "mine.safetensors")

    told, answer = call("export", run, *options), call("export", run, *options, "--json")

    verified = answer.values["verified"]
    assert (told.code, answer.code) == (0, 0), told.err + answer.err
    assert f"Verified: all {verified['key_count']} keys of {verified['layer_count']} layers read back" in told.out
    assert "Left out: words of the captions; folders of pictures; name of the project" in told.out
    assert {"captions", "folders", "project", "run", "prompt"} == set(answer.values["left_out"])
    assert verified["is_base_checked"] and 0 < verified["weight_difference"] < 5e-3
    with safe_open(tmp_path / "mine.safetensors", framework="pt") as file:
        names = list(file.keys())
        assert all(name.startswith("unet.") and ".lora_" in name for name in names)
        assert {file.get_slice(name).get_dtype() for name in names} == {"BF16"}
        assert "ss_tag_frequency" not in file.metadata()


@pytest.mark.parametrize("option", [("--format", "comfy"), ("--precision", "fp8")])
def test_that_a_kind_of_file_that_does_not_exist_is_not_understood(
    call: Any, home: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    answer = call("export", "any", *option, "--out", tmp_path / "mine.safetensors")

    assert answer.code == 2
    assert option[1] in answer.err


def test_that_too_few_pictures_are_said_with_their_number(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob")
    call("import", "Blob", pictures / "blob-1.png", pictures / "blob-4.png")

    answer = call("train", "Blob", *QUICK)

    assert answer.code == 1
    assert "2 pictures are too few" in answer.err
    assert "Add 2 more" in answer.err


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("rang=4", "There is no setting called “rang”."),
        ("rank=0", "The setting rank cannot be 0: use a whole number from 1 to 256."),
        ("rank=many", "The setting rank cannot be many:"),
    ],
)
def test_that_a_wrong_setting_is_one_line_and_no_success(call: Any, project: str, setting: str, sentence: str) -> None:
    answer = call("train", project, "--set", setting)

    assert answer.code == 1
    assert answer.err.startswith(f"calotype: {sentence}")
    assert answer.err.count("\n") == 1


def test_that_a_setting_without_a_value_is_not_understood(call: Any, project: str) -> None:
    answer = call("train", project, "--set", "rank")

    assert answer.code == 2
    assert "key=value" in answer.err


@pytest.mark.parametrize("size", ["big", "512", "x", "12x"])
def test_that_a_size_that_is_none_is_not_understood(call: Any, home: Path, tmp_path: Path, size: str) -> None:
    answer = call("generate", "--prompt", "frog", "--size", size, "--out", tmp_path / "out")

    assert answer.code == 2
    assert "512x768" in answer.err


def test_that_a_run_that_nobody_knows_is_one_line_and_no_success(call: Any, project: str, tmp_path: Path) -> None:
    exported = call("export", "nope", "--out", tmp_path / "blob.safetensors")
    resumed = call("train", project, "--resume", "nope")

    for answer in (exported, resumed):
        assert answer.code == 1
        assert answer.err.startswith("calotype: There is no training run “nope”.")
    assert not (tmp_path / "blob.safetensors").exists()


@pytest.mark.parametrize("words", [("--steps", "9"), ("--set", "rank=4"), ("--quality", "best"), ("--model", "other")])
def test_that_a_run_that_goes_on_takes_no_other_plan(call: Any, project: str, words: tuple[str, str]) -> None:
    answer = call("train", project, "--resume", "one", *words)

    assert answer.code == 2
    assert "its own plan" in answer.err


def test_that_a_run_of_another_project_does_not_go_on(call: Any, project: str, make_run: MakeRun) -> None:
    make_run("one")

    answer = call("train", project, "--resume", "one")

    assert answer.code == 2
    assert "another project" in answer.err


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl+C to whole groups of programs")
def test_that_an_interrupt_keeps_what_was_learned_and_the_run_goes_on_later(call: Any, project: str) -> None:
    settings = ("batch_size=1", "preview_steps=1", "preview_every=20", "validate_every=4")
    arguments = ["train", project, "--steps", "20", "--json", *(word for text in settings for word in ("--set", text))]

    with subprocess.Popen(_command(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        while not running.stderr.readline().startswith("Step 4"):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        stopped = json.loads(running.stdout.read())
        said = running.stderr.read()
    finished = call("train", project, "--resume", stopped["run"], "--json")

    assert running.returncode == 130
    assert "Stopping and saving" in said
    assert stopped["reason"] == "stopped"
    assert 4 <= stopped["steps"] < 20
    assert Path(stopped["lora_path"]).is_file()
    assert finished.code == 0
    assert (finished.values["run"], finished.values["steps"]) == (stopped["run"], 20)


def _command(arguments: list[str]) -> list[str]:
    code = "import sys; from calotype.cli.main import main; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", code, *arguments]


def test_that_clip_skip_is_drawn_with_and_one_too_many_is_refused(call: Any, home: Path, tmp_path: Path) -> None:
    asked = ("generate", "--prompt", "frog", "--size", "64x64", "--steps", "1", "--out", tmp_path / "out")

    drawn = call(*asked, "--clip-skip", "2", "--json")
    refused = call(*asked, "--clip-skip", "4")

    assert drawn.code == 0
    words = read_parameters(Path(drawn.values["pictures"][0]["path"]))
    assert "Clip skip: 2" in words
    assert refused.code == 1
    assert "the text encoder of Starter has 3 layers, so use 1 to 3" in refused.err
