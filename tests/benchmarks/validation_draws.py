"""How to spend a validation's predictions: `python tests/benchmarks/validation_draws.py [pool.pt]`.

What is estimated is the same for all: for the given pictures, the mean over all timesteps, each counting alike, of the
LoRA's expected loss over the base model's. `validation_pool.py` knows it from hundreds of draws; here each way to take
a few of them is tried two thousand times. Strata of log-SNR run from an SNR of 200 to one of 0.005, the outermost ones
on to the ends of the schedule (the Starter's ends at an SNR of 0); each counts as much as its share of the time range
and is looked at in its middle. Ways with fixed draws take the same ones for the base model and every LoRA; the others
take new ones each time. A pair is one noise and its negative at the same timestep, at the cost of two.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from table import Row, report
from torch import Tensor
from validation_pool import OUT, Pool, read_pools, write_pools

COSTS = (4, 8, 16, 32)
SNR_RANGE = (0.005, 200.0)
TRIES = 2000
APP_COST, APP_IMAGES, BATCH = 8, 16, 4
LEAST_ADVANTAGE = 5.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way to choose timesteps and noises."""

    name: str
    strata: str = ""  # "time" or "log-SNR"; empty: timesteps at random
    in_pairs: bool = False
    is_loss_alone: bool = False  # not compared with the base model on the same draws, but with its true loss


WAYS = (
    Way("(a) loss of new random draws", is_loss_alone=True),
    Way("(a') ratio on new random draws"),
    Way("(b) fixed, equal parts of time", "time"),
    Way("(c) fixed, equal parts of log-SNR", "log-SNR"),
    Way("(d) as (c), noise in pairs", "log-SNR", in_pairs=True),
    Way("(e) as (b), noise in pairs", "time", in_pairs=True),
)


@dataclass(frozen=True, slots=True)
class Score:
    """Errors are root mean squares, in units of the ratio."""

    value: float  # of one LoRA's ratio
    change: float  # of the difference between neighbouring LoRAs
    order: float  # rank correlation with the true order of the LoRAs
    best: float  # share of tries that pick the truly best one


def true_ratios(pool: Pool, way: Way) -> Tensor:
    """What the way should give, shape (LoRAs,)."""
    means = pool.deep.double().mean(dim=3).sum(dim=1)  # (models, timesteps)
    if way.is_loss_alone:
        losses = means @ pool.shares
        return losses[1:] / losses[0]
    return (means[1:] / means[0]) @ pool.shares


def tried(pool: Pool, way: Way, cost: int, chance: torch.Generator) -> Tensor:
    """What the way gives, shape (tries, LoRAs)."""
    if way.strata:
        return _fixed(pool, way, cost, chance)
    columns = [_random(pool, way, cost, model, chance) for model in range(1, len(pool.deep))]
    return torch.stack(columns, dim=1)


def _fixed(pool: Pool, way: Way, cost: int, chance: torch.Generator) -> Tensor:
    deep = pool.deep.double()
    if way.in_pairs:
        deep = deep.unflatten(3, (-1, 2)).mean(dim=4)
    places, weights = _strata(pool, way, cost // 2 if way.in_pairs else cost)
    images, noises = deep.shape[1], deep.shape[3]
    noise = torch.randint(noises, (TRIES, images, len(places)), generator=chance)
    losses = deep[:, torch.arange(images)[:, None], places, noise].sum(dim=2)  # (models, tries, places)
    ratios = (losses[1:] / losses[0]) @ weights  # (LoRAs, tries)
    middle = ratios.mean(dim=1, keepdim=True)
    # A handful of noises spreads less than all noises would, by this much.
    return (middle + (ratios - middle) * math.sqrt(noises / (noises - 1))).T


def _random(pool: Pool, way: Way, cost: int, model: int, chance: torch.Generator) -> Tensor:
    images, timesteps, noises = pool.deep.shape[1:]
    rows = images if way.is_loss_alone else 1  # a ratio needs all pictures at the same timestep
    places = torch.multinomial(pool.shares.expand(TRIES * rows, timesteps), cost, replacement=True, generator=chance)
    places = places.reshape(TRIES, rows, cost).expand(TRIES, images, cost)
    noise = torch.randint(noises, (TRIES, images, cost), generator=chance)
    losses, base = (
        pool.deep[number].double()[torch.arange(images)[:, None], places, noise] for number in (model, 0)
    )  # (tries, images, cost)
    if way.is_loss_alone:
        return losses.mean(dim=(1, 2)) / (pool.deep[0].double().mean(dim=(0, 2)) @ pool.shares)
    return (losses.sum(dim=1) / base.sum(dim=1)).mean(dim=1)


def _strata(pool: Pool, way: Way, count: int) -> tuple[Tensor, Tensor]:
    """Where in the pool's timesteps to look, and how much each counts; both of shape (count,)."""
    middles = pool.shares.cumsum(0) - pool.shares / 2  # 0…1 of the time range
    if way.strata == "time":
        wanted = (torch.arange(count) + 0.5) / count
        weights = torch.full((count,), 1 / count, dtype=torch.float64)
    else:
        low, high = map(math.log, SNR_RANGE)
        inner = torch.linspace(high, low, count + 1, dtype=torch.float64)[1:-1]
        stratum = (pool.log_snr[:, None] < inner).sum(dim=1)  # of each timestep, from the cleanest on
        weights = torch.zeros(count, dtype=torch.float64).index_add(0, stratum, pool.shares)
        wanted = weights.cumsum(0) - weights / 2
    return (middles - wanted[:, None]).abs().argmin(dim=1), weights


def score(pools: Sequence[Pool], way: Way, cost: int) -> Score:
    """Over all things taught."""
    chance = torch.Generator().manual_seed(0)
    value, change, order, best = [], [], [], []
    for pool in pools:
        truth, found = true_ratios(pool, way), tried(pool, way, cost, chance)
        value.append((found - truth).square().mean())
        change.append((found.diff(dim=1) - truth.diff()).square().mean())
        ranks = torch.stack([found.argsort(1).argsort(1), truth.argsort().argsort().expand(found.shape)]).double()
        one, other = ranks - ranks.mean(dim=2, keepdim=True)
        order.append(((one * other).sum(1) / one.square().sum(1)).mean())
        best.append((found.argmin(1) == truth.argmin()).double().mean())
    means = [float(torch.stack(values).mean()) for values in (value, change, order, best)]
    return Score(math.sqrt(means[0]), math.sqrt(means[1]), means[2], means[3])


def spread_of_images(pools: Sequence[Pool]) -> tuple[float, float]:
    """How much a ratio, and a difference between neighbouring LoRAs, would vary with a single picture."""
    value, change = [], []
    for pool in pools:
        wide = pool.wide.double()  # (models, images, timesteps)
        base = wide[0].mean(dim=0)
        ratios = wide[1:].mean(dim=1) / base
        # What each picture adds to the ratio of sums, to first order. Shape (LoRAs, images).
        pull = ((wide[1:] - ratios[:, None] * wide[0]) / base).mean(dim=2)
        value.append(pull.square().mean())
        change.append(pull.diff(dim=0).square().mean())
    return tuple(math.sqrt(float(torch.stack(values).mean())) for values in (value, change))  # type: ignore[return-value]


def naive_training(pools: Sequence[Pool]) -> float:
    """The standard error of the mean of as many training losses as a validation costs, as a share of their mean."""
    count = APP_COST * APP_IMAGES // BATCH
    errors = []
    for pool in pools:
        last = torch.tensor(pool.step_losses[-count:], dtype=torch.float64)
        errors.append(float(last.diff().square().mean() / 2 / count / last.mean().square()))  # free of any trend
    return math.sqrt(sum(errors) / len(errors))


def _show(pools: Sequence[Pool], scores: dict[tuple[str, int], Score]) -> None:
    for pool in pools:
        ratios = ", ".join(f"{float(ratio):.3f}" for ratio in true_ratios(pool, WAYS[1]))
        print(f"{pool.subject}, steps {pool.steps}: true ratios {ratios}")
    images = pools[0].deep.shape[1]
    print(
        f"\nErrors x 1000 with {images} pictures: of a ratio / of a change; then rank correlation / best one picked\n"
    )
    print("| predictions for each picture | " + " | ".join(map(str, COSTS)) + " |")
    print("| --- |" + " --- |" * len(COSTS))
    for way in WAYS:
        row = [scores[way.name, cost] for cost in COSTS]
        cells = [f"{1000 * s.value:.1f} / {1000 * s.change:.1f}; {s.order:.3f} / {s.best:.0%}" for s in row]
        print(f"| {way.name} | " + " | ".join(cells) + " |")
    value, change = spread_of_images(pools)
    print(f"\nA single picture x 1000: {1000 * value:.1f} / {1000 * change:.1f}. Share of the draws in the variance:")
    for cost in COSTS:
        found = scores[WAYS[2].name, cost]
        shares = [images * error**2 / one**2 for error, one in ((found.value, value), (found.change, change))]
        print(f"{cost} draws: {shares[0]:.1%} of a ratio's, {shares[1]:.1%} of a change's")


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and report the row for the README."""
    pools = read_pools(Path(arguments[0])) if arguments else write_pools(OUT / "pool.pt")
    scores = {(way.name, cost): score(pools, way, cost) for way in WAYS for cost in COSTS}
    _show(pools, scores)
    chosen = scores[WAYS[2].name, APP_COST]
    fewer = math.sqrt(pools[0].deep.shape[1] / APP_IMAGES)  # errors of draws shrink with the number of pictures
    mean = float(torch.stack([true_ratios(pool, WAYS[2]).mean() for pool in pools]).mean())
    ours, naive = chosen.value * fewer / mean, naive_training(pools)
    report(
        [
            Row(
                f"Standard error by the draws, {APP_IMAGES * APP_COST} predictions: validation ratio / training loss",
                f"{ours:.2%}",
                f"{naive:.2%}",
                ours / naive,
                naive / ours >= LEAST_ADVANTAGE,
            )
        ]
    )


if __name__ == "__main__":
    main(sys.argv[1:])
