"""What may be typed for a LoRA: a name or a file, its strength, and how its blocks count."""

from pathlib import Path

import pytest

from calotype.cli import pictures
from calotype.cli.pictures import parsed_lora
from calotype.domain.errors import InvalidPlanError
from calotype.domain.generation import LoraUse
from calotype.domain.lora_blocks import BlockStrengths
from calotype.services.workspace import Workspace


@pytest.fixture(autouse=True)
def _any_lora(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finds every LoRA, at the name that was asked for."""

    class Found:
        def __init__(self, path: str) -> None:
            self.path = Path(path)

    monkeypatch.setattr(pictures.model_catalog, "find_lora", lambda _workspace, name: Found(name))


@pytest.mark.parametrize(
    ("text", "path", "strength", "blocks"),
    [
        ("fox", "fox", 1.0, ""),
        ("fox:0.5", "fox", 0.5, ""),
        ("fox:0.5:text=0,up3=1.5", "fox", 0.5, "text=0 up3=1.5"),
        ("fox:up=0", "fox", 1.0, "up=0"),
        ("C:/loras/fox.safetensors:0.5:mid=0", "C:/loras/fox.safetensors", 0.5, "mid=0"),
        ("C:\\a=b\\fox.safetensors", "C:\\a=b\\fox.safetensors", 1.0, ""),
        ("C:/a=b/fox.safetensors:0.5", "C:/a=b/fox.safetensors", 0.5, ""),
    ],
)
def test_that_a_lora_is_read_with_what_stands_behind_it(
    text: str, path: str, strength: float, blocks: str, workspace: Workspace
) -> None:
    assert parsed_lora(workspace, text) == LoraUse(Path(path), strength, BlockStrengths.parse(blocks))


def test_that_a_block_that_does_not_exist_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidPlanError, match="left=1"):
        parsed_lora(workspace, "fox:0.5:left=1")
