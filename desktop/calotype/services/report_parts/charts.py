"""The diagrams of a report: validation ratio, noise bands, likeness of previews, training loss and learning rate."""

from __future__ import annotations

from calotype.domain.events import ValidationFinished
from calotype.domain.metrics import smoothed
from calotype.domain.run_log import RunLog
from calotype.domain.speech import Say
from calotype.services.report_parts.diagram import Axes, Points, drawing
from calotype.services.report_parts.markup import Html, element, joined

SMOOTHING = 0.94  # of the old value; about sixteen steps count, as in the window
CEILING = 0.99  # of all losses lie below the top of the diagram: a few wild steps must not flatten the others


def charts(log: RunLog, say: Say) -> Html:
    """Every diagram that there are numbers for."""
    parts: list[str] = []
    if log.validations:
        parts += [_validation(log, say), _bands(log, say)]
    parts += _likeness(log, say)
    if log.steps:
        parts += [element("div", _loss(log, say), _learning_rate(log, say), class_="pair")]
    return joined(*parts)


def _validation(log: RunLog, say: Say) -> Html:
    points = log.validations
    ratios = [value for point in points for value in (point.ratio.low, point.ratio.high, point.probe_ratio)]
    # Room above the highest value, so that the words “best step” cross no others.
    axes = Axes.around(log.last_step, [1.0, *ratios], headroom=0.2)
    parts = [
        *axes.grid(),
        axes.band(
            [(point.step, point.ratio.low) for point in points],
            [(point.step, point.ratio.high) for point in points],
            "held-out",
        ),
        *axes.level(1.0, say("base model")),
        axes.line([(point.step, point.probe_ratio) for point in points], "training dashed"),
        axes.line([(point.step, point.ratio.value) for point in points], "held-out"),
        *(axes.dot(point.step, point.ratio.value, "held-out", measurement_text(point, say)) for point in points),
    ]
    if log.best is not None:
        parts += axes.mark(log.best.step, say("best · step {step}").format(step=log.best.step))
        parts.append(axes.dot(log.best.step, log.best.ratio.value, "chosen", measurement_text(log.best, say)))
    title = say("Validation ratio")
    return _figure(
        title,
        say("Error on held-out pictures, as a share of the base model's. Below 1 is better than the base model."),
        drawing("validation", title, measurement_text(points[-1], say), parts),
        _key("held-out", say("held-out pictures, with their 95 % interval")),
        _key("training dashed", say("training pictures")),
    )


def measurement_text(point: ValidationFinished, say: Say) -> str:
    """One measurement in words."""
    text = say("Step {step}: {ratio} of the base model's error ({low} to {high}), on training pictures {probe}.")
    return text.format(
        step=point.step,
        ratio=f"{point.ratio.value:.3f}",
        low=f"{point.ratio.low:.3f}",
        high=f"{point.ratio.high:.3f}",
        probe=f"{point.probe_ratio:.3f}",
    )


def _bands(log: RunLog, say: Say) -> Html:
    points = log.validations
    lines: dict[str, Points] = {
        "coarse": [(point.step, point.bands.coarse) for point in points],
        "middle": [(point.step, point.bands.middle) for point in points],
        "fine": [(point.step, point.bands.fine) for point in points],
    }
    names = {
        "coarse": say("coarse: shapes and composition"),
        "middle": say("middle"),
        "fine": say("fine: texture"),
    }
    axes = Axes.around(log.last_step, [1.0, *(value for line in lines.values() for _step, value in line)])
    parts = [*axes.grid(), *axes.level(1.0, say("base model")), *(axes.line(lines[kind], kind) for kind in lines)]
    title = say("By detail")
    last = say("At step {step}: coarse {coarse}, middle {middle}, fine {fine}.").format(
        step=points[-1].step,
        coarse=f"{points[-1].bands.coarse:.3f}",
        middle=f"{points[-1].bands.middle:.3f}",
        fine=f"{points[-1].bands.fine:.3f}",
    )
    return _figure(
        title,
        say("The same ratio at different amounts of noise: much noise hides all but shapes, little hides texture."),
        drawing("bands", title, last, parts),
        *(_key(kind, names[kind]) for kind in lines),
    )


def _likeness(log: RunLog, say: Say) -> list[Html]:
    """How like the subject previews became, by the base model and by the user's own model; empty without a number."""
    points = log.comparisons
    lines: dict[str, Points] = {
        "held-out": [(point.step, point.similarity) for point in points if point.similarity is not None],
        "training dashed": [(p.step, p.model_similarity) for p in points if p.model_similarity is not None],
    }
    names = {"held-out": say("by the base model"), "training dashed": say("by the comparison model")}
    known = [kind for kind, line in lines.items() if line]
    if not known:
        return []
    axes = Axes.around(log.last_step, [0.0, 1.0, *(value for kind in known for _step, value in lines[kind])])
    drawn = (axes.line(lines[kind], kind) for kind in known)
    texts = [
        say("At step {step}, {judge}: {similarity}.").format(
            step=lines[kind][-1][0], judge=names[kind], similarity=f"{lines[kind][-1][1]:.2f}"
        )
        for kind in known
    ]
    adherence = next((point.adherence for point in reversed(points) if point.adherence is not None), None)
    if adherence is not None:
        text = say("Prompt adherence against the base model's: {adherence}.")
        texts.append(text.format(adherence=f"{adherence:+.3f}"))
    title, last = say("Subject similarity of previews"), " ".join(texts)
    explanation = say("How like the held-out pictures previews are: 0 as the base model's own, 1 as training pictures.")
    picture = drawing("likeness", title, last, [*axes.grid(), *axes.level(1.0, say("training pictures")), *drawn])
    return [_figure(title, f"{explanation} {last}", picture, *(_key(kind, names[kind]) for kind in known))]


def _loss(log: RunLog, say: Say) -> Html:
    losses = [event.loss for event in log.steps]
    means = [(event.step, mean) for event, mean in zip(log.steps, smoothed(losses, SMOOTHING), strict=True)]
    ordered = sorted(losses)
    ceiling = ordered[min(len(ordered) - 1, int(CEILING * len(ordered)))]
    axes = Axes.around(log.last_step, [min(losses), ceiling])
    raw = [(event.step, min(event.loss, axes.high)) for event in log.steps]
    title = say("Training loss")
    last = say("Smoothed, {loss} at step {step}.").format(loss=f"{means[-1][1]:.4f}", step=means[-1][0])
    return _figure(
        title,
        say("Of single steps (faint) and smoothed. It is noisy by nature and does not tell whether a run is good."),
        drawing("loss", title, last, [*axes.grid(), axes.line(raw, "faint"), axes.line(means, "training")]),
    )


def _learning_rate(log: RunLog, say: Say) -> Html:
    points = [(event.step, event.learning_rate) for event in log.steps]
    axes = Axes.around(log.last_step, [value for _step, value in points], includes_zero=True)
    title = say("Learning rate")
    last = say("{rate} at step {step}.").format(rate=f"{points[-1][1]:.2e}", step=points[-1][0])
    return _figure(
        title,
        say("How far each step went."),
        drawing("rate", title, last, [*axes.grid(), axes.line(points, "quiet")]),
    )


def _figure(title: str, explanation: str, picture: Html, *key: Html) -> Html:
    return element(
        "figure",
        element("h3", title),
        element("p", explanation, class_="muted"),
        element("p", *key, class_="key") if key else "",
        picture,
        class_="card",
    )


def _key(kind: str, text: str) -> Html:
    sample = element(
        "svg", element("path", d="M0 6 L24 6", class_=f"line {kind}"), viewBox="0 0 24 12", aria_hidden="true"
    )
    return element("span", sample, text)
