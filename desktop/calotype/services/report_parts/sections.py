"""The sections of a report, each from the contents of a run."""

from __future__ import annotations

from calotype.domain import verdict_words
from calotype.domain.events import PreviewReady, ValidationFinished
from calotype.domain.image_insight import odd_images
from calotype.domain.insight_words import insight_numbers, insight_text
from calotype.domain.runs import RunState
from calotype.domain.setting_words import ALL_TEXTS, value_text
from calotype.domain.speech import Say, duration
from calotype.services.report_parts.markup import Html, element, joined, table
from calotype.services.report_parts.pictures import chosen_steps, data_uri
from calotype.services.run_contents import RunContents, versions

_NUMBERS_SHOWN = 60  # rows of measurements; of more, an even choice


def heading(contents: RunContents, say: Say) -> Html:
    """What the report is about."""
    facts = say("Run {number} of {started}, base model {base}, trigger word “{word}”").format(
        number=contents.number,
        started=f"{contents.started:%Y-%m-%d, %H:%M}",
        base=contents.base_name,
        word=contents.project.trigger_word,
    )
    return element(
        "header", element("h1", contents.project.name, dir="auto"), element("p", facts, class_="muted", dir="auto")
    )


def verdict(contents: RunContents, say: Say) -> Html:
    """How it went, in words."""
    run = contents.run
    if run.state is RunState.FAILED:
        title = say("Training stopped")
        text = run.failure or say("It ended with an error. What was learned until then is in the report.")
        return element("section", element("h2", title), element("p", text), class_="card verdict harm")
    title = verdict_words.headline(contents.verdict, is_running=contents.is_running, say=say)
    text = verdict_words.advice(contents.verdict, is_running=contents.is_running, say=say)
    rests_on = element("ul", *(element("li", one) for one in verdict_words.evidence(contents.verdict, say)))
    sure = element("p", verdict_words.confidence(contents.verdict, say), class_="muted")
    return element("section", element("h2", title), element("p", text), sure, rests_on, class_="card verdict")


def numbers(contents: RunContents, say: Say) -> Html:
    """The few numbers that sum a run up."""
    tiles = [
        element("div", element("dt", name), element("dd", value, element("span", note) if note else ""))
        for name, value, note in _tiles(contents, say)
    ]
    return element("dl", *tiles, class_="numbers")


def _tiles(contents: RunContents, say: Say) -> list[tuple[str, str, str]]:
    log, best = contents.log, contents.log.best
    tiles: list[tuple[str, str, str]] = []
    if best is not None:
        interval = say("95 % interval {low} to {high}").format(
            low=f"{best.ratio.low:.3f}", high=f"{best.ratio.high:.3f}"
        )
        step = say("of {count} planned").format(count=f"{contents.run.plan.step_count:,}")
        tiles += [
            (say("Best step"), f"{best.step:,}", step),
            (say("Error on held-out pictures there"), f"{best.ratio.value:.3f}", interval),
            (say("On training pictures there"), f"{best.probe_ratio:.3f}", say("both as a share of the base model's")),
        ]
    if log.steps:
        speed = log.steps[-1].images_per_second
        rate = say("{speed} pictures a second").format(speed=f"{speed:.1f}")
        tiles.append((say("Steps done"), f"{log.steps[-1].step:,}", ""))
        tiles.append((say("Time"), duration(log.seconds, say), rate))
    if log.started is not None:
        held_out = say("{count} held out to check").format(count=log.started.images_held_out)
        tiles.append((say("Pictures to learn from"), str(log.started.images_trained), held_out))
    if log.loaded is not None:
        part = say("{some} M of {all} M weights").format(
            some=f"{log.loaded.trained_parameters / 1e6:.1f}", all=f"{log.loaded.total_parameters / 1e6:.1f}"
        )
        tiles.append((say("Device"), f"{log.loaded.device} · {log.loaded.precision}", part))
    return tiles


def previews(contents: RunContents, say: Say) -> Html:
    """The previews of each prompt along the steps; each prompt has one seed, so that only the LoRA differs."""
    log, rows = contents.log, []
    for index, prompt in log.prompts.items():
        of_prompt = {event.step: event for event in log.previews if event.index == index}
        best = log.preview_at(log.best.step, index) if log.best else None
        best_step = best.step if best else None
        steps = chosen_steps(sorted(of_prompt), best_step)
        pictures = [_preview(of_prompt[step], step == best_step, contents, say) for step in steps]
        if any(pictures):
            title = _prompt_text(index, prompt, contents, say)
            rows += [element("h3", title, dir="auto"), element("ul", *pictures, class_="strip")]
    if not rows:
        return Html("")
    note = say("The same seed at every step, so that only the LoRA differs. Step 0 is the base model.")
    return element(
        "section",
        element("h2", say("Previews")),
        element("div", element("p", note, class_="muted"), *rows, class_="card"),
    )


def _prompt_text(index: int, prompt: str, contents: RunContents, say: Say) -> str:
    if contents.has_captions:
        return say("“{prompt}”").format(prompt=prompt)
    return say("Prompt {number}").format(number=index + 1)


def _preview(event: PreviewReady, is_best: bool, contents: RunContents, say: Say) -> Html:
    uri = data_uri(event.path)
    if uri is None:
        return Html("")
    step = say("base model") if event.step == 0 else say("step {step}").format(step=f"{event.step:,}")
    text = say("{step} · best").format(step=step) if is_best else step
    title = _prompt_text(event.index, event.prompt, contents, say)
    says = say("Preview at {step}: {prompt}").format(step=step, prompt=title)
    picture = element("img", src=uri, alt=says)
    return element("li", element("figure", picture, element("figcaption", text)), class_="chosen" if is_best else None)


def measurements(contents: RunContents, say: Say) -> Html:
    """Every measurement as a table, folded away."""
    points = contents.log.validations
    if not points:
        return Html("")
    shown = set(chosen_steps([point.step for point in points], contents.verdict.best_step, _NUMBERS_SHOWN))
    names = ("Step", "Held out", "95 % interval", "Training", "Coarse", "Middle", "Fine")
    rows = [_measurement(point) for point in points if point.step in shown]
    caption = say("Errors as a share of the base model's on the same pictures and noise; below 1 is better.")
    summary = say("All measurements as a table") if len(shown) == len(points) else say("Measurements as a table")
    return element(
        "details", element("summary", summary), table(tuple(say(name) for name in names), rows, caption), class_="card"
    )


def _measurement(point: ValidationFinished) -> tuple[str, ...]:
    ratio, bands = point.ratio, point.bands
    values = (point.probe_ratio, bands.coarse, bands.middle, bands.fine)
    interval = f"{ratio.low:.3f} – {ratio.high:.3f}"
    return f"{point.step:,}", f"{ratio.value:.3f}", interval, *(f"{value:.3f}" for value in values)


def standing_out(contents: RunContents, say: Say) -> Html:
    """The pictures that learn unlike the others, each with its caption."""
    items = []
    for insight in odd_images(contents.log.measurements(is_over=not contents.is_running)):
        caption = contents.all_captions.get(insight.content_hash, "").strip()
        quoted = element("span", say("“{caption}”").format(caption=caption), dir="auto") if caption else ""
        words = element("span", insight_text(insight, say), " ", insight_numbers(insight, say), " ")
        items.append(element("li", words, quoted))
    if not items:
        return Html("")
    text = element("ul", *items, class_="captions")
    return element("section", element("h2", say("Pictures that stand out")), element("div", text, class_="card"))


def settings(contents: RunContents, say: Say) -> Html:
    """The plan in plain words."""
    rows = [(say("Base model"), contents.base_name, say("What the LoRA is added to."))]
    rows += [
        (say(text.label), value_text(contents.run.plan, text.name, say), say(text.effect))
        for text in ALL_TEXTS
        if contents.has_captions or text.name != "preview_prompts"
    ]
    caption = say("What the run was told to do.")
    body = table((say("Setting"), say("Value"), say("What it does")), rows, caption)
    return element("section", element("h2", say("Settings")), element("div", body, class_="card"))


def captions(contents: RunContents, say: Say) -> Html:
    """What is written under the held-out pictures."""
    if not contents.captions:
        return Html("")
    items = [
        element("li", text, dir="auto") if text.strip() else element("li", say("no caption"), class_="muted")
        for text in contents.captions
    ]
    note = say("The run never learned from these pictures; they were only used to check it.")
    return element(
        "section",
        element("h2", say("Captions of the held-out pictures")),
        element("div", element("p", note, class_="muted"), element("ol", *items, class_="captions"), class_="card"),
    )


def notes(contents: RunContents, say: Say) -> Html:
    """What the user wrote."""
    if not contents.notes.strip():
        return Html("")
    text = element("p", contents.notes.strip(), class_="notes", dir="auto")
    return element("section", element("h2", say("Notes")), element("div", text, class_="card"))


def ending(contents: RunContents, say: Say) -> Html:
    """Which programs wrote this, and that nothing was fetched."""
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    text = say("Written with {versions}. Run {run}. This file is complete: it loads nothing from anywhere.")
    return element("footer", element("p", text.format(versions=known, run=contents.run.id)))


def body(contents: RunContents, charts: Html, say: Say) -> Html:
    """The whole page below its head."""
    curves = element("section", element("h2", say("Curves")), charts, measurements(contents, say)) if charts else ""
    return joined(
        element(
            "main",
            heading(contents, say),
            verdict(contents, say),
            numbers(contents, say),
            notes(contents, say),
            previews(contents, say),
            curves,
            standing_out(contents, say),
            settings(contents, say),
            captions(contents, say),
            ending(contents, say),
        )
    )
