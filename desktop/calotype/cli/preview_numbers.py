"""What previews were found to be, for a program and for a person in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.domain.events import PreviewsMeasured
from calotype.domain.likeness import comparison_at, newest_comparison


def preview_numbers(comparisons: Sequence[PreviewsMeasured], best_step: int) -> dict[str, object] | None:
    """The comparison of the step that is kept, or the newest if none is; None if previews were never compared."""
    measured = comparison_at(comparisons, best_step) if best_step else newest_comparison(comparisons)
    if measured is None:
        return None
    return {
        "step": measured.step,
        "subject_similarity": measured.similarity,
        "subject_similarity_by_model": measured.model_similarity,
        "prompt_adherence": measured.adherence,
        "diversity": measured.diversity,
        "nearest_training_picture": measured.nearest_name,
        "nearest_distance": measured.nearest_distance,
        "is_memorised": measured.is_memorised,
    }


def likeness_text(measured: PreviewsMeasured) -> str:
    """How like the subject the previews of a step are, and which picture one of them repeats."""
    texts = []
    if measured.similarity is not None:
        texts.append(f"subject similarity of the previews {measured.similarity:.2f}")
    if measured.model_similarity is not None:
        texts.append(f"by the comparison model {measured.model_similarity:.2f}")
    if measured.adherence is not None:
        texts.append(f"prompt adherence {measured.adherence:+.3f} against the base model's")
    if measured.is_memorised:
        texts.append(f"preview {measured.nearest_preview + 1} is almost the training picture {measured.nearest_name}")
    return f"Step {measured.step}: {', '.join(texts)}." if texts else ""
