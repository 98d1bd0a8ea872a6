"""Any Pillow mode and colour profile as 8-bit sRGB."""

from __future__ import annotations

import functools
import io
import logging

from PIL import Image, ImageCms

logger = logging.getLogger(__name__)

_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
_BEHIND_TRANSPARENCY = (255, 255, 255)


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert to RGB in sRGB; the very same object comes back if it is that already.

    Transparent pixels become white, so that colours hidden behind them do not come out. A broken or missing
    profile counts as sRGB.
    """
    profile = image.info.get("icc_profile")
    flat = _flattened(image)
    if not isinstance(profile, bytes) or not profile:
        return flat if flat.mode == "RGB" else flat.convert("RGB")
    transform = _transform(profile, flat.mode)
    if transform is None:
        return flat if flat.mode == "RGB" else flat.convert("RGB")
    converted = transform.apply(flat)
    converted.info.pop("icc_profile", None)
    return converted


def _flattened(image: Image.Image) -> Image.Image:
    """One of RGB, L, CMYK, LAB: without transparency, palette or more than 8 bits."""
    if image.mode in (*_SIXTEEN_BIT, "I", "F"):
        return _eight_bit(image)
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    if image.mode in ("RGB", "L", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    behind = Image.new("RGBA", image.size, (*_BEHIND_TRANSPARENCY, 255))
    behind.alpha_composite(image)
    return behind.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale deep grey values to 8 bits; Pillow's own conversion would cut everything above 255 off."""
    import numpy as np  # few pictures are so deep, and the window opens without it

    values: np.ndarray = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(values.max(initial=0.0))
    if image.mode == "F" and highest <= 1.0:
        values = values * 255
    elif highest > 255:
        values = values / 257 if highest <= 65535 else values * (255 / highest)
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


@functools.lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB; None if it is sRGB, broken, or for another kind of pixels."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        description = ImageCms.getProfileDescription(source).lower()
        if description.startswith("srgb") and mode == "RGB":
            return None
        return ImageCms.buildTransform(source, _srgb(), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        logger.info("a colour profile cannot be used and counts as sRGB: %s", error)
        return None


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
