"""What can be wrong with a VAE that is to take the place of a base model's own."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.models import BaseModelError


class VaeError(BaseModelError):
    """A VAE cannot take the place of a base model's own."""

    sentence = "This VAE cannot be used."


@dataclass(eq=False)
class NotAVaeError(VaeError):
    """The file or folder is something else than a VAE."""

    sentence = (
        "{name} is no VAE: it is {found}. Choose a .safetensors file that holds a VAE and nothing else, or the folder "
        "of one in the diffusers layout."
    )

    name: str
    found: str


@dataclass(eq=False)
class VaeMissingError(VaeError):
    """The VAE that was chosen for a base model is gone."""

    sentence = (
        "The VAE of the base model “{model}” is missing: {path}. Put it back, or go back to the model's own with "
        "“calotype models set-vae MODEL --none”."
    )

    model: str
    path: str


@dataclass(eq=False)
class VaeDoesNotFitError(VaeError):
    """The latents of a VAE are not those that a base model was trained on."""

    sentence = "{name} cannot be the VAE of “{model}”: {cause}. Choose a VAE that was made for the same kind of model."

    name: str
    model: str
    cause: str
