"""The names and shapes of the tensors of a U-Net in the key names of the original programs (LDM and SGM)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calotype.domain.recognised import ModelKind

Tensors = Iterator[tuple[str, tuple[int, ...]]]

_BLOCKS_PER_LEVEL = 2


@dataclass(frozen=True, slots=True)
class UnetConfig:
    """What the published configuration of a U-Net says."""

    channels: tuple[int, ...]  # at each level, from the full latents down
    depths: tuple[int, ...]  # transformer blocks at each level; 0: no attention there
    middle_depth: int
    text_width: int
    vector_width: int = 0  # of the pooled text with sizes and crops; 0: none
    has_linear_ends: bool = True  # proj_in and proj_out are linear layers, not 1x1 convolutions

    @property
    def time_width(self) -> int:
        """Width of the embedded timestep."""
        return 4 * self.channels[0]


UNETS = {
    ModelKind.SD1: UnetConfig((320, 640, 1280, 1280), (1, 1, 1, 0), 1, 768, has_linear_ends=False),
    ModelKind.SD2: UnetConfig((320, 640, 1280, 1280), (1, 1, 1, 0), 1, 1024),
    ModelKind.SDXL: UnetConfig((320, 640, 1280), (0, 2, 10), 10, 2048, vector_width=2816),
    ModelKind.SDXL_REFINER: UnetConfig((384, 768, 1536, 1536), (0, 4, 4, 0), 4, 1280, vector_width=2560),
}


def unet_tensors(config: UnetConfig, latent_inputs: int) -> Tensors:
    """Every tensor, without the prefix that a checkpoint puts before it. `latent_inputs`: channels that go in."""
    first, last = config.channels[0], config.channels[-1]
    yield from layer("time_embed.0", config.time_width, first)
    yield from layer("time_embed.2", config.time_width, config.time_width)
    if config.vector_width:
        yield from layer("label_emb.0.0", config.time_width, config.vector_width)
        yield from layer("label_emb.0.2", config.time_width, config.time_width)
    yield from layer("input_blocks.0.0", first, latent_inputs, 3, 3)
    yield from _way_down(config)
    yield from _block(config, "middle_block.0", last, last)
    yield from _attention(config, "middle_block.1", last, config.middle_depth)
    yield from _block(config, "middle_block.2", last, last)
    yield from _way_up(config)
    yield from layer("out.0", first)
    yield from layer("out.2", 4, first, 3, 3)


def _way_down(config: UnetConfig) -> Tensors:
    number, channels = 1, config.channels[0]
    for level, (out, depth) in enumerate(zip(config.channels, config.depths, strict=True)):
        for _ in range(_BLOCKS_PER_LEVEL):
            yield from _block(config, f"input_blocks.{number}.0", channels, out)
            yield from _attention(config, f"input_blocks.{number}.1", out, depth)
            number, channels = number + 1, out
        if level < len(config.channels) - 1:
            yield from layer(f"input_blocks.{number}.0.op", out, out, 3, 3)
            number += 1


def _way_up(config: UnetConfig) -> Tensors:
    kept = _kept_on_the_way_down(config)
    number, channels = 0, config.channels[-1]
    for level in reversed(range(len(config.channels))):
        out, depth = config.channels[level], config.depths[level]
        for block in range(_BLOCKS_PER_LEVEL + 1):
            yield from _block(config, f"output_blocks.{number}.0", channels + kept.pop(), out)
            yield from _attention(config, f"output_blocks.{number}.1", out, depth)
            if level and block == _BLOCKS_PER_LEVEL:
                yield from layer(f"output_blocks.{number}.{2 if depth else 1}.conv", out, out, 3, 3)
            number, channels = number + 1, out


def _kept_on_the_way_down(config: UnetConfig) -> list[int]:
    """Channels of each result that the way up takes again, oldest first."""
    kept = [config.channels[0]]
    for level, out in enumerate(config.channels):
        kept += [out] * _BLOCKS_PER_LEVEL
        if level < len(config.channels) - 1:
            kept.append(out)
    return kept


def _block(config: UnetConfig, prefix: str, channels: int, out: int) -> Tensors:
    yield from layer(f"{prefix}.in_layers.0", channels)
    yield from layer(f"{prefix}.in_layers.2", out, channels, 3, 3)
    yield from layer(f"{prefix}.emb_layers.1", out, config.time_width)
    yield from layer(f"{prefix}.out_layers.0", out)
    yield from layer(f"{prefix}.out_layers.3", out, out, 3, 3)
    if channels != out:
        yield from layer(f"{prefix}.skip_connection", out, channels, 1, 1)


def _attention(config: UnetConfig, prefix: str, channels: int, depth: int) -> Tensors:
    if not depth:
        return
    ends = (channels, channels) if config.has_linear_ends else (channels, channels, 1, 1)
    yield from layer(f"{prefix}.norm", channels)
    yield from layer(f"{prefix}.proj_in", *ends)
    for number in range(depth):
        yield from _transformer(f"{prefix}.transformer_blocks.{number}", channels, config.text_width)
    yield from layer(f"{prefix}.proj_out", *ends)


def _transformer(prefix: str, channels: int, text_width: int) -> Tensors:
    for name, width in (("attn1", channels), ("attn2", text_width)):
        yield f"{prefix}.{name}.to_q.weight", (channels, channels)
        yield f"{prefix}.{name}.to_k.weight", (channels, width)
        yield f"{prefix}.{name}.to_v.weight", (channels, width)
        yield from layer(f"{prefix}.{name}.to_out.0", channels, channels)
    yield from layer(f"{prefix}.ff.net.0.proj", 8 * channels, channels)
    yield from layer(f"{prefix}.ff.net.2", channels, 4 * channels)
    for number in (1, 2, 3):
        yield from layer(f"{prefix}.norm{number}", channels)


def layer(name: str, *shape: int) -> Tensors:
    """A layer with a weight of this shape and a bias."""
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]
