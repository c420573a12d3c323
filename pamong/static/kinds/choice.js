/* Multiple choice: one right option or several, and afterwards what each option shows. */

import { CheckBoxes, Choices, Notice, Paragraphs, Section, html } from "../components.js";

export function View({ screen, act, say }) {
  const { brief, view, debrief, finished } = screen;
  const explained = Object.fromEntries((debrief?.items ?? []).map((item) => [item.id, item]));
  return brief.items.map((item, place) => {
    const found = explained[item.id];
    const chosen = view.answers[item.id] ?? [];
    const send = (ids) => act("answer", { item: item.id, chosen: ids });
    const options = shown(item, view.order[item.id], found, say);
    const { before, legend } = question(item.stem);
    const hint = say(item.several ? "view.several" : "view.one");
    return html`<${Section} key=${item.id} title=${say("view.item", { number: place + 1, of: brief.items.length })}>
      ${before && html`<div><${Paragraphs} text=${before} /></div>`}
      ${item.several
        ? html`<${CheckBoxes} ...${{ legend, hint, options }} value=${chosen} onChange=${send} disabled=${finished} />`
        : html`<${Choices} ...${{ legend, hint, options }} value=${chosen[0] ?? null} onChange=${(id) => send([id])}
            disabled=${finished} />`}
      ${found && html`<${Notice} tone=${found.worth === 1 ? "good" : "look"}><p>${found.reason}</p><//>`}
    <//>`;
  });
}

/* The last paragraph of a stem asks; what stands before it tells the case. */
function question(stem) {
  const parts = stem.trim().split(/\n\s*\n/);
  return { before: parts.slice(0, -1).join("\n\n"), legend: parts.at(-1) };
}

/* The options in the order drawn for this attempt; in a debrief with their reasons. */
function shown(item, order, found, say) {
  const texts = Object.fromEntries(item.options.map((option) => [option.id, option.text]));
  const reasons = Object.fromEntries((found?.options ?? []).map((option) => [option.id, option]));
  return (order ?? Object.keys(texts)).map((id) => {
    const reason = reasons[id];
    if (!reason) return { id, text: texts[id] };
    const mark = reason.correct && reason.chosen ? "both" : reason.correct ? "correct" : reason.chosen ? "chosen" : "";
    const tone = reason.correct ? "good" : reason.chosen ? "look" : undefined;
    return { id, text: texts[id], note: reason.why, mark: mark && say(`debrief.${mark}`), tone };
  });
}
