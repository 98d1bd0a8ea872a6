"""Keep the last used base model in memory, so that the next picture does not wait for it to load."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.lora_adapter import remove_adapters
from calotype.domain.errors import CalotypeError
from calotype.domain.models import BaseModelCard


class ModelShelf:
    """Holds at most one model. One that is lent out is not on the shelf: a second borrower loads its own copy."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: BaseModel | None = None

    @contextmanager
    def lend(
        self, card: BaseModelCard, device: torch.device, dtype: torch.dtype, thread_count: int = 0
    ) -> Iterator[BaseModel]:
        """Lend the model, with the threads set that it computes fastest with, or that the user wants.

        It comes back without adapters, whatever happened.
        """
        with self._guard:
            kept, self._kept = self._kept, None
        if kept is not None and (kept.card, kept.device, kept.dtype) != (card, device, dtype):
            kept = None  # let go before another is loaded: both might not fit into the memory
        model = kept or load_base_model(card, device, dtype, thread_count)
        kept = None
        torch.set_num_threads(thread_count or model.thread_count)
        try:
            yield model
        except (CalotypeError, GeneratorExit):
            self._put_back(model)
            raise
        else:
            self._put_back(model)
        # After any other error, such as a LoRA half attached when memory ran out, the model is loaded anew next time.

    def _put_back(self, model: BaseModel) -> None:
        remove_adapters(model.unet)
        with self._guard:
            self._kept = model

    def clear(self) -> None:
        """Let go of the model."""
        with self._guard:
            self._kept = None
