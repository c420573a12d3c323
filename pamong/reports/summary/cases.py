"""Which decisions people took in the branching cases, and where those led."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.reports import alluvial
from pamong.reports.facts import Play, Story
from pamong.reports.markup import Html, Section, Table, figure, join, paragraph, percent
from pamong.reports.standing import Standing
from pamong.reports.summary.findings import title_of

say: Final = messages("report")
DECISIONS = 3
"""Decisions that a chart shows; the table of data has all."""
ENDED = "·"
"""Stands for a decision after somebody's case had come to its end."""


def paths(standing: Standing) -> Html:
    """The ways through each branching case; only where single people may be seen."""
    if not standing.named:
        return Html("")
    found = [(story, plays) for story in standing.snapshot.stories
             if (plays := _plays(standing, story))]  # fmt: skip
    if not found:
        body = paragraph(say("paths.empty"))
        return Section(id="jalur", heading=say("paths.heading.none"), body=body).html()
    drawings = [_case(standing, story, plays) for story, plays in found]
    return Section(
        id="jalur",
        heading=_heading(standing, found),
        body=join(drawings),
        note=say("paths.note", count=DECISIONS),
        flows=True,
    ).html()


def _plays(standing: Standing, story: Story) -> list[Play]:
    """The finished plays of this cohort."""
    mine = {person.id for person in standing.people}
    return [
        play
        for play in standing.snapshot.plays
        if play.module == story.module
        and story.exercise in (play.form, play.exercise)
        and play.ending
        and play.participant in mine
    ]


def _heading(standing: Standing, found: list[tuple[Story, list[Play]]]) -> str:
    """The case whose most frequent ending is the worst one."""
    story, plays = min(found, key=lambda pair: _mean_quality(standing, *pair))
    quality = _quality(standing, story)
    endings = Counter(play.ending for play in plays)
    worst = min(endings, key=lambda it: (quality.get(it, 0.0), it))
    return say(
        "paths.heading",
        exercise=_title(standing, story, plays),
        count=endings[worst],
        people=len(plays),
        ending=story.endings.get(worst, worst),
    )


def _title(standing: Standing, story: Story, plays: list[Play]) -> str:
    short = title_of(standing, story.module, plays[0].exercise)
    return short if plays[0].exercise == story.exercise else f"{short} ({story.title})"


def _quality(standing: Standing, story: Story) -> dict[str, float]:
    """Mean score of everybody who came to an ending."""
    heap: dict[str, list[float]] = {}
    for play in standing.snapshot.plays:
        values = standing.all.cells.get((play.module, play.exercise))
        ours = play.module == story.module and story.exercise in (play.form, play.exercise)
        if ours and play.ending and values is not None:
            heap.setdefault(play.ending, []).append(
                float(values[standing.all.row[play.participant]])
            )
    known = {ending: np.array(values) for ending, values in heap.items()}
    return {
        ending: float(np.nanmean(values)) / 100
        for ending, values in known.items()
        if not np.isnan(values).all()
    }


def _mean_quality(standing: Standing, story: Story, plays: list[Play]) -> float:
    quality = _quality(standing, story)
    return float(np.mean([quality.get(play.ending, 0.0) for play in plays]))


def _case(standing: Standing, story: Story, plays: list[Play]) -> Html:
    title = _title(standing, story, plays)
    quality = _quality(standing, story)
    ways = [_way(play) for play in plays]
    titles = {ENDED: say("paths.ended")} | dict(story.endings)
    titles |= {name: prose.excerpt(text, 60) for name, text in story.options.items()}
    endings = Counter(play.ending for play in plays)
    stated = [
        say("paths.alt.row", ending=story.endings.get(name, name), count=count)
        for name, count in endings.most_common()
    ]
    alt = say("paths.alt", exercise=title, people=len(plays), rows="; ".join(stated))
    drawing = figure(alluvial.ways(ways, titles, quality, alt))
    label = say("paths.data", exercise=title)
    table = Table(
        [say(f"paths.head.{name}") for name in ("situation", "option", "people", "score")],
        _rows(standing, story, plays),
        left=(0, 1),
    ).html()
    data = Html(f'<details class="data"><summary>{label}</summary>{table}</details>')
    return Html(f'<div class="case">{paragraph(title, "subtitle")}{drawing}{data}</div>')


def _way(play: Play) -> alluvial.Way:
    steps = [f"{node}.{option}" for node, option in play.steps[:DECISIONS]]
    return (*steps, *[ENDED] * (DECISIONS - len(steps)), play.ending)


def _rows(standing: Standing, story: Story, plays: list[Play]) -> list[tuple[str, ...]]:
    """Every option that was taken, with the mean score of those who took it."""
    takers: dict[tuple[str, str], list[Play]] = {}
    for play in plays:
        for step in play.steps:
            takers.setdefault(step, []).append(play)
    order = {node: place for place, node in enumerate(story.situations)}
    rows: list[tuple[str, ...]] = []
    for (node, option), taken in sorted(
        takers.items(), key=lambda pair: (order.get(pair[0][0], 99), -len(pair[1]))
    ):
        values = standing.all.cells.get((story.module, taken[0].exercise))
        scores = np.array(
            [] if values is None else [values[standing.all.row[it.participant]] for it in taken]
        )
        known = scores[~np.isnan(scores)]
        rows.append(
            (
                story.situations.get(node, node),
                story.options.get(f"{node}.{option}", option),
                str(len(taken)),
                percent(float(known.mean()) / 100 if known.size else float("nan")),
            )
        )
    return rows
