/* A mediation: the room, what is said in it, the notes, the single text, and what it came to.

One drawing of `screen.view` (pamong/kinds/mediation/screen.py). Nothing here knows which wording is
good or what a party wants: that is told by the replies, and after the end by the debrief. */

import {
  Button,
  Card,
  Details,
  Notice,
  Paragraphs,
  Section,
  html,
  useEffect,
  useName,
  useRef,
  useStage,
  useState,
} from "../components.js";
import { Composer } from "./mediation/composer.js";
import { Debrief } from "./mediation/debrief.js";
import { Draft, Terms } from "./mediation/draft.js";

export function View({ screen, act, say }) {
  const { view, brief } = screen;
  const scene = { screen, view, brief, act, say, disabled: screen.counterpart === "absent" || view.waiting };
  const box = useStage(view.phase);
  return html`<div class="pm-med" tabindex="-1" ref=${box}>
    ${view.phase === "talk" && !view.begun && html`<${Case} ...${scene} />`}
    ${view.phase === "talk" && html`<${Room} ...${scene} />`}
    ${view.phase !== "talk" && html`<${Ending} ...${scene} />`}
    ${screen.finished && html`<${Debrief} ...${scene} />`}
    ${(view.phase !== "talk" || view.begun) && html`<${Details} summary=${say("ui.case")}>
      <div class="pm-med"><div><${Paragraphs} text=${screen.intro} /></div><${Case} ...${scene} /></div><//>`}
  </div>`;
}

View.tells = ({ view }) => view.phase !== "talk" || view.begun;
View.leads = ({ view }) => view.phase === "talk";

export const partyName = (brief, id) => brief.parties.find((party) => party.id === id)?.name ?? id;

/* ---- what the case is ---- */

function Case({ brief, say }) {
  return html`<${Card} level=${3} tone="look" title=${say("ui.role")}><${Paragraphs} text=${brief.role} /><//>
    <div class="pm-med-sides">
      ${brief.parties.map((party) => html`<${Card} level=${3} title=${party.name}>
        ${party.summary && html`<${Paragraphs} text=${party.summary} />`}
        <p class="pm-text"><b>${say("ui.position")}</b> “${party.position}”</p>
        <p class="pm-hint">${say(`ui.mood.${party.mood}`)}</p><//>`)}
    </div>
    ${brief.rules.length > 0 && html`<${Card} level=${3} title=${say("ui.rules.ground")}>
      <ul class="pm-med-rules">${brief.rules.map((rule) => html`<li>${rule}</li>`)}</ul><//>`}`;
}

/* ---- the room ---- */

function Room(scene) {
  const { view, say } = scene;
  const said = useRef(null);
  const before = useRef(view.transcript.length);
  // Bring the newest answer into sight; the focus stays, unless what was pressed is gone.
  useEffect(() => {
    if (view.transcript.length > before.current) {
      said.current?.scrollIntoView({ block: "nearest" });
      if (document.activeElement === document.body) said.current?.focus({ preventScroll: true });
    }
    before.current = view.transcript.length;
  }, [view.transcript.length]);
  return html`<${Standing} ...${scene} />
    <${Places} ...${scene} />
    ${view.transcript.length > 0 && html`<div ref=${said} tabindex="-1"><${Transcript} ...${scene} /></div>`}
    <${Composer} key=${view.place} ...${scene} />
    <${Notes} ...${scene} />
    <${Draft} ...${scene} />
    <${Leave} ...${scene} />
    ${view.waiting && html`<p class="pm-hint" role="status">${say("ui.waiting")}</p>`}`;
}

function Standing({ view, brief, say }) {
  const { used, of } = view.steps;
  const left = of - used;
  return html`<div class="pm-med-standing">
    <p><b>${say("ui.steps", { used, of })}</b> <span class=${left <= 5 ? "pm-med-late" : "pm-quiet"}>${say("ui.left", { left })}</span></p>
    <span class="pm-bar" aria-hidden="true"><span style=${{ width: `${(100 * used) / of}%` }}></span></span>
    <ul class="pm-med-parties">
      ${view.parties.map((party) => html`<li>
        <b>${partyName(brief, party.id)}</b>
        <span>${say(party.trust ? `ui.trust.${party.trust}` : "ui.trust.unknown")}</span>
        ${party.light && html`<${Consent} ...${{ party, brief, say }} />`}
      </li>`)}
    </ul>
  </div>`;
}

const SIGNS = { content: "✓", willing: "✓", doubt: "?", refuse: "✕" };

function Consent({ party, brief, say }) {
  const issue = brief.issues.find((each) => each.id === party.issue)?.label ?? "";
  return html`<span class=${`pm-med-consent pm-med-${party.light}`}>
    <span aria-hidden="true">${SIGNS[party.light]}</span> ${say(`ui.light.${party.light}`, { issue })}</span>`;
}

function Places({ view, brief, act, say, disabled }) {
  const id = useName();
  const places = [["joint", say("ui.joint")], ...brief.parties.map(({ id, name }) => [id, say("ui.caucus", { party: name })])];
  const go = (place) => {
    if (place === view.place || disabled) return undefined;
    return place === "joint" ? act("joint") : act("caucus", { party: place });
  };
  return html`<div>
    <p class="pm-label" id=${id}>${say("ui.places")}</p>
    <div class="pm-med-places" role="group" aria-labelledby=${id}>
      ${places.map(([place, name]) => html`<button type="button" key=${place} aria-pressed=${place === view.place ? "true" : "false"}
        aria-disabled=${disabled ? "true" : undefined} onClick=${() => go(place)}>${name}</button>`)}
    </div>
    <p class="pm-hint" role="status">${view.place === "joint" ? say("ui.here.joint") : say("ui.here.caucus", { party: partyName(brief, view.place) })}</p>
  </div>`;
}

/* ---- what was said ---- */

const RECENT = 2;

function Transcript({ view, brief, say }) {
  const turns = grouped(view.transcript);
  const older = turns.slice(0, Math.max(0, turns.length - RECENT));
  const recent = turns.slice(older.length);
  const draw = (turn) => turn.map((line) => html`<${Line} ...${{ line, brief, say }} />`);
  return html`<${Section} title=${say("ui.talk")}>
    ${older.length > 0 && html`<${Details} summary=${say("ui.older", { count: older.length })}>
      <ol class="pm-talk">${older.map(draw)}</ol><//>`}
    <div role="log" aria-label=${say("ui.talk")}><ol class="pm-talk">${recent.map(draw)}</ol></div>
  <//>`;
}

/* One turn is a line of the mediator with the answers to it. */
function grouped(lines) {
  const turns = [];
  for (const line of lines) {
    if ("place" in line || !turns.length) turns.push([line]);
    else turns.at(-1).push(line);
  }
  return turns;
}

function Line({ line, brief, say }) {
  const sort = { me: "me", party: "other", system: "system" }[line.who];
  const name = line.who === "me" ? say("ui.you") : line.who === "party" ? partyName(brief, line.by) : "";
  return html`<li class=${`pm-line pm-line-${sort}`}>
    ${name && html`<span class="pm-line-name">${name}</span>`}<p>${line.text}</p></li>`;
}

/* ---- what is known ---- */

export function Notes({ view, brief, say }) {
  return html`<${Section} title=${say("ui.notes")}>
    <div class="pm-med-sides">
      ${brief.parties.map((party) => {
        const facts = view.facts.filter((fact) => fact.party === party.id);
        return html`<${Card} title=${party.name}>
          ${facts.length > 0
            ? html`<ul class="pm-med-facts">${facts.map((fact) => html`<li>${fact.label}${fact.confidential && html`<${Secret} ...${{ fact, say }} />`}</li>`)}</ul>`
            : html`<p class="pm-hint">${say("ui.notes.none")}</p>`}<//>`;
      })}
    </div>
  <//>`;
}

function Secret({ fact, say }) {
  const state = fact.permitted ? "permitted" : fact.told ? "leaked" : "kept";
  return html` <span class="pm-tag pm-look"><span aria-hidden="true">🔒</span> ${say(`ui.secret.${state}`)}</span>`;
}

/* ---- how it ends ---- */

function Leave({ act, say, disabled }) {
  const [asking, setAsking] = useState(false);
  const press = () => {
    if (!asking) return setAsking(true);
    return act("withdraw");
  };
  return html`<div class="pm-med-leave">
    ${asking && html`<${Notice} tone="look" title=${say("ui.withdraw.sure")} live><p>${say("ui.withdraw.text")}</p><//>`}
    <div class="pm-row">
      <${Button} tone="danger" disabled=${disabled} onPress=${press}>${say(asking ? "ui.withdraw.yes" : "ui.withdraw")}<//>
      ${asking && html`<${Button} onPress=${() => setAsking(false)}>${say("ui.back")}<//>`}
    </div>
  </div>`;
}

function Ending(scene) {
  const { view, say } = scene;
  const agreed = view.ending === "agreement";
  const tone = agreed ? "good" : view.ending === "stopped" ? "info" : "look";
  return html`<${Notice} tone=${tone} title=${say("ui.ended")} live><p>${say(`ui.ending.${view.ending || "open"}`)}</p><//>
    ${view.draft && html`<${Terms} ...${scene} draft=${view.draft} caption=${say(agreed ? "ui.agreement" : "ui.last_draft")} />`}
    ${view.phase === "ended" && html`<${Transcript} ...${scene} /><${Notes} ...${scene} />`}`;
}
