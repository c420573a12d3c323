/* What the mediator does next: an act, whom and what it is about, and one of the prepared wordings. */

import { Button, Choices, Section, Select, html, useRef, useState } from "../../components.js";
import { partyName } from "../mediation.js";

const ACTS = ["begin", "ask", "paraphrase", "reframe", "permission", "disclose", "test", "close"];
const ADDRESSED = ["ask", "reframe", "test"];
const WORDED = ACTS.filter((name) => name !== "disclose");
const ABOUT_FACTS = ["paraphrase", "permission", "disclose"];

export function Composer(scene) {
  const { view, brief, act, say, disabled } = scene;
  const open = ACTS.filter((name) => possible(name, view));
  const [name, setName] = useState(view.begun ? "ask" : "begin");
  const [chosen, setChosen] = useState({});
  const [gap, setGap] = useState(false);
  const top = useRef(null);
  const now = open.includes(name) ? name : open[0];
  const pick = (next) => {
    setName(next);
    setChosen({ to: chosen.to });
    setGap(false);
  };
  const set = (field) => (value) => {
    setChosen({ ...chosen, [field]: value, ...(field === "wording" ? {} : { wording: undefined }) });
    setGap(false);
    return true;
  };
  const facts = usable(now, view);
  const fact = facts.find((each) => each.id === chosen.interest) ?? (facts.length === 1 ? facts[0] : undefined);
  const to = ADDRESSED.includes(now) ? (view.place === "joint" ? chosen.to : view.place) : fact?.party;
  const data = content(now, { ...chosen, to, interest: fact?.id });
  const send = async () => {
    if (Object.values(data).some((value) => !value)) return setGap(true);
    if (!(await act(now, data))) return undefined;
    setChosen({ to: chosen.to });
    setGap(false);
    return top.current?.focus({ preventScroll: true });
  };
  const step = { ...scene, now, to, fact, facts, chosen, set };
  return html`<div ref=${top} tabindex="-1"><${Section} title=${say("ui.act")}>
    <div class="pm-med-acts" role="group" aria-label=${say("ui.act.which")}>
      ${open.map((each) => html`<button type="button" key=${each} aria-pressed=${each === now ? "true" : "false"}
        onClick=${() => pick(each)}>${say(`ui.act.${each}`)}</button>`)}
    </div>
    <p class="pm-hint">${say(`ui.act.${now}.hint`)}</p>
    ${ADDRESSED.includes(now) && view.place === "joint" && html`<${Choices} legend=${say("ui.to")} inline optional
      options=${brief.parties.map((party) => ({ id: party.id, text: party.name }))} value=${chosen.to ?? null} onChange=${set("to")} />`}
    ${ABOUT_FACTS.includes(now) && html`<${Facts} ...${step} />`}
    ${now === "test" && html`<${Issues} ...${step} />`}
    ${WORDED.includes(now) && html`<${Wordings} ...${step} />`}
    ${gap && html`<p class="pm-error" role="alert">${say("ui.gap")}</p>`}
    <div class="pm-row"><${Button} tone="primary" disabled=${disabled} onPress=${send}>${say(`ui.send.${now === "disclose" ? "disclose" : "say"}`)}<//>
      <span class="pm-hint">${say("ui.costs")}</span></div>
  <//></div>`;
}

/* ---- what can be done here ---- */

function possible(name, view) {
  if (name === "begin") return !view.begun;
  if (name === "test") return Boolean(view.draft);
  if (name === "close") return Boolean(view.draft) && view.place === "joint";
  return !ABOUT_FACTS.includes(name) || usable(name, view).length > 0;
}

/* The interests that an act can be about in this place. */
function usable(name, view) {
  return view.facts.filter((fact) => {
    const home = view.place === fact.party;
    if (name === "paraphrase") return home || view.place === "joint";
    if (name === "permission") return home && fact.confidential && !fact.permitted;
    return name === "disclose" && !home && !fact.told && fact.place !== "joint";
  });
}

function content(name, { to, interest, issue, wording }) {
  const about = { paraphrase: { interest }, permission: { interest }, disclose: { interest }, test: { to, issue } }[name];
  const target = about ?? (ADDRESSED.includes(name) ? { to } : {});
  return name === "disclose" ? target : { ...target, wording };
}

/* ---- choosing ---- */

function Facts({ brief, say, facts, fact, now, set }) {
  const options = facts.map((each) => ({
    id: each.id,
    text: each.label,
    note: partyName(brief, each.party),
    mark: each.confidential ? say(each.permitted ? "ui.secret.permitted" : "ui.secret.kept") : undefined,
    tone: undefined,
  }));
  return html`<${Choices} legend=${say(`ui.about.${now}`)} options=${options} value=${fact?.id ?? null} optional onChange=${set("interest")} />`;
}

function Issues({ view, brief, say, chosen, set }) {
  const options = brief.issues.map((issue) => ({ id: issue.id, text: issue.label }));
  const issue = brief.issues.find((each) => each.id === chosen.issue);
  const clause = issue?.options.find((each) => each.id === view.draft[issue.id]);
  return html`<div><${Select} label=${say("ui.about.test")} options=${options} value=${chosen.issue ?? null} optional onChange=${set("issue")} />
    ${clause && html`<p class="pm-hint">${say("ui.clause.now", { clause: clause.text })}</p>`}</div>`;
}

function Wordings({ view, brief, say, now, to, fact, chosen, set }) {
  const about = fact?.label ?? inline(brief.issues.find((issue) => issue.id === chosen.issue)?.label);
  const texts = Object.fromEntries((brief.wordings[now] ?? []).map((each) => [each.id, each]));
  const options = view.wordings[now]
    .map((id) => texts[id])
    .filter((each) => !each.to || each.to === to)
    .map(({ id, text }) => ({ id, text: filled(text, { party: to ? partyName(brief, to) : "…", about: about || "…" }) }));
  return html`<${Choices} legend=${say("ui.wording")} options=${options} value=${chosen.wording ?? null} optional onChange=${set("wording")} />`;
}

const filled = (text, { party, about }) =>
  text.replaceAll("{pihak}", party).replaceAll("{hal}", about).replaceAll("{soal}", about);
const inline = (label = "") => (/^\p{Lu}/u.test(label[1] ?? "") ? label : label.slice(0, 1).toLowerCase() + label.slice(1));
