"""What a file turns out to be that was meant as a base model, and what a checkpoint can lack."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.models import BaseModelError


class ModelFileError(BaseModelError):
    """A file was recognised, and it is no base model that can be trained on."""

    sentence = "This file cannot be used as a base model."


@dataclass(eq=False)
class PickleFileError(ModelFileError):
    """The file is a pickle; it was not opened."""

    sentence = (
        "{name} is a pickle file, which can run foreign code when it is opened, so it was not opened. Look for the "
        "same model as .safetensors, or convert it as “Use your own model” in the README shows."
    )

    name: str


@dataclass(eq=False)
class NotAModelFileError(ModelFileError):
    """The file holds no tensors that can be read."""

    sentence = "{name} is not a model: it is {found}. Choose a .safetensors file or a folder with a model_index.json."

    name: str
    found: str


@dataclass(eq=False)
class LoraGivenError(ModelFileError):
    """The file is a LoRA; `details` says its layout and what it was made for."""

    sentence = (
        "{name} is a LoRA ({details}), not a base model. Add it under LoRAs in Library, and choose the base model that "
        "it was made for."
    )

    name: str
    details: str


@dataclass(eq=False)
class VaeGivenError(ModelFileError):
    """The file is a VAE and nothing else."""

    sentence = (
        "{name} is a VAE alone, not a base model. Choose the whole checkpoint that you want to use it with; “calotype "
        "models set-vae” then puts this VAE into it."
    )

    name: str


@dataclass(eq=False)
class TextEncoderGivenError(ModelFileError):
    """The file is a text encoder and nothing else."""

    sentence = "{name} is a text encoder alone, not a base model. Choose the whole checkpoint that it belongs to."

    name: str


@dataclass(eq=False)
class EmbeddingGivenError(ModelFileError):
    """The file is a textual inversion."""

    sentence = (
        "{name} is a textual inversion (an embedding for {kind}), not a base model. Choose the checkpoint that it was "
        "made for; Calotype does not use embeddings."
    )

    name: str
    kind: str


@dataclass(eq=False)
class ControlGivenError(ModelFileError):
    """The file steers another model: a ControlNet or an adapter."""

    sentence = "{name} is {found}, which only steers another model. Choose the checkpoint that it is used with."

    name: str
    found: str


@dataclass(eq=False)
class OtherArchitectureError(ModelFileError):
    """The file is a model of an architecture that is not Stable Diffusion 1, 2 or XL."""

    sentence = "{name} is {architecture}, which Calotype cannot train. Choose a Stable Diffusion 1, 2 or XL model."

    name: str
    architecture: str


@dataclass(eq=False)
class UnknownTensorsError(ModelFileError):
    """A whole safetensors file with names that fit nothing that is known."""

    sentence = (
        "{name} could not be recognised: it holds {count} tensor(s) with names such as {examples}, which fit no model "
        "that Calotype knows. Choose a Stable Diffusion 1, 2 or XL model."
    )

    name: str
    count: int
    examples: str


@dataclass(eq=False)
class CheckpointPartMissingError(ModelFileError):
    """A checkpoint without one of its parts, such as a U-Net without text encoder."""

    sentence = (
        "{name} is not a whole {kind} checkpoint: it holds {present}, but no {missing}. Get the version that holds all "
        "parts."
    )

    name: str
    kind: str
    present: str
    missing: str


@dataclass(eq=False)
class TensorsMissingError(ModelFileError):
    """A checkpoint lacks single tensors."""

    sentence = (
        "{name} is {kind}, but {count} of its {total} tensors are missing: {examples}. Get the model again from where "
        "you had it."
    )

    name: str
    kind: str
    count: int
    total: int
    examples: str


@dataclass(eq=False)
class TensorsMisshapenError(ModelFileError):
    """Tensors of a checkpoint have shapes that its architecture does not have."""

    sentence = (
        "{name} is named like {kind}, but {count} of its tensors have another shape: {examples}. Choose an unmodified "
        "model of that kind."
    )

    name: str
    kind: str
    count: int
    examples: str


@dataclass(eq=False)
class UnsupportedPrecisionError(ModelFileError):
    """The weights are stored as whole numbers or in another way that cannot be trained on."""

    sentence = (
        "{name} is {kind} with weights stored as {precision}, which cannot be trained on. Get its fp16, bf16 or fp32 "
        "version."
    )

    name: str
    kind: str
    precision: str


@dataclass(eq=False)
class InpaintingModelError(ModelFileError):
    """A whole model that fills holes in pictures; its U-Net reads more than a noisy picture."""

    sentence = (
        "{name} is an inpainting model: its U-Net also reads a mask and the picture around the hole, which Calotype "
        "does not train with. Choose the plain model that it was made from; a LoRA trained on that one fits this one."
    )

    name: str
