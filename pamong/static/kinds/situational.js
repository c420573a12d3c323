/* Situational judgement: rank, pick, or rate what one could do; later the experts' view of it. */

import { Choices, Notice, Paragraphs, RankList, Section, empty, html, number, percent, useLocal } from "../components.js";

const LEVELS = ["1", "2", "3", "4"];

export function View({ screen, act, say }) {
  const { brief, view, debrief, finished } = screen;
  const explained = Object.fromEntries((debrief?.items ?? []).map((item) => [item.id, item]));
  const Question = { ranking: Ranking, best_worst: Picking, rating: Rating }[brief.format];
  return brief.items.map((item, place) => {
    const options = shown(item, view.order[item.id]);
    const answer = view.answers[item.id];
    const send = (data) => act("answer", { item: item.id, ...data });
    return html`<${Section} key=${item.id} title=${say("view.item", { number: place + 1, of: brief.items.length })}>
      <div><${Paragraphs} text=${item.situation} /></div>
      ${explained[item.id]
        ? html`<${Experts} item=${item} found=${explained[item.id]} format=${brief.format} say=${say} />`
        : html`<${Question} ...${{ options, answer, send, say, disabled: finished }} name=${`${screen.exercise}-${item.id}`}
            legend=${item.question || say(`view.question.${brief.format}`)} />`}
    <//>`;
  });
}

function shown(item, order) {
  const texts = Object.fromEntries(item.options.map((option) => [option.id, option.text]));
  return (order ?? Object.keys(texts)).map((id) => ({ id, text: texts[id] }));
}

function Ranking({ legend, options, answer, send, say, disabled }) {
  return html`<${RankList} ...${{ legend, options, disabled }} value=${answer?.ranking ?? null}
    onChange=${(ranking) => send({ ranking })} firstLabel=${say("view.first")} lastLabel=${say("view.last")} />`;
}

/* One answer made of several controls: all of it is sent with each change, complete or not. */
function Together({ done, children }) {
  return html`<div tabindex="-1" class="pm-section" ...${empty(!done)}>${children}</div>`;
}

/* Each option once, with both marks beside it. The groups of marks follow one another, because the keyboard enters
a group at one place only: it would pass by the second where both ran through the list together. What has one mark
cannot get the other: arrow keys would take the first away in passing. */
function Picking({ name, legend, options, answer, send, say, disabled }) {
  const [mine, change] = useLocal(answer ?? { best: "", worst: "" }, send);
  const half = Boolean(mine.best) !== Boolean(mine.worst);
  const marks = [["best", "worst"], ["worst", "best"]];
  const rows = options.map((option, place) => ({ ...option, style: { "--row": place + 1 } }));
  return html`<fieldset class="pm-field" ...${empty(!disabled && !(mine.best && mine.worst))}>
    <legend>${legend}</legend>
    <div class="pm-picks">
      ${rows.map(({ id, text, style }) => html`
        <i style=${style} class=${mine.best === id ? "pm-good" : mine.worst === id ? "pm-look" : ""}></i>
        <span style=${style} id=${`${name}-${id}`}>${text}</span>`)}
      ${marks.map(([mark, other]) => rows.map(({ id, style }) => html`<label style=${style} class=${`pm-pick pm-${mark}`}>
        <input type="radio" name=${`${name}-${mark}`} value=${id} checked=${mine[mark] === id}
          disabled=${disabled || mine[other] === id} aria-labelledby=${`${name}-${id}-${mark} ${name}-${id}`}
          onChange=${() => change({ ...mine, [mark]: id })} />
        <span id=${`${name}-${id}-${mark}`}>${say(`view.${mark}`)}</span></label>`))}
    </div>
    <p class="pm-hint" role="status">${half && !disabled ? say("view.half") : ""}</p>
  </fieldset>`;
}

function Rating({ legend, options, answer, send, say, disabled }) {
  const [mine, change] = useLocal(answer ?? { ratings: {} }, send);
  const rate = (id) => (level) => change({ ratings: { ...mine.ratings, [id]: Number(level) } });
  const levels = LEVELS.map((id) => ({ id, text: say(`view.level.${id}`) }));
  return html`<${Together} done=${disabled || options.every(({ id }) => mine.ratings[id])}>
    <p class="pm-hint">${legend}</p>
    ${options.map(({ id, text }) => html`<${Choices} key=${id} legend=${text} options=${levels} inline optional
      disabled=${disabled} value=${mine.ratings[id] ? String(mine.ratings[id]) : null} onChange=${rate(id)} />`)}
  <//>`;
}

/* The options as the experts order them, each with the participant's own answer and the reason. */
function Experts({ item, found, format, say }) {
  const texts = Object.fromEntries(item.options.map((option) => [option.id, option.text]));
  const options = found.options.map((option) => ({
    id: option.id,
    text: texts[option.id],
    note: option.why,
    ...verdict(option, format, found.options.length, say),
  }));
  return html`<${Notice} tone=${found.agreement >= 0.8 ? "good" : "look"}
      title=${say("debrief.agreement", { value: percent(found.agreement) })}><p>${found.reason}</p><//>
    <${RankList} legend=${say("debrief.title")} options=${options} value=${options.map(({ id }) => id)} disabled
      firstLabel=${say("view.first")} lastLabel=${say("view.last")} />`;
}

function verdict({ own, place, mean }, format, count, say) {
  if (format === "ranking") {
    const off = Math.abs(own - place);
    return { mark: say("debrief.own.ranking", { own }), tone: off === 0 ? "good" : off > 1 ? "look" : undefined };
  }
  if (format === "rating") {
    const level = say(`view.level.${own}`);
    const mark = say("debrief.own.rating", { own: level, mean: number(mean, 1) });
    return { mark, tone: Math.abs(own - (1 + ((mean - 1) * 3) / 4)) > 1 ? "look" : undefined };
  }
  if (own === null) return {};
  const right = own > 0 ? place === 1 : place === count;
  return { mark: say(own > 0 ? "debrief.own.best" : "debrief.own.worst"), tone: right ? "good" : "look" };
}
