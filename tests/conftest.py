"""What every test gets: no screen, no network, no foreign data folder, and nothing left behind."""

from __future__ import annotations

import gc
import importlib.resources
import json
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from calotype.domain.events import TrainingEvent
    from calotype.domain.imageset import Project
    from calotype.domain.runs import Run
    from calotype.services.workspace import Workspace

pytest_plugins = ["full_disk", "hub_server", "release_server", "stand_in_pack", "started_program", "trained_sample"]

# These must be set before Qt or torch is imported by any test module.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# transformers hands its warnings on to the log only where this is set; nobody should see fewer of them than CI.
os.environ.setdefault("CI", "1")


@pytest.fixture(scope="session")
def starter_folder() -> Path:
    """The base model that ships with the app."""
    return Path(str(importlib.resources.files("calotype_resources"))) / "starter"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty data folder of this test's own."""
    from calotype.services.workspace import close_workspace, open_workspace

    opened = open_workspace(tmp_path / "home")
    yield opened
    close_workspace(opened)


MakeVisionFolder = Callable[[str], Path]


@pytest.fixture(scope="session")
def vision_folder(starter_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeVisionFolder:
    """A tiny model with random weights in a folder as transformers saves it, by its `model_type`; made once.

    Tests that break it work on a copy.
    """
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp("vision") / kind
            _save_vision_model(kind, made[kind], starter_folder / "tokenizer")
        return made[kind]

    return make


def _save_vision_model(kind: str, folder: Path, tokenizer_folder: Path) -> None:
    import torch
    import transformers as t

    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    seeing = {**sizes, "image_size": 32, "patch_size": 8}
    clip_seeing = {**seeing, "intermediate_size": 48, "projection_dim": 16}
    tokenizer = t.CLIPTokenizer.from_pretrained(tokenizer_folder, local_files_only=True)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    reading = {**sizes, **ends, "intermediate_size": 48, "max_position_embeddings": 24, "vocab_size": len(tokenizer)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if kind == "clip":
            network = t.CLIPModel(t.CLIPConfig(text_config=reading, vision_config=clip_seeing, projection_dim=16))
            tokenizer.save_pretrained(folder)
        elif kind == "clip_vision_model":
            network = t.CLIPVisionModelWithProjection(t.CLIPVisionConfig(**clip_seeing))
        elif kind == "clip_text_model":
            network = t.CLIPTextModel(t.CLIPTextConfig(**reading))
        elif kind == "dinov2":
            network = t.Dinov2Model(t.Dinov2Config(**seeing))
        else:
            network = t.Dinov2WithRegistersModel(t.Dinov2WithRegistersConfig(**seeing))
        for weights in network.parameters():
            if weights.dim() > 1:  # as they begin, they are so small that all pictures look the same
                torch.nn.init.normal_(weights, std=1.0)
    network.save_pretrained(folder)
    size, cut = {"shortest_edge": 36}, {"height": 32, "width": 32}
    t.CLIPImageProcessorPil(size=size, crop_size=cut).save_pretrained(folder)


WriteTensors = Callable[..., Path]
_BYTES_OF = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "U8": 1}


@pytest.fixture
def write_tensors(tmp_path: Path) -> WriteTensors:
    """Writes a safetensors file of tensors with true names and full shapes that takes next to no room on disk.

    Its weights are holes, with one byte that is not zero in the middle of each of the larger tensors.
    """

    def write(name: str, shapes: Mapping[str, Sequence[int]], dtype: str = "F16", **metadata: str) -> Path:
        path, end = tmp_path / name, 0
        entries: dict[str, dict[str, Any]] = {}
        for key, shape in shapes.items():
            first, end = end, end + math.prod(shape) * _BYTES_OF[dtype]
            entries[key] = {"dtype": dtype, "shape": list(shape), "data_offsets": [first, end]}
        header = json.dumps({**({"__metadata__": metadata} if metadata else {}), **entries}).encode()
        with path.open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            start = file.tell()
            spans = sorted((entry["data_offsets"] for entry in entries.values()), key=lambda span: span[0] - span[1])
            for span in spans[:16]:
                file.seek(start + sum(span) // 2)
                file.write(b"\x01")
            file.truncate(start + end)
        return path

    return write


MakeRun = Callable[..., "Run"]


@pytest.fixture
def sample(workspace: Workspace) -> Project:
    """The sample project."""
    from calotype.services.projects import create_sample_project

    return create_sample_project(workspace)


@pytest.fixture
def make_run(workspace: Workspace, sample: Project) -> MakeRun:
    """Puts a run of the sample that has ended into the data folder, with chosen numbers and without training.

    It is measured every ten steps from 0 with the ratios given; a ratio has an interval of 0.05 to each side, its bands
    are 0.1 apart, and training pictures are 0.02 better. Previews are of one colour and hold their prompt.
    """
    from calotype.domain.plan import TrainingPlan, override
    from calotype.domain.runs import Run, RunState
    from calotype.storage import runs as run_rows

    def make(
        run_id: str,
        ratios: Sequence[float] = (1.0, 0.8, 0.6),
        *,
        prompts: Sequence[str] = (),
        captions: Sequence[str] = (),
        settings: dict[str, str] | None = None,
        failure: str = "",
        started_at: float = 1_700_000_000.0,
    ) -> Run:
        last = max(10, 10 * (len(ratios) - 1))
        plan = override(TrainingPlan("starter", sample.id), {"step_count": str(last), **(settings or {})})
        state = RunState.FAILED if failure else RunState.COMPLETED
        run = Run(run_id, sample.id, plan, sample.runs_folder / run_id, state, started_at, 0, 0, None, failure)
        _write_run(run, _events(run, ratios, prompts), captions)
        run_rows.add_run(workspace.database, run, workspace.folder.projects)
        return run

    return make


def _events(run: Run, ratios: Sequence[float], prompts: Sequence[str]) -> list[TrainingEvent]:
    from PIL import Image, PngImagePlugin

    from calotype.domain import events as told

    found: list[TrainingEvent] = [
        told.RunStarted(run.id, run.plan.step_count, 1, 14, 4),
        told.ModelLoaded("cpu", "float32", 310_000, 12_400_000),
    ]
    for place, ratio in enumerate(ratios):
        step = 10 * place
        found += [told.StepFinished(n, 1 / n, 1e-3, 0.5, 0.25, 8.0, 10**9) for n in range(max(1, step - 9), step + 1)]
        bands = told.BandRatios(ratio + 0.1, ratio, ratio - 0.1)
        interval = told.Interval(ratio, ratio - 0.05, ratio + 0.05)
        is_best = place > 0 and ratio <= min(ratios[: place + 1])
        found.append(told.ValidationFinished(step, 0.3 * ratio, 0.3, interval, bands, ratio - 0.02, is_best, 0.5))
        for index, prompt in enumerate(prompts):
            path = run.folder / "previews" / f"step-{step:06d}-{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            words = PngImagePlugin.PngInfo()
            words.add_text("parameters", prompt.encode("ascii", "replace").decode())
            Image.new("RGB", (96, 96), (40 + step % 200, 120, 60 * index)).save(path, pnginfo=words)
            found.append(told.PreviewReady(step, index, prompt, 1 + index, path))
    best = min(range(len(ratios)), key=lambda place: ratios[place], default=0)
    reason, ratio = told.FinishReason.COMPLETED, ratios[best] if ratios else 1.0
    ended = told.RunFinished(reason, run.plan.step_count, 10 * best, ratio, 0.3, 75.0, None)
    return found if run.failure else [*found, ended]


def _write_run(run: Run, events: Sequence[TrainingEvent], captions: Sequence[str]) -> None:
    from calotype.domain.event_json import event_to_line

    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / "plan.json").write_text(run.plan.to_json(), encoding="utf-8")
    rows = [{"content_hash": "a", "split": "training", "caption": "only for training"}]
    rows += [{"content_hash": "b", "split": "validation", "caption": caption} for caption in captions]
    (run.folder / "run.json").write_text(json.dumps({"started_at": run.started_at, "images": rows}), encoding="utf-8")
    lines = "".join(event_to_line(event, run.folder) + "\n" for event in events)
    run.metrics_path.write_text(lines, encoding="utf-8", errors="surrogatepass")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the data folder of the person who runs them."""
    home = tmp_path_factory.getbasetemp() / "person"
    monkeypatch.setenv("CALOTYPE_HOME", str(home / "calotype"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning, unless it asks for `caplog` and so looks at the log itself."""
    listener = _Warnings()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    if listener.seen and "caplog" not in request.fixturenames:
        pytest.fail("unexpected warnings in the log:\n" + "\n".join(listener.seen), pytrace=False)


@pytest.fixture(autouse=True)
def _garbage_on_this_thread() -> Iterator[None]:
    """Collect between tests only, as the window does: a widget that a worker's thread destroyed would crash Qt."""
    gc.disable()
    yield
    gc.disable()
    due = [n for n, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > limit]
    if due:
        gc.collect(due[-1])


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window that leaves a thread, a timer or a window behind."""
    yield
    if "qtbot" not in request.fixturenames or "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    alive = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread | QTimer) and isValid(thing)]
    # A thread whose work is done needs a moment to leave; one that is still working after that was forgotten.
    threads = [thing for thing in alive if isinstance(thing, QThread) and thing.isRunning() and not thing.wait(2000)]
    timers = [thing for thing in alive if isinstance(thing, QTimer) and thing.isActive()]
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    left = [*threads, *timers, *windows]
    if left:
        pytest.fail("left behind: " + ", ".join(repr(thing) for thing in left), pytrace=False)
