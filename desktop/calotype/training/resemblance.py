"""Numbers about pictures by their features: how alike, how different from each other, and whether one is a copy.

A distance to the nearest training picture counts in that at which the closest quarter of the training pictures have
theirs. Where the alarm begins was measured with the starter on 22 subjects, twelve scenes of each as the training set
(`tests/benchmarks/memorised_previews.py`; the new scenes differ from the set only in size, place, angle and colour of
the background, so that some of them are copies to the eye, too):

| alarm below            | 0.4  | 0.5   | 0.55  | 0.6   | 0.65  | 0.7   | 0.8   |
| new scenes             | 0 %  | 1 %   | 2 %   | 4 %   | 5 %   | 7 %   | 12 %  |
| through the VAE        | 97 % | 100 % | 100 % | 100 % | 100 % | 100 % | 100 % |
| also blurred and moved | 8 %  | 46 %  | 64 %  | 81 %  | 91 %  | 98 %  | 100 % |

With the second up block at 0.1 T the limit that is crossed by 5 % of the new scenes finds 77 % of the blurred ones.

Similarity tells how well the subject is met, not whether the LoRA still generalises: a run that learns its pictures by
heart may keep it high. That is what the alarm is for, and the validation ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from calotype.diffusion.features import Reference
from calotype.domain.likeness import MEMORISED_BELOW

CLOSEST_SHARE = 0.25  # of training pictures: how far they are from their nearest is the unit of the nearest distance
LEAST_DIFFERENCE = 0.05  # of cosines; below it the base model's previews cannot be told from the subject


@dataclass(frozen=True, slots=True)
class Comparison:
    """The numbers of PreviewsMeasured, before they have a step and names."""

    similarity: float | None
    diversity: float | None
    nearest_preview: int
    nearest_training: int
    nearest_distance: float | None

    @property
    def is_memorised(self) -> bool:
        """True if a preview is nearer to a training picture than training pictures are to each other."""
        return self.nearest_distance is not None and self.nearest_distance < MEMORISED_BELOW


@dataclass(frozen=True, slots=True)
class Gauge:
    """What previews are measured by: features of the pictures and of the base model's previews.

    Shapes: training, held_out and base (pictures, channels, cells, cells). `groups` numbers training pictures; those
    that are almost the same share a number, and are never each other's nearest.
    """

    training: Tensor
    held_out: Tensor
    base: Tensor
    groups: tuple[int, ...]

    def compare(self, previews: Tensor) -> Comparison:
        """Measure previews, shape (pictures, channels, cells, cells)."""
        own = Reference.of(self.training)
        points, known = own.points(previews), own.points(self.training)
        distances = torch.cdist(points, known)  # (previews, training)
        place = int(distances.argmin())
        preview, training = divmod(place, len(known))
        unit = self._closest_of_training(known)
        return Comparison(
            similarity=similarity_of(previews, self.training, self.held_out, self.base),
            diversity=_ratio(_mean_distance(points), _mean_distance(known)),
            nearest_preview=preview,
            nearest_training=training,
            nearest_distance=_ratio(float(distances[preview, training]), unit),
        )

    def _closest_of_training(self, known: Tensor) -> float | None:
        """How far the closest training pictures are from their nearest, copies left aside; None if all are copies."""
        distances = torch.cdist(known, known)
        groups = torch.tensor(self.groups)
        distances[groups[:, None] == groups[None]] = torch.inf
        nearest = distances.amin(dim=1)
        nearest = nearest[nearest.isfinite()]
        return float(nearest.quantile(CLOSEST_SHARE)) if len(nearest) else None


def similarity_of(previews: Tensor, training: Tensor, held_out: Tensor, base: Tensor) -> float | None:
    """How alike previews and held-out pictures are: 0 for the base model's previews, 1 for training pictures.

    Each picture counts with its best match among the held-out ones. The training pictures stand for what real pictures
    of the subject reach: there are as many to match with as for a preview, and it works with a single held-out picture.
    None if the base model's previews cannot be told from the subject. Shapes: (pictures, channels, cells, cells).
    """
    reference = Reference.of(training, base)
    wanted = reference.directions(held_out)

    def match(pictures: Tensor) -> float:
        return float((reference.directions(pictures) @ wanted.T).amax(dim=1).mean())

    low, high = match(base), match(training)
    return (match(previews) - low) / (high - low) if high - low > LEAST_DIFFERENCE else None


def _mean_distance(points: Tensor) -> float | None:
    """Between all pairs; None if there is no pair. Shape (pictures, width)."""
    return float(torch.pdist(points).mean()) if len(points) > 1 else None


def _ratio(value: float | None, unit: float | None) -> float | None:
    return value / unit if value is not None and unit is not None and unit > 1e-6 else None
