/* What a live talk came to, told to those who sat at the table: both sides' results, and what was possible. */

import { Details, Paragraphs, Section, html, number, useEffect, useRef } from "./components.js";
import { Comparison, Plot, Weights } from "./kinds/negotiation/debrief.js";

export function End({ sheet, view, say, called, negotiation }) {
  const box = useRef(null);
  const { debrief } = view;
  useEffect(() => void (document.activeElement === document.body && box.current?.focus({ preventScroll: true })), []);
  const by = view.ended_by === sheet.seat ? say("you") : called(view.ended_by);
  const [mine, theirs] = debrief.sides;
  return html`<section class="room-end" tabindex="-1" ref=${box} aria-labelledby="akhir">
    <h2 id="akhir">${say(`end.${view.ending}`, { name: by })}</h2>
    <p class="pm-headline">${debrief.headline}</p>
    <ul class="room-sides">${[mine, theirs].map((side) => html`<li class="pm-card"><h3>${side.name}</h3>
      ${side.total !== null && html`<p class="room-total"><b>${number(side.total)}</b> <span>${say("of", { maximum: side.maximum })}</span></p>`}
      <p>${say("end.fallback", { points: side.floor })}${side.total !== null && html` ${say(side.total >= side.floor ? "end.above" : "end.below", { points: Math.abs(side.total - side.floor) })}`}</p>
      ${side.fallback && html`<p class="pm-quiet">${side.fallback}</p>`}
      <h4>${say("end.valued")}</h4><ol class="room-valued">${side.ranking.map((id) => html`<li>${sheet.issues.find((issue) => issue.id === id).label}</li>`)}</ol>
      ${side.needs.length > 0 && html`<h4>${say("brief.needs")}</h4><ul class="room-needs">${side.needs.map((need) => html`<li>${need.label}</li>`)}</ul>`}
    </li>`)}</ul>
    ${debrief.joint !== null && html`<p>${say("end.joint", { share: number(debrief.joint * 100) })}</p>`}
    ${debrief.paragraphs.map((text) => html`<${Paragraphs} text=${text} />`)}
    <p class="pm-hint">${say("end.private")}</p>
    <${Details} summary=${say("end.more")}><div class="pm-nego"><${More} ...${{ sheet, view, debrief, say, negotiation }} /></div><//>
    <p class="pm-row"><a class="pm-button" href="../">${say("end.again")}</a></p>
  </section>`;
}

/* The picture and the comparison clause by clause, as after a negotiation with the program. */
function More({ sheet, view, debrief, say, negotiation }) {
  const brief = { ...sheet, points: debrief.points };
  const [me, name] = debrief.names;
  // Drafts are the mediator's; and whoever mediates is neither side.
  const drafts = sheet.kind === "mediation" ? { "ui.plot.theirs": () => say("end.drafts") } : {};
  const both = ({ own, other }) => say("end.both", { me, own, name, other });
  const named = sheet.batna ? {} : { "ui.you": () => me, "ui.they": () => name, "ui.plot.own": () => me, "ui.plot.other": () => name, "ui.pair": both, "ui.plot.both": both };
  const told = (key, values) => ({ ...drafts, ...named })[key]?.(values) ?? negotiation(key, values);
  return html`<${Section} title=${say("end.picture", { own: debrief.names[0], other: debrief.names[1] })}><${Plot} debrief=${debrief} say=${told} /><//>
    <${Section} title=${negotiation("ui.weights")}><${Weights} ...${{ debrief, brief, say: told }} /><//>
    <${Comparison} ...${{ debrief, view, brief, say: told }} />`;
}
