"""A new LoRA or model in the making, as the window sees it."""

from __future__ import annotations

from calotype.domain.lora_tools import LayerDone, LoraWritten, ModelBaked, ToolStopped
from calotype.ui.models.job_model import JobModel


class LoraToolModel(JobModel):
    """Begun with `run`, and stopped without leaving anything."""

    def forget(self) -> None:
        """Leave nothing of the work before."""
        super().forget()
        self.progress: LayerDone | None = None
        self.result: LoraWritten | ModelBaked | None = None
        self.was_stopped = False

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
        match event:
            case LayerDone():
                self.progress = event
            case LoraWritten() | ModelBaked():
                self.result = event
            case ToolStopped():
                self.was_stopped = True
        super().apply(event)

    def _end(self) -> None:
        if isinstance(self.result, LoraWritten):
            self.session.loras_changed.emit()
        if isinstance(self.result, ModelBaked):
            self.session.models_changed.emit()
        super()._end()
