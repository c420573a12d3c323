/* A branching case: what it is about, one situation after the other, and what it all came to.

One drawing of `screen.view` (pamong/kinds/branching/screen.py). What follows from a choice arrives
with the next scene; nothing here knows it before. */

import {
  Button,
  Card,
  Choices,
  Details,
  Notice,
  Paragraphs,
  Section,
  Table,
  Tag,
  TextBox,
  html,
  number,
  percent,
  useEffect,
  useKept,
  useRef,
  useState,
  words,
} from "../components.js";

export function View({ screen, act, say }) {
  const { view, brief } = screen;
  const scene = { screen, view, brief, act, say, disabled: screen.counterpart === "absent" };
  const heading = useRef(null);
  const shown = useRef(place(view));
  // What was pressed is gone: the focus goes to the heading of what came in its place.
  useEffect(() => {
    if (shown.current === place(view)) return;
    shown.current = place(view);
    heading.current?.focus({ preventScroll: true });
    heading.current?.closest("[data-top]")?.scrollIntoView({ block: "start" });
  });
  const begun = view.phase !== "ready";
  return html`<div class="pm-branching">
    ${!begun && html`<${Case} ...${scene} /><${Begin} ...${scene} />`}
    <div class="pm-unseen" role="status">${begun && view.before ? heard(view, brief, say) : ""}</div>
    ${view.phase === "scene" && html`<${Scene} key=${view.number} heading=${heading} ...${scene} />`}
    ${view.outcome && html`<${Ending} heading=${heading} ...${scene} />`}
    ${screen.finished && html`<${Debrief} ...${scene} />`}
    ${begun && html`<${Path} ...${scene} />`}
    ${begun && html`<${Details} summary=${say("ui.case")}><div class="pm-branching">
      <div><${Paragraphs} text=${screen.intro} /></div><${Case} ...${scene} /><${Rules} ...${scene} /></div><//>`}
  </div>`;
}

const place = (view) => `${view.phase === "ready" ? 0 : 1}:${view.number}:${view.outcome ? 1 : 0}`;
View.tells = ({ view }) => view.phase !== "ready";
View.leads = ({ view }) => view.phase === "ready" || view.phase === "scene";

const value = (indicator, amount) =>
  indicator.unit ? `${number(amount)}${indicator.unit === "%" ? "" : " "}${indicator.unit}` : number(amount);

/* ---- before the start ---- */

function Case({ brief, say }) {
  const total = brief.indicators.reduce((sum, each) => sum + each.weight, 0);
  return html`<${Card} level=${3} title=${say("ui.role", { name: brief.role.name })}>
      <${Paragraphs} text=${brief.role.summary} /><//>
    <${Section} title=${say("ui.situation.opening")}><div><${Paragraphs} text=${brief.situation} /></div><//>
    <${Section} title=${say("ui.indicators")}>
      <p class="pm-hint">${say("ui.indicators.hint")}</p>
      <ul class="pm-gauges">
        ${brief.indicators.map((each) => html`<li>
          <${Gauge} indicator=${each} amount=${each.start} say=${say} />
          <p>${each.explain}</p>
          <small>${[say(`ui.direction.${each.direction}`), say("ui.weight", { weight: percent(each.weight / total) }),
            each.limit != null && say(`ui.limit.${each.direction}`, { limit: value(each, each.limit) })]
            .filter(Boolean).join(" · ")}</small></li>`)}
      </ul>
    <//>`;
}

function Rules({ screen, brief, say }) {
  const counts = screen.attempt.of > 1 ? "ui.rules.counts" : "ui.rules.counts_once";
  return html`<${Notice} tone="look" title=${say("ui.before")}>
    <ul class="pm-list">
      <li>${say("ui.rules.no_back")}</li>
      <li>${say(counts)}</li>
      <li>${say("ui.rules.cap", { integrity: brief.integrity.trim(), limit: percent(brief.cap) })}</li>
    </ul><//>`;
}

function Begin(scene) {
  const { act, say, disabled } = scene;
  return html`<${Rules} ...${scene} />
    <div class="pm-row"><${Button} tone="primary" disabled=${disabled} onPress=${() => act("begin")}>${say("ui.begin")}<//></div>`;
}

/* ---- a situation ---- */

function Scene(scene) {
  const { view, say, heading } = scene;
  if (!view.scene) return html`<p class="pm-hint" role="status" tabindex="-1" ref=${heading}>${say("ui.waiting")}</p>`;
  const { title, text } = view.scene;
  return html`<div class="pm-branching" data-top>
    <${Consequence} ...${scene} />
    <${Gauges} ...${scene} />
    <div class="pm-situation">
      <p class="pm-hint">${say("ui.decision", { number: view.number })}</p>
      <h3 tabindex="-1" ref=${heading}>${title}</h3>
      <${Paragraphs} text=${text} />
    </div>
    ${view.waiting ? html`<p class="pm-hint" role="status">${say("ui.waiting")}</p>` : html`<${Decide} ...${scene} />`}
  </div>`;
}

function Decide({ view, brief, act, say, disabled }) {
  const place = `${view.attempt}.${view.number}`;
  const [form, setForm] = useKept(`choice.${place}`, { option: null, reason: "" });
  const [gaps, setGaps] = useState({});
  const latest = useRef(form);
  const sheet = useRef(null);
  const least = brief.reason_words;
  const { closed } = view.scene;
  // An error goes a moment after its field was filled, so that nothing moves between press and release.
  const set = (field) => (next) => {
    latest.current = { ...latest.current, [field]: next };
    setForm(latest.current);
    setTimeout(() => setGaps(({ [field]: _, ...rest }) => rest), 400);
    return true;
  };
  const decide = () => {
    const { option, reason } = latest.current;
    const found = {};
    if (!option) found.option = say("ui.choose.error");
    if (words(reason) < least) found.reason = say("ui.reason.error", { words: least });
    setGaps(found);
    if (found.option || found.reason) return lead(sheet.current, found.option ? "input" : "textarea");
    return act("choose", { option, reason });
  };
  return html`<div class="pm-branching" ref=${sheet}>
    <${Choices} legend=${say("ui.choose")} options=${view.scene.options} value=${form.option} error=${gaps.option}
      onChange=${set("option")} disabled=${disabled} />
    ${closed.length > 0 && html`<div class="pm-closed"><p class="pm-pole">${say("ui.closed")}</p>
      <ul>${closed.map((each) => html`<li>${each.text}<small>${each.why}</small></li>`)}</ul></div>`}
    <${TextBox} name=${`reason.${place}`} label=${say("ui.reason")} rows=${2} value=${form.reason} minWords=${least || undefined}
      hint=${least ? say("ui.reason.hint", { words: least }) : say("ui.reason.hint_free")} optional=${!least}
      error=${gaps.reason} onSave=${set("reason")} disabled=${disabled} />
    <div class="pm-row">
      <${Button} tone="primary" disabled=${disabled} onPress=${decide}>${say("ui.decide")}<//>
      <span class="pm-hint">${say("ui.decide.once")}</span>
    </div>
  </div>`;
}

function lead(sheet, selector) {
  const field = sheet.querySelector(selector);
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
}

/* ---- what a choice led to ---- */

const moves = (view, brief) =>
  brief.indicators
    .map((each) => ({ ...each, by: view.before ? view.indicators[each.id] - view.before[each.id] : 0 }))
    .filter((each) => each.by !== 0);

function changes(view, brief, say) {
  const found = moves(view, brief).map((each) => say(each.by > 0 ? "ui.change.up" : "ui.change.down", {
    label: each.label,
    by: number(Math.abs(each.by)),
    value: value(each, view.indicators[each.id]),
  }));
  return found.length ? say("ui.changes", { changes: found.join("; ") }) : say("ui.changes.none");
}

const heard = (view, brief, say) => `${say("ui.consequence")}: ${view.consequence} ${changes(view, brief, say)}`;

function Consequence({ view, say }) {
  if (!view.before) return null;
  return html`<${Notice} tone="info" title=${say("ui.consequence")}><${Paragraphs} text=${view.consequence} /><//>`;
}

function Gauges({ view, brief, say }) {
  return html`<ul class="pm-gauges pm-gauges-now" aria-label=${say("ui.indicators")}>
    ${brief.indicators.map((each) => html`<li><${Gauge} indicator=${each} amount=${view.indicators[each.id]}
      before=${view.before?.[each.id]} say=${say} /></li>`)}
  </ul>`;
}

function Gauge({ indicator, amount, before, say }) {
  const { low, high, limit, direction } = indicator;
  const at = (each) => `${(100 * (each - low)) / (high - low)}%`;
  const by = before === undefined ? 0 : amount - before;
  const good = by > 0 === (direction === "up");
  return html`<div class="pm-gauge">
    <span class="pm-gauge-label">${indicator.label}</span>
    <b>${value(indicator, amount)}</b>
    <span class="pm-gauge-bar" aria-hidden="true"><span style=${{ width: at(amount) }}></span>
      ${limit != null && html`<i style=${{ left: at(limit) }}></i>`}</span>
    ${before !== undefined && html`<small class=${by === 0 ? "" : good ? "pm-better" : "pm-worse"}>
      ${by === 0
        ? say("ui.same")
        : html`<span aria-hidden="true">${by > 0 ? "▲" : "▼"} </span>${say(by > 0 ? "ui.up" : "ui.down", { by: number(Math.abs(by)) })}, ${say(good ? "ui.better" : "ui.worse")}`}</small>`}
  </div>`;
}

/* ---- the end ---- */

function Ending(scene) {
  const { screen, view, say, heading } = scene;
  return html`<div class="pm-branching" data-top>
    ${!screen.finished && html`<${Consequence} ...${scene} />`}
    <div class="pm-situation">
      <h3 tabindex="-1" ref=${heading}>${say("ui.ending", { title: view.outcome.title })}</h3>
      <${Paragraphs} text=${view.outcome.text} />
    </div>
    ${!screen.finished && html`<${Gauges} ...${scene} /><p class="pm-hint">${say("ui.ending.next")}</p>`}
  </div>`;
}

function Path({ screen, view, say }) {
  if (!view.path.length || view.debrief) return null;
  return html`<${Details} summary=${say("ui.past", { count: view.path.length })} open=${screen.finished}>
    <ol class="pm-path">${view.path.map((step) => html`<li><b>${step.title}</b>
      <p>${step.choice}</p><small>${say("ui.reason")}: ${step.reason}</small></li>`)}</ol><//>`;
}

function Debrief(scene) {
  const { view, say } = scene;
  const { debrief } = view;
  if (!debrief) return html`<${Notice} tone="info"><p>${say("ui.debrief.later")}</p><//>`;
  return html`<${Section} title=${say("ui.debrief")}>
      <p class="pm-headline">${debrief.headline}</p>
      ${debrief.caps.map((text) => html`<${Notice} tone="look"><p>${text}</p><//>`)}
      ${debrief.paragraphs.length > 0 && html`<div>${debrief.paragraphs.map((text) => html`<${Paragraphs} text=${text} />`)}</div>`}
    <//>
    <${Section} title=${say("ui.chart")}><${Chart} ...${scene} /><//>
    <${Section} title=${say("ui.path")}><${Decisions} ...${scene} /><//>
    <${Course} ...${scene} />
    ${debrief.principles.length > 0 && html`<${Section} title=${say("ui.principles")}><${Principles} ...${scene} /><//>`}`;
}

function Principles({ view, say }) {
  const mark = ({ kept, missed }) => (missed.length ? (kept.length ? "both" : "missed") : "kept");
  const where = (each) =>
    ["kept", "missed"]
      .filter((way) => each[way].length)
      .map((way) => say(`ui.principle.${way}`, { numbers: each[way].join(", ") }))
      .join(" ");
  return html`<ul class="pm-principles">${view.debrief.principles.map((each) => html`<li>
    <${Tag} tone=${mark(each) === "kept" ? "good" : "look"}>${say(`ui.principle.mark.${mark(each)}`)}<//>
    <span>${each.text}<small>${where(each)}</small></span></li>`)}</ul>`;
}

function Decisions({ view, say }) {
  const { decisions, costliest } = view.debrief;
  return html`<ol class="pm-path">
    ${decisions.map((each) => html`<li class=${each.number === costliest ? "pm-costly" : ""}>
      <div class="pm-path-head"><b>${each.title}</b>
        <${Tag} tone=${each.points ? "look" : "good"}>${each.points ? say("ui.lost", { points: each.points }) : say("ui.lost.none")}${each.number === costliest ? `, ${say("ui.costliest")}` : ""}<//></div>
      <p>${each.choice}</p>
      <small>${say("ui.reason")}: ${view.path[each.number - 1]?.reason}</small>
    </li>`)}
  </ol>`;
}

function Course({ view, brief, say }) {
  const { course, costliest } = view.debrief;
  if (!course) return html`<p class="pm-hint">${say("ui.course.later")}</p>`;
  if (!costliest) return html`<p class="pm-hint">${say("ui.course.same")}</p>`;
  const values = brief.indicators.map((each) =>
    say("ui.course.value", { label: each.label, value: value(each, course.indicators[each.id]) }));
  return html`<${Section} title=${say("ui.course", { number: course.from })}>
    <ol class="pm-path" start=${course.from}>
      ${course.steps.map((step) => html`<li><b>${step.title}</b><p>${step.choice}</p></li>`)}</ol>
    <p class="pm-text">${say("ui.course.end", { title: course.ending, indicators: values.join("; ") })}</p>
  <//>`;
}

/* ---- indicators over time: one small step chart each ---- */

const WIDTH = 300;
const HEIGHT = 64;

function Chart({ view, brief, say }) {
  const { course } = view;
  const head = [say("ui.indicator"), say("ui.at_start"), ...course.slice(1).map((_, at) => say("ui.after", { number: at + 1 }))];
  const rows = brief.indicators.map((each) => [each.label, ...course.map((point) => value(each, point[each.id]))]);
  return html`<div class="pm-charts">
      ${brief.indicators.map((each) => html`<${Steps} key=${each.id} indicator=${each}
        values=${course.map((point) => point[each.id])} say=${say} />`)}
    </div>
    <${Details} summary=${say("ui.chart.table")}>
      <${Table} caption=${say("ui.chart.table")} hideCaption head=${head} rows=${rows} numeric=${head.map((_, at) => at).slice(1)} />
    <//>`;
}

function Steps({ indicator, values, say }) {
  const { low, high, limit, label } = indicator;
  const x = (at) => (at * (WIDTH - 8)) / Math.max(1, values.length - 1) + 4;
  const y = (amount) => HEIGHT - 4 - ((amount - low) / (high - low)) * (HEIGHT - 8);
  const line = values.map((amount, at) => (at ? `H${x(at).toFixed(1)}V${y(amount).toFixed(1)}` : `M${x(0)} ${y(amount).toFixed(1)}`)).join("");
  const first = value(indicator, values[0]);
  const last = value(indicator, values.at(-1));
  return html`<figure class="pm-chart">
    <figcaption><b>${label}</b><span>${say("ui.chart.from_to", { first, last })}</span></figcaption>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img"
      aria-label=${say("ui.chart.line", { label, values: values.map((amount) => value(indicator, amount)).join(", ") })}>
      <path class="pm-chart-frame" d=${`M4 ${y(low)}H${WIDTH - 4}M4 ${y(high)}H${WIDTH - 4}`} />
      ${limit != null && html`<path class="pm-chart-limit" d=${`M4 ${y(limit)}H${WIDTH - 4}`} />`}
      <path class="pm-chart-line" d=${line} />
      <circle cx=${x(values.length - 1)} cy=${y(values.at(-1))} r="4" />
    </svg>
  </figure>`;
}
