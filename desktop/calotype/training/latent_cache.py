"""Encode every picture and caption once, before the first step: encoding them anew each step costs a fifth to two
thirds more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning, Framing
from calotype.diffusion.latents import encode_pixels, encode_prompts, pixels_of
from calotype.domain.buckets import Bucket, buckets_for, nearest_bucket
from calotype.domain.imageset import CaptionedImage
from calotype.imagesets.pixels import open_rgb


@dataclass(frozen=True, slots=True)
class CachedImage:
    """What a step needs of one picture. Shapes: latents (channels, h, w), mirrored the same or None; the conditioning
    is a batch of one.
    """

    content_hash: str
    bucket: Bucket
    latents: Tensor
    mirrored: Tensor | None
    conditioning: Conditioning


def cache_images(
    model: BaseModel, images: Sequence[CaptionedImage], resolution_px: int, *, with_mirrored: bool
) -> Iterator[CachedImage]:
    """Encode the pictures one by one, in order. They wait in main memory, which a graphics card has less of."""
    buckets = buckets_for(resolution_px, model.quantum_px)
    known: dict[str, Conditioning] = {}  # many pictures have the same caption
    for image in images:
        bucket = nearest_bucket(image.width_px, image.height_px, buckets)
        pixels = pixels_of(load_for_bucket(image.pixels_path, bucket))[None]
        if image.caption not in known:
            known[image.caption] = encode_prompts(model, [image.caption]).cpu()
        yield CachedImage(
            content_hash=image.content_hash,
            bucket=bucket,
            latents=encode_pixels(model, pixels)[0].cpu(),
            mirrored=encode_pixels(model, pixels.flip(-1))[0].cpu() if with_mirrored else None,
            conditioning=known[image.caption].framed(_framing(image, bucket)),
        )


def load_for_bucket(path: Path, bucket: Bucket) -> Image.Image:
    """The picture scaled to cover the bucket, with what stands over cut off evenly on both sides."""
    return ImageOps.fit(open_rgb(path), (bucket.width_px, bucket.height_px), Image.Resampling.LANCZOS)


def no_caption(model: BaseModel) -> Conditioning:
    """What the U-Net is told by no caption at all: a batch of one that is not framed yet."""
    return encode_prompts(model, [""]).cpu()


def _framing(image: CaptionedImage, bucket: Bucket) -> Framing:
    return Framing.covering((image.height_px, image.width_px), (bucket.height_px, bucket.width_px))
