"""Which images a step learns from."""

from collections import Counter

import pytest

from calotype.training.batches import Batches


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 20])
def test_that_no_image_is_ever_left_out_of_a_round(batch_size: int) -> None:
    buckets = ["square"] * 7 + ["wide"] * 2 + ["tall"]
    batches = Batches(buckets, batch_size, seed=1)

    for start in (0, batches.per_round):
        seen = Counter(i for step in range(batches.per_round) for i in batches.at(start + step + 1))
        assert set(seen) == set(range(10))


def test_that_an_image_comes_up_as_often_as_it_counts() -> None:
    batches = Batches(["square"] * 6 + ["wide"], 1, seed=1, turns=[1, 1, 1, 1, 1, 3, 2])

    seen = Counter(i for step in range(batches.per_round) for i in batches.at(step + 1))

    assert batches.per_round == 10
    assert seen == {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 3, 6: 2}


def test_that_images_that_all_count_once_come_in_the_order_they_always_had() -> None:
    buckets = ["square"] * 7 + ["wide"] * 2

    plain = [Batches(buckets, 2, seed=5).at(step) for step in range(1, 20)]

    assert plain[:4] == [[4, 0], [8, 7], [5, 6], [2, 5]]
    assert [Batches(buckets, 2, seed=5, turns=[1] * 9).at(step) for step in range(1, 20)] == plain


def test_that_a_batch_is_full_and_of_one_bucket() -> None:
    buckets = ["square"] * 7 + ["wide"] * 2
    batches = Batches(buckets, 4, seed=1)

    for step in range(1, 20):
        batch = batches.at(step)
        assert len(batch) == 4
        assert len({buckets[i] for i in batch}) == 1


def test_that_a_step_depends_on_the_seed_and_nothing_before_it() -> None:
    buckets = ["square"] * 9

    walked = [Batches(buckets, 2, seed=3).at(step) for step in range(1, 30)]

    assert Batches(buckets, 2, seed=3).at(17) == walked[16]
    assert [Batches(buckets, 2, seed=4).at(step) for step in range(1, 30)] != walked
    assert walked[:5] != walked[5:10]
