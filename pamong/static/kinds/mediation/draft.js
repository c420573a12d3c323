/* The single text: a clause per issue, put before whoever is in the room. */

import { Button, Notice, Section, Select, html, useKept, useState } from "../../components.js";
import { partyName } from "../mediation.js";

export function Draft({ view, brief, act, say, disabled }) {
  const [terms, setTerms] = useKept(`draft.${view.attempt}`, view.draft ?? {});
  const [gap, setGap] = useState(false);
  const whole = brief.issues.every((issue) => issue.options.some((option) => option.id === terms[issue.id]));
  const same = view.draft && brief.issues.every((issue) => terms[issue.id] === view.draft[issue.id]);
  const set = (issue) => (option) => {
    setTerms({ ...terms, [issue]: option });
    setGap(false);
    return true;
  };
  const propose = () => {
    if (!whole) return setGap(true);
    return act("propose", { draft: Object.fromEntries(brief.issues.map((issue) => [issue.id, terms[issue.id]])) });
  };
  const where = view.place === "joint" ? say("ui.draft.joint") : say("ui.draft.caucus", { party: partyName(brief, view.place) });
  return html`<${Section} title=${say("ui.draft")}>
    <p class="pm-hint">${say("ui.draft.hint")} ${where}</p>
    <div class="pm-med-draft">
      ${brief.issues.map((issue) => html`<div key=${issue.id}>
        <${Select} label=${issue.label} hint=${issue.explain || undefined} optional value=${terms[issue.id] ?? null} onChange=${set(issue.id)}
          options=${issue.options.map((option) => ({ id: option.id, text: option.text }))} />
        ${terms[issue.id] && html`<p class="pm-med-clause">${issue.options.find((option) => option.id === terms[issue.id])?.text}</p>`}
      </div>`)}
    </div>
    ${same && html`<p class="pm-hint" role="status">${say(view.refused ? "ui.draft.refused" : "ui.draft.same")}</p>`}
    ${gap && html`<${Notice} tone="look" live><p>${say("illegal.draft")}</p><//>`}
    <div class="pm-row"><${Button} disabled=${disabled} onPress=${propose}>${say("ui.propose")}<//>
      <span class="pm-hint">${say("ui.costs")}</span></div>
  <//>`;
}

/* A whole draft, clause by clause. */
export function Terms({ brief, draft, caption }) {
  return html`<div><p class="pm-label">${caption}</p>
    <dl class="pm-facts">${brief.issues.map((issue) => html`<div><dt>${issue.label}</dt>
      <dd>${issue.options.find((option) => option.id === draft[issue.id])?.text}</dd></div>`)}</dl></div>`;
}
