"""The one rule by which a run chooses the step to keep.

Validation first: a step whose ratio to the base model is more than 1 % lower than the kept one's is better. Within 1 %
of the lowest ratio so far the draws do not tell, and the previews decide (more like the subject), then the drift (less
of what the LoRA should leave alone has moved). Two vetoes come before: a step that moves everything, and one whose
previews repeat a training picture, never replace one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass

TIE = 0.01  # of the ratio
CLEARLY_MORE_LIKE = 0.05  # of the similarity, where 1 is what training pictures reach
CLEARLY_LESS_DRIFT = 0.9  # of the other's drift
MOST_DRIFT = 1.0  # other captions have moved by as much as their predictions are large


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a step when it is to be kept; None is what was not measured."""

    step: int = 0
    ratio: float = 1.0  # the base model's own
    drift: float | None = None
    similarity: float | None = None
    is_memorised: bool = False

    @property
    def is_vetoed(self) -> bool:
        """True if it is kept only as long as there is nothing else."""
        return self.is_memorised or (self.drift is not None and self.drift > MOST_DRIFT)


BASE = Candidate()


def is_better(new: Candidate, kept: Candidate, lowest_ratio: float) -> bool:
    """True if `new` takes the place of `kept`; `lowest_ratio` is that of all steps so far, kept or not.

    Nothing that is worse than the base model is ever kept.
    """
    if new.ratio >= 1.0:
        return False
    if kept.step == 0:
        return True
    if new.is_vetoed != kept.is_vetoed:
        return kept.is_vetoed
    if new.ratio < kept.ratio * (1 - TIE):
        return True
    if new.ratio > lowest_ratio * (1 + TIE):
        return False
    return _wins_tie(new, kept)


def _wins_tie(new: Candidate, kept: Candidate) -> bool:
    if new.similarity is not None and kept.similarity is not None:
        more = new.similarity - kept.similarity
        if abs(more) > CLEARLY_MORE_LIKE:
            return more > 0
    if new.drift is not None and kept.drift is not None:
        if new.drift < kept.drift * CLEARLY_LESS_DRIFT:
            return True
        if kept.drift < new.drift * CLEARLY_LESS_DRIFT:
            return False
    return new.ratio < kept.ratio
