"""Words for a LoRA that leaves the house: the kinds of file to choose from, and what became of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from calotype.domain.lora import LoraAdapter
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout


def _tr(text: str) -> str:
    return QCoreApplication.translate("exported", text)


def file_kinds(adapter: LoraAdapter) -> dict[str, ExportChoice]:
    """The kinds of LoRA file as a file dialog names them; the first is what nearly everybody wants."""
    if adapter is LoraAdapter.DORA:  # for which the layout of diffusers has no place
        return {
            _tr("DoRA for A1111, Forge, ComfyUI and InvokeAI (*.safetensors)"): ExportChoice(),
            _tr("DoRA to share, without captions and names of folders (*.safetensors)"): ExportChoice(
                is_share_safe=True
            ),
        }
    return {
        _tr("LoRA for every program (*.safetensors)"): ExportChoice(),
        _tr("LoRA to share, without captions and names of folders (*.safetensors)"): ExportChoice(is_share_safe=True),
        _tr("LoRA in the layout of diffusers (*.safetensors)"): ExportChoice(LoraLayout.DIFFUSERS),
    }


def exported_text(path: Path, layout: LoraLayout, adapter: LoraAdapter, left_out: Sequence[LeftOut]) -> str:
    """Say where the file is, that it was verified, who can use it, and what it does not tell."""
    saved = _tr("Saved as {name} and verified: what was read back is what was learned.").format(name=path)
    users = _users(layout, adapter)
    if not left_out:
        return f"{saved} {users}"
    parts = ", ".join(_left_out_words()[part] for part in left_out)
    return f"{saved} {users} {_tr('Left out: {parts}.').format(parts=parts)}"


def _users(layout: LoraLayout, adapter: LoraAdapter) -> str:
    if adapter is LoraAdapter.DORA:
        return _tr("It is a DoRA: A1111, Forge, ComfyUI and InvokeAI draw with it, diffusers leaves half of it out.")
    return {
        LoraLayout.KOHYA: _tr("It works in every program that takes Stable Diffusion LoRA files."),
        LoraLayout.DIFFUSERS: _tr("It is for diffusers and for programs built on it."),
    }[layout]


def _left_out_words() -> dict[LeftOut, str]:
    return {
        LeftOut.CAPTIONS: _tr("captions"),
        LeftOut.FOLDERS: _tr("folders of pictures"),
        LeftOut.PROJECT: _tr("the project's name"),
        LeftOut.BASE_MODEL: _tr("the base model's name"),
        LeftOut.RUN: _tr("the run's number"),
        LeftOut.PROMPT: _tr("the prompt of the preview"),
        LeftOut.OTHER: _tr("words of unknown meaning"),
    }
