/* Ranking: put things in order, after rating them where the order follows from ratings, and say why. */

import { Facts, Notice, Paragraphs, RankList, Section, Select, Table, TextBox, empty, html, number, percent } from "../components.js";

const LEVELS = ["1", "2", "3", "4", "5"];

export function View({ screen, act, say }) {
  const { brief, view, debrief } = screen;
  const explained = Object.fromEntries((debrief?.items ?? []).map((item) => [item.id, item]));
  return brief.items.map((item, place) => {
    const parts = { item, screen, act, say };
    const found = explained[item.id];
    return html`<${Section} key=${item.id} title=${say("view.item", { number: place + 1, of: brief.items.length })}>
      <div><${Paragraphs} text=${item.situation} /></div>
      ${item.basis === "criteria" && !found && html`<${Ratings} ...${parts} />`}
      ${found ? html`<${Explained} ...${{ item, found, view, say }} />` : html`<${Order} ...${parts} />`}
      ${brief.reasons && html`<${TextBox} name=${`reason.${item.id}`} label=${item.why || say("view.why")} rows=${3}
        value=${view.texts[item.id]} disabled=${screen.finished}
        onSave=${(text) => act("explain", { item: item.id, text })} />`}
    <//>`;
  });
}

/* Facts stand beside what is rated; where nothing is rated, beside what is ordered. */
function Order({ item, screen, act, say }) {
  const { view, finished } = screen;
  const totals = view.totals[item.id];
  const things = Object.fromEntries(item.things.map((thing) => [thing.id, thing]));
  const options = view.order[item.id].map((id) => ({
    id,
    text: things[id].text,
    note: item.basis === "criteria" ? undefined : things[id].note,
    mark: totals ? say("view.sum", { total: totals[id] }) : undefined,
  }));
  return html`<${RankList} legend=${item.question || say(`view.question.${item.basis}`)} options=${options}
    value=${view.ranked[item.id] ?? null} onChange=${(order) => act("rank", { item: item.id, order })}
    disabled=${finished} ...${poles(item, say)} />`;
}

const poles = ({ basis, first, last }, say) => ({
  firstLabel: first || say(`view.first.${basis}`),
  lastLabel: last || say(`view.last.${basis}`),
});

function Ratings({ item, screen, act, say }) {
  const { view, finished } = screen;
  const levels = LEVELS.map((id) => ({ id, text: say(`view.level.${id}`) }));
  const rated = view.rated[item.id] ?? {};
  return html`<fieldset class="pm-field" tabindex="-1" ...${empty(!finished && !view.totals[item.id])}>
    <legend>${say("view.ratings")}</legend>
    <p class="pm-hint">${say("view.ratings.hint")}</p>
    <div class="pm-section">
    <${Facts} rows=${view.criteria.map(({ label, hint }) => [label, hint])} />
    ${item.things.map(({ id, text, note }) => html`<div key=${id} class="pm-card"><fieldset class="pm-field">
      <legend>${text}</legend>
      ${note && html`<p class="pm-hint">${note}</p>`}
      <div class="pm-rates">
        ${view.criteria.map((criterion) => html`<${Select} key=${criterion.id} label=${criterion.label} options=${levels}
          value=${rated[id]?.[criterion.id] ? String(rated[id][criterion.id]) : null} disabled=${finished} optional
          onChange=${(level) => act("rate", { item: item.id, thing: id, criterion: criterion.id, value: Number(level) })} />`)}
      </div>
    </fieldset></div>`)}
    </div>
  </fieldset>`;
}

/* The nearest right order, each thing with the participant's own place and the reason. */
function Explained({ item, found, view, say }) {
  const texts = Object.fromEntries(item.things.map(({ id, text }) => [id, text]));
  const options = found.things.map(({ id, own, fits, why }) => ({
    id,
    text: texts[id],
    note: why,
    mark: say("debrief.own", { own }),
    tone: fits ? "good" : "look",
  }));
  return html`<${Notice} tone=${found.value >= 0.8 ? "good" : "look"}
      title=${say("debrief.agreement", { value: percent(found.value) })}>
      ${found.reasons.map((reason) => html`<p>${reason}</p>`)}<//>
    <${RankList} legend=${say(`debrief.title.${item.basis}`)} options=${options} value=${options.map(({ id }) => id)}
      disabled ...${poles(item, say)} />
    ${item.basis === "criteria" && html`<${Compared} ...${{ item, found, view, say }} />`}`;
}

/* Own ratings beside those of the key, in the right order. */
function Compared({ item, found, view, say }) {
  const texts = Object.fromEntries(item.things.map(({ id, text }) => [id, text]));
  const sum = (ratings) => Object.values(ratings).reduce((total, each) => total + each, 0);
  const beside = (own, reference) => say("debrief.beside", { own: own ?? "–", reference: number(reference, 1) });
  const rows = found.things.map(({ id, ratings }) => [
    texts[id],
    ...view.criteria.map((criterion) => beside(view.rated[item.id]?.[id]?.[criterion.id], ratings[criterion.id])),
    beside(view.totals[item.id]?.[id], sum(ratings)),
  ]);
  return html`<${Table} caption=${say("debrief.ratings")} rows=${rows} numeric=${view.criteria.map((_, n) => n + 1).concat(view.criteria.length + 1)}
    head=${[say("view.thing"), ...view.criteria.map(({ label }) => label), say("view.total")]} />`;
}
