"""What previews were found to be, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import PreviewsMeasured


def _tr(text: str) -> str:
    return QCoreApplication.translate("likeness", text)


def likeness_text(measured: PreviewsMeasured | None) -> str:
    """How like the subject the previews of the kept step are, in one line; empty if that is not known."""
    if measured is None:
        return ""
    similarity, by_model, adherence = measured.similarity, measured.model_similarity, measured.adherence
    texts = []
    if similarity is not None:
        texts.append(_tr("Subject similarity {similarity}.").format(similarity=f"{similarity:.2f}"))
    if by_model is not None:
        text = _tr("Subject similarity by the comparison model {similarity}.")
        texts.append(text.format(similarity=f"{by_model:.2f}"))
    if adherence is not None:
        text = _tr("Prompt adherence {difference} against the base model's.")
        texts.append(text.format(difference=signed_text(adherence)))
    return " ".join(texts)


def memorised_text(measured: PreviewsMeasured, kept: PreviewsMeasured | None) -> str:
    """Which training picture a preview repeats, and what to do about it; `kept` speaks for the step that is kept."""
    if kept is not None and kept.step < measured.step and not kept.is_memorised:
        text = _tr(
            "A preview of step {step} is almost the training picture {name}. Those of step {kept}, which is kept, "
            "repeat none."
        )
    else:
        text = _tr(
            "A preview of step {step} is almost the training picture {name}. To get new pictures instead, train for "
            "fewer steps or add pictures that show more variety."
        )
    return text.format(
        step=f"{measured.step:,}", name=measured.nearest_name, kept=f"{kept.step:,}" if kept is not None else ""
    )


def number_text(value: float | None) -> str:
    """A number of a comparison with two digits; a dash if it could not be told."""
    return "–" if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def signed_text(difference: float) -> str:
    """A difference of cosines with its sign and three digits, of which the first is nearly always 0."""
    return f"{difference:+.3f}".replace("-", "\N{MINUS SIGN}")
