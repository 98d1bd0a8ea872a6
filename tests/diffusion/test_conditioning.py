"""What a U-Net is told of a batch: framings worked out by hand, and parts that stay together."""

from __future__ import annotations

import pytest
import torch

from calotype.diffusion.conditioning import Conditioning, Framing

WORDS = Conditioning(torch.ones(1, 2, 4), torch.ones(1, 3))


@pytest.mark.parametrize(
    ("original_px", "target_px", "cut_px"),
    [
        ((1024, 1024), (1024, 1024), (0, 0)),
        ((512, 512), (1024, 1024), (0, 0)),  # only scaled
        ((128, 256), (48, 88), (0, 4)),  # 48 x 96, of which 4 go on either side
        ((3000, 2000), (1248, 832), (0, 0)),
        ((4000, 3000), (1024, 1024), (171, 0)),  # 1365.3 x 1024
    ],
)
def test_that_what_is_cut_is_counted_after_scaling(
    original_px: tuple[int, int], target_px: tuple[int, int], cut_px: tuple[int, int]
) -> None:
    assert Framing.covering(original_px, target_px) == Framing(original_px, cut_px, target_px)


def test_that_a_framing_cannot_be_forgotten() -> None:
    with pytest.raises(ValueError, match="framed"):
        WORDS.unet_arguments(torch.float32)


def test_that_a_unet_that_reads_words_alone_is_told_nothing_else() -> None:
    words = Conditioning(torch.ones(1, 2, 4)).framed(Framing.whole(8, 8))

    assert set(words.unet_arguments(torch.float32)) == {"encoder_hidden_states"}


def test_that_sizes_keep_every_digit_at_16_bits() -> None:
    arguments = WORDS.framed(Framing.whole(1023, 1025)).unet_arguments(torch.bfloat16)

    assert arguments["added_cond_kwargs"]["time_ids"].tolist() == [[1023, 1025, 0, 0, 1023, 1025]]
    assert arguments["added_cond_kwargs"]["text_embeds"].dtype == torch.bfloat16
    assert arguments["encoder_hidden_states"].dtype == torch.bfloat16


def test_that_all_parts_of_a_batch_are_repeated_and_silenced_together() -> None:
    first, second = WORDS.framed(Framing.whole(8, 8)), WORDS.framed(Framing.whole(16, 8))

    batch = Conditioning.joined([first, second]).repeat_interleave(2).silenced([False, True, False, True])

    assert batch.pooled is not None and batch.framing is not None
    assert batch.hidden_states[:, 0, 0].tolist() == batch.pooled[:, 0].tolist() == [1, 0, 1, 0]
    assert batch.framing[:, 0].tolist() == [8, 8, 16, 16]
    assert first.expand(3).unet_arguments(torch.float32)["added_cond_kwargs"]["time_ids"].shape == (3, 6)
