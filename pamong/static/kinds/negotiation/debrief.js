/* What the talk came to: in words, as a picture, and clause by clause for both sides. */

import { Details, Notice, Section, Table, html, number, useName } from "../../components.js";

export function Debrief({ view, brief, say }) {
  const { debrief } = view;
  if (!debrief) return html`<${Notice} tone="info"><p>${say("ui.debrief.later")}</p><//>`;
  return html`<${Section} title=${say("ui.debrief")}>
      <p class="pm-headline">${debrief.headline}</p>
      <${Plot} ...${{ debrief, say }} />
      <div>
        ${debrief.paragraphs.map((text) => html`<p class="pm-text">${text}</p>`)}
        ${debrief.other_fallback && html`<p class="pm-text"><b>${say("ui.other_fallback")}</b> ${debrief.other_fallback}</p>`}
      </div>
    <//>
    <${Section} title=${say("ui.weights")}><${Weights} ...${{ debrief, brief, say }} /><//>
    <${Comparison} ...${{ debrief, view, brief, say }} />
    <${Section} title=${say("ui.rules")}><${Rules} ...${{ debrief, say }} /><//>`;
}

/* ---- the picture ---- */

const SIZE = 360;
const LEFT = 54;
const RIGHT = 342;
const TOP = 10;
const BOTTOM = 316;
const x = (own) => LEFT + own * (RIGHT - LEFT);
const y = (other) => BOTTOM - other * (BOTTOM - TOP);
const share = (value) => `${number(value * 100)}%`;
const line = (points) => points.map(([own, other]) => `${x(own).toFixed(1)},${y(other).toFixed(1)}`).join(" ");

export function Plot({ debrief, say }) {
  const id = useName();
  const { frontier, own_path: mine, other_path: theirs, deal, best, fallback } = debrief;
  const [low, left] = [y(fallback[1]), x(fallback[0])];
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const described = describe(debrief, say);
  return html`<figure class="pm-plot">
    <svg viewBox=${`0 0 ${SIZE} ${SIZE}`} role="img" aria-labelledby=${`${id}-title ${id}-text`}>
      <title id=${`${id}-title`}>${say("plot.title")}</title>
      <desc id=${`${id}-text`}>${described.map(([name, value]) => `${name}: ${value}.`).join(" ")}</desc>
      <rect x=${left} y=${TOP} width=${RIGHT - left} height=${low - TOP} class="pm-plot-zone" />
      ${steps.map((step) => html`<g class="pm-plot-grid">
        <path d=${`M${x(step)} ${y(0)}V${y(1)}M${x(0)} ${y(step)}H${x(1)}`} />
        <text x=${x(step)} y=${BOTTOM + 16} text-anchor="middle">${share(step)}</text>
        <text x=${LEFT - 6} y=${y(step) + 4} text-anchor="end">${share(step)}</text></g>`)}
      <path class="pm-plot-floor" d=${`M${left} ${BOTTOM}V${TOP}M${LEFT} ${low}H${RIGHT}`} />
      <polyline class="pm-plot-frontier" points=${line(frontier)} />
      <${Path} points=${mine} sort="mine" />
      <${Path} points=${theirs} sort="theirs" />
      ${best && html`<circle class="pm-plot-best" cx=${x(best[0])} cy=${y(best[1])} r="10" />`}
      ${deal && html`<path class="pm-plot-deal" d=${star(x(deal[0]), y(deal[1]))} />`}
      <text class="pm-plot-axis" x=${(LEFT + RIGHT) / 2} y=${SIZE - 8} text-anchor="middle">${say("ui.plot.own")}</text>
      <text class="pm-plot-axis" transform=${`translate(13 ${(TOP + BOTTOM) / 2}) rotate(-90)`} text-anchor="middle">${say("ui.plot.other")}</text>
    </svg>
    <ul class="pm-legend" aria-hidden="true">
      ${["frontier", "mine", "theirs", "deal", "best", "floor"].filter((name) => name !== "deal" || deal).filter((name) => name !== "best" || best)
        .map((name) => html`<li><${Swatch} name=${name} /> ${say(`ui.plot.${name}`)}</li>`)}
    </ul>
    <${Details} summary=${say("ui.plot.values")}>
      <${Table} caption=${say("ui.plot.values")} hideCaption head=${[say("ui.plot.what"), say("ui.plot.share")]} rows=${described} />
    <//>
  </figure>`;
}

function Path({ points, sort }) {
  return html`<g class=${`pm-plot-${sort}`}>
    <polyline points=${line(points)} />
    ${points.map(([own, other], place) => sort === "mine"
      ? html`<circle cx=${x(own)} cy=${y(other)} r=${place === 0 ? 5 : 3.5} />`
      : html`<rect x=${x(own) - 3.5} y=${y(other) - 3.5} width="7" height="7" />`)}
  </g>`;
}

function star(cx, cy) {
  const corner = (place) => {
    const radius = place % 2 ? 4.2 : 10;
    const angle = (Math.PI * place) / 5 - Math.PI / 2;
    return `${(cx + radius * Math.cos(angle)).toFixed(1)} ${(cy + radius * Math.sin(angle)).toFixed(1)}`;
  };
  return `M${Array.from({ length: 10 }, (_, place) => corner(place)).join("L")}Z`;
}

function Swatch({ name }) {
  const shapes = {
    frontier: html`<path class="pm-plot-frontier" d="M2 9H22" />`,
    floor: html`<path class="pm-plot-floor" d="M2 9H22" />`,
    mine: html`<g class="pm-plot-mine"><path d="M2 9H22" /><circle cx="12" cy="9" r="4" /></g>`,
    theirs: html`<g class="pm-plot-theirs"><path d="M2 9H22" /><rect x="8" y="5" width="8" height="8" /></g>`,
    deal: html`<path class="pm-plot-deal" d=${star(12, 9)} />`,
    best: html`<circle class="pm-plot-best" cx="12" cy="9" r="7" />`,
  };
  return html`<svg viewBox="0 0 24 18" width="24" height="18">${shapes[name]}</svg>`;
}

function describe({ own_path: mine, other_path: theirs, deal, best, fallback }, say) {
  const both = ([own, other]) => say("ui.plot.both", { own: share(own), other: share(other) });
  const path = (points) => (points.length ? points.map(both).join("; ") : say("ui.plot.none"));
  return [
    [say("ui.plot.deal"), deal ? both(deal) : say("ui.plot.no_deal")],
    ...(best ? [[say("ui.plot.best"), both(best)]] : []),
    [say("ui.plot.floor"), both(fallback)],
    [say("ui.plot.mine"), path(mine)],
    [say("ui.plot.theirs"), path(theirs)],
  ];
}

/* ---- what mattered to whom ---- */

export function Weights({ debrief, brief, say }) {
  const spread = (row) => Math.max(...row) - Math.min(...row);
  const sum = (points) => Math.max(1, brief.issues.reduce((all, issue) => all + Math.max(...points[issue.id]), 0));
  const mine = (issue) => spread(brief.points[issue.id]) / sum(brief.points);
  const theirs = (issue) => spread(debrief.other_points[issue.id]) / sum(debrief.other_points);
  const most = Math.max(...brief.issues.flatMap((issue) => [mine(issue), theirs(issue)]), 0.01);
  const bar = (value, sort, name) => html`<span class=${`pm-weight pm-weight-${sort}`}>
    <small>${name}</small>
    <span class="pm-weight-bar" aria-hidden="true"><span style=${{ width: `${(100 * value) / most}%` }}></span></span>
    <b>${share(value)}</b></span>`;
  return html`<p class="pm-hint">${say("ui.weights.hint")}</p>
    <ul class="pm-weights">
      ${brief.issues.map((issue) => html`<li><span class="pm-weight-name">${issue.label}</span>
        ${bar(mine(issue), "mine", say("ui.you"))}${bar(theirs(issue), "theirs", say("ui.they"))}</li>`)}
    </ul>`;
}

export function Comparison({ debrief, view, brief, say }) {
  const { best_package: good, other_points: other } = debrief;
  if (!good) return null;
  const packages = [...(view.deal ? [["deal", view.deal.package]] : []), ["best", good]];
  return html`<${Section} title=${say("ui.compare")}>
    <ul class="pm-compare">
      ${brief.issues.map((issue) => html`<li><span class="pm-weight-name">${issue.label}</span>
        <dl>${packages.map(([name, terms]) => {
          const place = terms[issue.id];
          const points = { own: number(brief.points[issue.id][place]), other: number(other[issue.id][place]) };
          const same = name === "best" && view.deal && view.deal.package[issue.id] === place;
          return html`<div><dt>${say(`ui.compare.${name}`)}</dt>
            <dd>${same ? say("ui.compare.same") : html`${issue.options[place].label}<small>${say("ui.pair", points)}</small>`}</dd></div>`;
        })}</dl></li>`)}
    </ul><//>`;
}

function Rules({ debrief, say }) {
  return html`<ul class="pm-rules">
    ${debrief.rules.map((rule) => html`<li class=${rule.kept ? "pm-kept" : "pm-missed"}>
      <span aria-hidden="true">${rule.kept ? "✓" : "–"}</span>
      <span>${rule.label}<span class="pm-unseen">: ${say(rule.kept ? "ui.rule.kept" : "ui.rule.missed")}</span></span></li>`)}
  </ul>`;
}
