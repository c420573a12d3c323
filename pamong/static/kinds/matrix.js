/* A decision matrix: read the documents, fill in the values, weigh, conclude, recommend. */

import {
  Bars, Choices, Details, Facts, Notice, NumberBox, Paragraphs, RankList, Section, Select, Table, TextBox,
  empty, html, number, percent, useLocal, words,
} from "../components.js";

const NONE = "none";
const STRENGTHS = [9, 7, 5, 3, 1, 1 / 3, 1 / 5, 1 / 7, 1 / 9];
const grid = {
  display: "grid",
  gap: "1rem",
  alignItems: "end",
  gridTemplateColumns: "repeat(auto-fill, minmax(min(15rem, 100%), 1fr))",
};

export function View({ screen, act, say }) {
  const { tasks, documents } = screen.brief;
  const parts = { screen, act, say };
  return html`
    ${documents.length > 0 && html`<${Documents} documents=${documents} fill=${tasks.includes("fill")} say=${say} />`}
    ${tasks.includes("fill") ? html`<${Values} ...${parts} />` : html`<${Given} ...${parts} />`}
    ${tasks.includes("weight") && html`<${Weights} ...${parts} />`}
    <${Totals} ...${parts} />
    ${tasks.includes("rank") && html`<${Ranking} ...${parts} />`}
    ${tasks.includes("sensitivity") && html`<${Sensitivity} ...${parts} />`}
    ${tasks.includes("recommend") && html`<${Recommendation} ...${parts} />`}
    ${screen.debrief && html`<${Debrief} ...${parts} />`}`;
}

const labels = (things) => Object.fromEntries(things.map(({ id, label }) => [id, label]));
const choices = (things) => things.map(({ id, label }) => ({ id, text: label }));
const headed = ({ label, unit }) => (unit ? `${label} (${unit})` : label);

function Documents({ documents, fill, say }) {
  return html`<${Section} title=${say("view.documents")}>
    <p class="pm-hint">${say(fill ? "view.documents.hint" : "view.documents.hint.given")}</p>
    ${documents.map(({ title, text }, place) => html`<${Details} key=${place} summary=${title}>
      <${Paragraphs} text=${text} /><//>`)}
  <//>`;
}

/* A group of boxes that counts as one thing to fill in. */
function Group({ legend, blank, hint, children }) {
  return html`<div class="pm-card"><fieldset class="pm-field" tabindex="-1" ...${empty(blank)}>
    <legend>${legend}</legend>
    ${hint && html`<p class="pm-hint">${hint}</p>`}
    <div style=${grid}>${children}</div>
  </fieldset></div>`;
}

function Values({ screen, act, say }) {
  const { alternatives, criteria } = screen.brief;
  return html`<${Section} title=${say("view.fill")}>
    <p class="pm-hint">${say("view.fill.hint")}</p>
    <${Facts} rows=${criteria.map((each) => [headed(each), say(`view.${each.direction}`)])} />
    ${alternatives.map(({ id, label }) => {
      const cells = screen.view.cells[id] ?? {};
      const blank = !screen.finished && criteria.some((criterion) => cells[criterion.id] === undefined);
      return html`<${Group} key=${id} legend=${label} blank=${blank}>
        ${criteria.map((criterion) => html`<${NumberBox} key=${criterion.id} name=${`cell.${id}.${criterion.id}`}
          label=${criterion.label} value=${cells[criterion.id]} min=${criterion.low} max=${criterion.high}
          unit=${criterion.unit} disabled=${screen.finished} optional
          onChange=${(value) => act("cell", { alternative: id, criterion: criterion.id, value })} />`)}
      <//>`;
    })}
  <//>`;
}

function Given({ screen, say }) {
  const { alternatives, criteria, data } = screen.brief;
  const rows = alternatives.map(({ id, label }) => [label, ...criteria.map((each) => number(data[id][each.id], 3))]);
  const head = [say("view.alternative"), ...criteria.map(headed)];
  return html`<${Section} title=${say("view.given")}>
    <${Facts} rows=${criteria.map((each) => [headed(each), say(`view.${each.direction}`)])} />
    <${Table} caption=${say("view.given")} hideCaption head=${head} rows=${rows} numeric=${criteria.map((_, n) => n + 1)} />
  <//>`;
}

function Weights({ screen, act, say }) {
  const { criteria, weighting } = screen.brief;
  const { shares } = screen.view;
  const By = weighting === "ahp" ? Pairs : Direct;
  return html`<${Section} title=${say("view.weight")}>
    <${By} ...${{ screen, act, say }} blank=${!shares && !screen.finished} />
    ${shares && html`<${Bars} caption=${say("view.shares")}
      bars=${criteria.map(({ id, label }) => ({ label, value: shares[id], text: percent(shares[id]) }))} />`}
  <//>`;
}

function Direct({ screen, act, say, blank }) {
  return html`<${Group} legend=${say("view.criterion")} hint=${say("view.weight.hint")} blank=${blank}>
    ${screen.brief.criteria.map(({ id, label }) => html`<${NumberBox} key=${id} name=${`weight.${id}`} label=${label}
      value=${screen.view.weights[id]} min=${0} max=${100} disabled=${screen.finished} optional
      onChange=${(value) => act("weight", { criterion: id, value })} />`)}
  <//>`;
}

function Pairs({ screen, act, say, blank }) {
  const { criteria } = screen.brief;
  const ratios = Object.fromEntries(screen.view.compare.map(({ a, b, ratio }) => [`${a} ${b}`, ratio]));
  const pairs = criteria.flatMap((a, place) => criteria.slice(place + 1).map((b) => [a, b]));
  const done = say("view.pair.done", { done: screen.view.compare.length, of: pairs.length });
  return html`
    <${Group} legend=${done} hint=${say("view.pairs.hint")} blank=${blank}>
      ${pairs.map(([a, b]) => html`<${Pair} key=${`${a.id} ${b.id}`} ...${{ a, b, say }} disabled=${screen.finished}
        ratio=${ratios[`${a.id} ${b.id}`]} send=${(ratio) => act("compare", { a: a.id, b: b.id, ratio })} />`)}
    <//>
    <${Consistency} value=${screen.view.consistency} say=${say} />`;
}

function Pair({ a, b, ratio, send, say, disabled }) {
  const options = STRENGTHS.map((strength, place) => {
    const [more, less] = strength >= 1 ? [a, b] : [b, a];
    const level = Math.round(Math.max(strength, 1 / strength));
    return { id: String(place), text: say(`view.ratio.${level}`, { a: more.label, b: less.label }) };
  });
  const distance = (strength) => Math.abs(Math.log(strength / ratio));
  const nearest = STRENGTHS.reduce((best, each, place) => (distance(each) < distance(STRENGTHS[best]) ? place : best), 0);
  return html`<${Select} label=${say("view.pair", { a: a.label, b: b.label })} ...${{ options, disabled }} optional
    value=${ratio === undefined ? null : String(nearest)} onChange=${(place) => send(STRENGTHS[Number(place)])} />`;
}

function Consistency({ value, say }) {
  if (value === null) return null;
  const good = value <= 0.1;
  return html`<${Notice} tone=${good ? "good" : "look"} live>
    <p>${say(`view.consistency.${good ? "good" : "poor"}`, { ratio: number(value, 2) })}</p><//>`;
}

function Totals({ screen, say }) {
  const { totals } = screen.view;
  const bars = screen.brief.alternatives.map(({ id, label }) => ({
    label,
    value: totals ? totals[id] * 100 : 0,
    text: totals ? number(totals[id] * 100, 1) : "–",
  }));
  return html`<${Section} title=${say("view.totals")}>
    ${totals
      ? html`<${Bars} caption=${say("view.totals.hint")} bars=${bars} max=${100} />`
      : html`<p class="pm-hint">${say("view.totals.later")}</p>`}
  <//>`;
}

function Ranking({ screen, act, say }) {
  return html`<${Section} title=${say("view.rank")}>
    <${RankList} legend=${say("view.rank.hint")} options=${choices(screen.brief.alternatives)} value=${screen.view.rank}
      onChange=${(order) => act("rank", { order })} firstLabel=${say("view.first")} lastLabel=${say("view.last")}
      disabled=${screen.finished} />
  <//>`;
}

function Sensitivity({ screen, act, say }) {
  const claim = screen.view.sensitive;
  const options = [...choices(screen.brief.criteria), { id: NONE, text: say("view.none") }];
  return html`<${Section} title=${say("view.sensitivity")}>
    <${Choices} legend=${say("view.sensitivity.hint")} options=${options} value=${claim === "" ? NONE : claim}
      onChange=${(id) => act("sensitive", { criterion: id === NONE ? "" : id })} disabled=${screen.finished} />
  <//>`;
}

function Recommendation({ screen, act, say }) {
  const [mine, change] = useLocal(screen.view.recommend, (next) => act("recommend", next));
  const disabled = screen.finished;
  return html`<${Section} title=${say("view.recommend")}>
    <${Select} label=${say("view.recommend.choice")} options=${choices(screen.brief.alternatives)} disabled=${disabled}
      value=${mine.alternative || null} onChange=${(alternative) => change({ ...mine, alternative })} />
    <${TextBox} name="recommend" label=${say("view.recommend.text")} value=${mine.text} disabled=${disabled}
      minWords=${screen.brief.min_words} optional=${words(mine.text) >= screen.brief.min_words}
      onSave=${(text) => change({ ...mine, text })} />
  <//>`;
}

/* ---- afterwards ---- */

function Debrief({ screen, say }) {
  const { cells, mandate, implied, changes } = screen.debrief;
  const rows = { alternatives: labels(screen.brief.alternatives), criteria: labels(screen.brief.criteria) };
  return html`
    ${cells.length > 0 && html`<${Found} ...${{ cells, rows, say }} />`}
    ${mandate && html`<${Mandate} ...${{ mandate, shares: screen.view.shares, rows, say }} />`}
    ${implied && html`<${Section} title=${say("debrief.implied")}>
      <ol style=${{ paddingInlineStart: "1.5rem" }}>${implied.map((id) => html`<li>${rows.alternatives[id]}</li>`)}</ol><//>`}
    ${changes && html`<${Changes} ...${{ changes, rows, say }} />`}`;
}

function Found({ cells, rows, say }) {
  const table = cells.map((cell) => [
    `${rows.alternatives[cell.alternative]}: ${rows.criteria[cell.criterion]}`,
    number(cell.own, 3),
    number(cell.true, 3),
    say(cell.right ? "debrief.right" : "debrief.wrong"),
  ]);
  const head = [say("view.alternative"), say("debrief.own"), say("debrief.true"), say("debrief.verdict")];
  return html`<${Section} title=${say("debrief.cells")}>
    <${Table} caption=${say("debrief.cells")} hideCaption head=${head} rows=${table} numeric=${[1, 2]} /><//>`;
}

function Mandate({ mandate, shares, rows, say }) {
  const table = Object.keys(mandate).map((id) => [rows.criteria[id], percent(shares[id]), percent(mandate[id])]);
  const head = [say("view.criterion"), say("debrief.mandate.own"), say("debrief.mandate.given")];
  return html`<${Section} title=${say("debrief.mandate")}>
    <${Table} caption=${say("debrief.mandate")} hideCaption head=${head} rows=${table} numeric=${[1, 2]} /><//>`;
}

function Changes({ changes, rows, say }) {
  const bars = Object.entries(changes).map(([id, change]) => ({
    label: rows.criteria[id],
    value: change === null ? 0 : change * 100,
    text: change === null ? say("debrief.never") : say("debrief.change", { points: number(change * 100, 1) }),
  }));
  return html`<${Section} title=${say("debrief.changes")}>
    <p class="pm-hint">${say("debrief.changes.hint")}</p>
    <${Bars} caption=${say("debrief.changes")} bars=${bars} max=${100} /><//>`;
}
