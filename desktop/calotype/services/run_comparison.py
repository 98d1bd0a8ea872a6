"""Two runs beside each other: which is better, in which settings they differ, and the numbers of both."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain import verdict_words
from calotype.domain.setting_words import differing_settings, value_text
from calotype.domain.speech import Say, as_written, duration
from calotype.services.run_contents import RunContents, gather
from calotype.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One line of a comparison: what is compared, and what each run has there."""

    name: str  # the same in every language
    label: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs, whole."""

    one: RunContents
    other: RunContents

    @property
    def is_same_check(self) -> bool:
        """True if both were measured on the same held-out pictures against the same base model."""
        is_same_set = bool(self.one.held_out) and self.one.held_out == self.other.held_out
        return is_same_set and self.one.run.plan.base_model == self.other.run.plan.base_model

    @property
    def better(self) -> RunContents | None:
        """The run with the lower validation ratio at its best step; None if one has none, or they are equal."""
        one, other = self.one.log.best, self.other.log.best
        if one is None or other is None or one.ratio.value == other.ratio.value:
            return None
        return self.one if one.ratio.value < other.ratio.value else self.other

    @property
    def is_clear(self) -> bool:
        """True if the 95 % intervals of the two best steps do not meet."""
        one, other = self.one.log.best, self.other.log.best
        if one is None or other is None:
            return False
        return one.ratio.high < other.ratio.low or other.ratio.high < one.ratio.low


def compare(workspace: Workspace, run_id: str, other_id: str) -> RunComparison:
    """Read two runs. Raises RunNotFoundError or ProjectNotFoundError."""
    return RunComparison(gather(workspace, run_id), gather(workspace, other_id))


def setting_rows(comparison: RunComparison, say: Say = as_written) -> list[ComparedRow]:
    """Only the settings in which the two differ, the most useful first."""
    one, other = comparison.one, comparison.other
    rows = [
        ComparedRow(text.name, say(text.label), *(value_text(side.run.plan, text.name, say) for side in (one, other)))
        for text in differing_settings(one.run.plan, other.run.plan)
    ]
    if one.run.plan.base_model != other.run.plan.base_model:
        rows.insert(0, ComparedRow("base_model", say("Base model"), one.base_name, other.base_name))
    return rows


def number_rows(comparison: RunComparison, say: Say = as_written) -> list[ComparedRow]:
    """What came of both, where there is anything to say of either."""
    one, other = _numbers(comparison.one, say), _numbers(comparison.other, say)
    labels = {
        "verdict": say("Verdict"),
        "best_step": say("Best step"),
        "ratio": say("Error on held-out pictures there"),
        "interval": say("95 % interval"),
        "probe": say("On training pictures there"),
        "steps": say("Steps done"),
        "time": say("Time"),
        "trained": say("Pictures to learn from"),
        "held_out": say("Pictures to check with"),
    }
    return [
        ComparedRow(name, label, one.get(name, "–"), other.get(name, "–"))
        for name, label in labels.items()
        if name in one or name in other
    ]


def _numbers(side: RunContents, say: Say) -> dict[str, str]:
    log, best = side.log, side.log.best
    known = {"verdict": verdict_words.headline(side.verdict, is_running=side.is_running, say=say)}
    if best is not None:
        known["best_step"] = f"{best.step:,}"
        known["ratio"] = f"{best.ratio.value:.3f}"
        known["interval"] = f"{best.ratio.low:.3f} – {best.ratio.high:.3f}"
        known["probe"] = f"{best.probe_ratio:.3f}"
    if log.steps:
        known["steps"] = f"{log.steps[-1].step:,}"
        known["time"] = duration(log.seconds, say)
    if log.started is not None:
        known["trained"] = str(log.started.images_trained)
        known["held_out"] = str(log.started.images_held_out)
    return known


def outcome(comparison: RunComparison, say: Say = as_written) -> str:
    """Which run is better, and how far that can be trusted, in whole sentences."""
    one, other = comparison.one, comparison.other
    names = {side.run.id: say("Run {number}").format(number=side.number) for side in (one, other)}
    for side in (one, other):
        if side.log.best is None:
            text = say("{run} was never better than its base model on held-out pictures.")
            return text.format(run=names[side.run.id])
    better = comparison.better
    if better is None or one.log.best is None or other.log.best is None:
        return say("Both are equally good on held-out pictures.")
    worse = other if better is one else one
    clear = say("{better} is better on held-out pictures: {low} of the base model's error, against {high} of {worse}.")
    close = say("{better} is ahead on held-out pictures: {low} of the base model's error, against {high} of {worse}.")
    text = clear if comparison.is_clear else close
    ratios = sorted((one.log.best.ratio.value, other.log.best.ratio.value))
    said = text.format(
        better=names[better.run.id], worse=names[worse.run.id], low=f"{ratios[0]:.3f}", high=f"{ratios[1]:.3f}"
    )
    if not comparison.is_same_check:
        return say("{said} But they were not checked on the same pictures and base model, so this is rough.").format(
            said=said
        )
    return said if comparison.is_clear else say("{said} Their 95 % intervals meet: it may be chance.").format(said=said)
