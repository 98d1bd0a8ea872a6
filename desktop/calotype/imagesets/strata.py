"""What held-out images should have in the same shares as all images: views, stars, and looks from afar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from calotype.domain.coverage import framing_of, views_of
from calotype.domain.imageset import CaptionedImage
from calotype.imagesets.signatures import Floats, unpacked

Label = tuple[str, str]
_MOST_CLUSTERS = 8
_ROUNDS = 8  # of moving the middles of clusters
_SAMPLE = 4000  # images that the middles are found from; more would not move them


def labels_of(
    images: Sequence[CaptionedImage], signatures: Mapping[str, bytes], cluster_count: int
) -> dict[str, list[Label]]:
    """The labels of each image by content hash. The order of the images does not matter."""
    clusters = _clusters(images, signatures, min(cluster_count, _MOST_CLUSTERS))
    return {image.content_hash: [*_chosen(image), *clusters.get(image.content_hash, ())] for image in images}


def _chosen(image: CaptionedImage) -> Iterator[Label]:
    """What a person said of an image."""
    yield "rating", str(image.rating)
    for view in sorted(views_of(image.caption)):
        yield "view", view.value
    framing = framing_of(image.caption, None)
    if framing is not None:
        yield "framing", framing.value


def _clusters(
    images: Sequence[CaptionedImage], signatures: Mapping[str, bytes], cluster_count: int
) -> dict[str, list[Label]]:
    """The clusters that pictures fall into; only pictures with a signature are in one."""
    hashes = sorted(image.content_hash for image in images if image.content_hash in signatures)
    if len(hashes) < 2 or cluster_count < 2:
        return {}
    looks = unpacked([signatures[content_hash] for content_hash in hashes])
    middles = _middles(looks[:: max(1, len(looks) // _SAMPLE)], cluster_count)
    numbers = _nearest(looks, middles).tolist()
    return {content_hash: [("look", str(number))] for content_hash, number in zip(hashes, numbers, strict=True)}


def _middles(looks: Floats, count: int) -> Floats:
    """Begin with pictures that are far from each other, and move each middle into the middle of what is near it."""
    chosen = [int(np.argmax(looks @ looks.mean(axis=0)))]
    nearness = looks @ looks[chosen[0]]
    while len(chosen) < min(count, len(looks)):
        chosen.append(int(np.argmin(nearness)))
        nearness = np.maximum(nearness, looks @ looks[chosen[-1]])
    middles = looks[chosen]
    for _ in range(_ROUNDS):
        numbers = _nearest(looks, middles)
        means = [looks[numbers == number].mean(axis=0) for number in range(len(middles)) if (numbers == number).any()]
        middles = np.stack(means)
    return middles


def _nearest(looks: Floats, middles: Floats) -> np.ndarray:
    distances = (middles * middles).sum(axis=1) / 2 - looks @ middles.T
    nearest: np.ndarray = np.argmin(distances, axis=1)
    return nearest
