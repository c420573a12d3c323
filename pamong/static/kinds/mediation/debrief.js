/* What the mediation came to: interests found and missed, the draft against what was possible, conduct. */

import { Card, Details, Notice, Section, Table, html, percent, useName } from "../../components.js";
import { partyName } from "../mediation.js";
import { Terms } from "./draft.js";

export function Debrief({ view, brief, say }) {
  const { debrief } = view;
  if (!debrief) return html`<${Notice} tone="info"><p>${say("ui.debrief.later")}</p><//>`;
  const better = debrief.best && !(view.ending === "agreement" && brief.issues.every(({ id }) => debrief.best[id] === view.draft?.[id]));
  return html`<${Section} title=${say("ui.debrief")}>
      <p class="pm-med-headline">${debrief.headline}</p>
      ${debrief.leaks.length > 0 && html`<${Notice} tone="act" title=${say("ui.leak")}>
        ${debrief.leaks.map((label) => html`<p>${say("debrief.leak", { label })}</p>`)}<//>`}
      <${Plot} ...${{ debrief, brief, say }} />
      <div>${debrief.paragraphs.map((text) => html`<p class="pm-text">${text}</p>`)}</div>
      ${better && html`<${Details} summary=${say("ui.best")}><${Terms} brief=${brief} draft=${debrief.best} caption=${say("ui.best.caption")} /><//>`}
    <//>
    <${Section} title=${say("ui.interests")}><${Interests} ...${{ debrief, brief, say }} /><//>
    <${Section} title=${say("ui.conduct")}><${Rules} ...${{ debrief, say }} /><//>
    ${debrief.wordings.length > 0 && html`<${Section} title=${say("ui.wordings")}>
      <ul class="pm-med-wordings">${debrief.wordings.map(({ text, quality, why }) => html`<li>
        <p>“${text}”</p><small><b>${quality}.</b> ${why}</small></li>`)}</ul><//>`}`;
}

function Interests({ debrief, brief, say }) {
  return html`<div class="pm-med-sides">
    ${brief.parties.map((party) => html`<${Card} title=${party.name}>
      <ul class="pm-med-found">
        ${debrief.interests.filter((each) => each.party === party.id).map((each) => html`<li class=${each.found ? "pm-med-yes" : "pm-med-no"}>
          <span aria-hidden="true">${each.found ? "✓" : "–"}</span>
          <span>${each.label}${each.confidential ? ` (${say("ui.secret")})` : ""}
            <small>${say(each.found ? "ui.found" : "ui.missed")}${"answered" in each ? ` ${say(each.answered ? "ui.answered" : "ui.unanswered")}` : ""}${each.why ? ` ${each.why}` : ""}</small></span></li>`)}
      </ul><//>`)}
  </div>`;
}

function Rules({ debrief, say }) {
  return html`<ul class="pm-med-found">
    ${debrief.rules.map((rule) => html`<li class=${rule.kept ? "pm-med-yes" : "pm-med-no"}>
      <span aria-hidden="true">${rule.kept ? "✓" : "–"}</span>
      <span>${rule.label}<span class="pm-unseen">: ${say(rule.kept ? "ui.kept" : "ui.unkept")}</span></span></li>`)}
  </ul>`;
}

/* ---- the picture: one line per party, from nothing to the most it could get ---- */

const LEFT = 12;
const RIGHT = 348;
const ROW = 62;
const x = (share) => LEFT + share * (RIGHT - LEFT);

function Plot({ debrief, brief, say }) {
  const id = useName();
  const rows = debrief.plot;
  const height = rows.length * ROW + 8;
  const described = rows.map((row) => [
    partyName(brief, row.party),
    percent(row.fallback),
    row.drafts.map(percent).join("; ") || "–",
    row.agreed === null ? "–" : percent(row.agreed),
    row.best === null ? "–" : percent(row.best),
  ]);
  const head = ["party", "fallback", "drafts", "agreed", "best"].map((name) => say(`ui.plot.${name}`));
  const words = described.map(([party, ...values]) => `${party}: ${values.map((value, place) => `${head[place + 1]} ${value}`).join(", ")}.`).join(" ");
  return html`<figure class="pm-med-plot">
    <svg viewBox=${`0 0 360 ${height}`} role="img" aria-labelledby=${`${id}-title ${id}-text`}>
      <title id=${`${id}-title`}>${say("ui.plot.title")}</title><desc id=${`${id}-text`}>${words}</desc>
      ${rows.map((row, place) => html`<g transform=${`translate(0 ${place * ROW})`}>
        <text x=${LEFT} y="18">${partyName(brief, row.party)}</text>
        <rect class="pm-med-track" x=${LEFT} y="34" width=${RIGHT - LEFT} height="10" rx="3" />
        <rect class="pm-med-gain" x=${x(row.fallback)} y="34" width=${RIGHT - x(row.fallback)} height="10" rx="3" />
        <path class="pm-med-floor" d=${`M${x(row.fallback)} 27V51`} />
        ${row.drafts.map((share) => html`<circle class="pm-med-try" cx=${x(share)} cy="39" r="4" />`)}
        ${row.best !== null && html`<circle class="pm-med-best" cx=${x(row.best)} cy="39" r="10" />`}
        ${row.agreed !== null && html`<circle class="pm-med-deal" cx=${x(row.agreed)} cy="39" r="6.5" />`}
      </g>`)}
    </svg>
    <ul class="pm-med-legend" aria-hidden="true">
      ${["fallback", "drafts", "agreed", "best"].filter((name) => name !== "agreed" || rows.some((row) => row.agreed !== null))
        .filter((name) => name !== "best" || rows.some((row) => row.best !== null))
        .map((name) => html`<li><${Swatch} name=${name} /> ${say(`ui.plot.${name}`)}</li>`)}
    </ul>
    <p class="pm-hint">${say("ui.plot.hint")}</p>
    <${Details} summary=${say("ui.plot.values")}><${Table} caption=${say("ui.plot.title")} hideCaption head=${head} rows=${described} /><//>
  </figure>`;
}

function Swatch({ name }) {
  const shape = {
    fallback: html`<path class="pm-med-floor" d="M12 1V17" />`,
    drafts: html`<circle class="pm-med-try" cx="12" cy="9" r="4" />`,
    agreed: html`<circle class="pm-med-deal" cx="12" cy="9" r="6.5" />`,
    best: html`<circle class="pm-med-best" cx="12" cy="9" r="7" />`,
  }[name];
  return html`<svg viewBox="0 0 24 18" width="24" height="18">${shape}</svg>`;
}
