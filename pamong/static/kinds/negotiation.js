/* A negotiation: preparation, the talk at the table, the closing, and what it came to.

One drawing of `screen.view` (pamong/kinds/negotiation/screen.py). Nothing here knows more than the
participant: the other side's points arrive only with the debrief. */

import {
  Button,
  Card,
  Choices,
  Details,
  Notice,
  NumberBox,
  Paragraphs,
  RankList,
  Section,
  Select,
  html,
  useKept,
  useRef,
  useStage,
  useState,
} from "../components.js";
import { Debrief } from "./negotiation/debrief.js";
import { Options, Terms, dress } from "./negotiation/terms.js";
import { Talk } from "./negotiation/talk.js";

await dress();

export function View({ screen, act, say }) {
  const { view, brief } = screen;
  const scene = { screen, view, brief, act, say, disabled: screen.counterpart === "absent" };
  const box = useStage(view.phase);
  return html`<div class="pm-nego" tabindex="-1" ref=${box}>
    <${Steps} ...${scene} />
    ${view.phase === "prepare" && html`<${played(view) ? Brief : Case} ...${scene} /><${Preparation} ...${scene} />`}
    ${view.phase === "talk" && html`<${Brief} ...${scene} /><${Talk} ...${scene} />`}
    ${view.phase === "close" && html`<${Brief} ...${scene} /><${Closing} ...${scene} />`}
    ${screen.finished && html`<${Result} ...${scene} /><${Debrief} ...${scene} /><${Brief} ...${scene} />`}
  </div>`;
}

const played = (view) => view.phase !== "prepare" || view.attempt > 1;
View.tells = ({ view }) => played(view);
View.leads = ({ view }) => view.phase === "prepare" || view.phase === "talk";

const PHASES = ["prepare", "talk", "close", "debrief"];

function Steps({ view, say }) {
  const now = view.phase === "done" ? 3 : PHASES.indexOf(view.phase);
  return html`<ol class="pm-steps" aria-label=${say("ui.steps")}>
    ${PHASES.map((phase, place) => html`<li class=${place < now ? "pm-past" : place === now ? "pm-now" : ""}
      aria-current=${place === now ? "step" : undefined}><span>${say(`ui.step.${phase}`)}</span></li>`)}
  </ol>`;
}

/* ---- what the case is ---- */

function Case({ brief, say, view }) {
  return html`<div class="pm-sides">
      <${Card} level=${3} title=${say("ui.role", { name: brief.role.name })}><${Paragraphs} text=${brief.role.summary} /><//>
      <${Card} level=${3} title=${say("ui.counterpart", { name: brief.counterpart.name })}>
        <${Paragraphs} text=${brief.counterpart.summary} /><//>
    </div>
    <${Card} tone="look" level=${3} title=${say("ui.confidential")}>
      <${Paragraphs} text=${brief.role.confidential} />
      <h4>${say("ui.fallback")}</h4>
      <${Paragraphs} text=${brief.batna.text} />
      <p class="pm-text"><b>${say("ui.fallback.points", { points: brief.batna.points })}</b></p>
      ${brief.role.authority.length > 0 && html`<p class="pm-text">
        <b>${say("ui.authority")}</b> ${brief.role.authority.join("; ")}</p>`}
    <//>
    <${Section} title=${say("ui.wishes")}>
      <p class="pm-hint">${say("ui.wishes.hint", { maximum: view.maximum })}</p>
      <${Options} brief=${brief} say=${say} />
    <//>`;
}

/* The same, folded away once the talk has begun. */
function Brief(scene) {
  return html`<${Details} summary=${scene.say("ui.case")}><div class="pm-nego">
    <div><${Paragraphs} text=${scene.screen.intro} /></div><${Case} ...${scene} /></div><//>`;
}

/* ---- preparation ---- */

const BLANK = { floor: null, target: null, first: null, second: null, third: null, zone: null, guess: null };

function Preparation({ brief, view, act, say, disabled }) {
  const [form, setForm] = useKept(`prepare.${view.attempt}`, BLANK);
  const [gaps, setGaps] = useState({});
  const latest = useRef(form);
  const sheet = useRef(null);
  // An error goes a moment after its field was filled, so that nothing moves between press and release.
  const mend = (field) => setTimeout(() => setGaps(({ [field]: _, ...rest }) => rest), 400);
  const set = (field) => (value) => {
    latest.current = { ...latest.current, [field]: value };
    setForm(latest.current);
    mend(field);
    return true;
  };
  const issues = brief.issues.map((issue) => ({ id: issue.id, text: issue.label }));
  const others = (...taken) => issues.filter((issue) => !taken.includes(issue.id));
  const hand = () => {
    const chosen = latest.current;
    const found = problems(chosen, say);
    setGaps(found);
    if (Object.keys(found).length) return lead();
    return act("prepare", {
      floor: chosen.floor,
      target: chosen.target,
      priorities: [chosen.first, chosen.second, chosen.third].filter(Boolean),
      expects_zone: chosen.zone === "yes",
      guess: chosen.guess || [],
    });
  };
  const lead = () => {
    const [first] = sheet.current.querySelectorAll("[data-empty]");
    (first.matches("fieldset") ? first.querySelector("input") : first).focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  };
  const error = (field) => gaps[field];
  return html`<div ref=${sheet}><${Section} title=${say("ui.prepare")}>
    <p class="pm-hint">${say("ui.prepare.hint")}</p>
    <${NumberBox} name="prepare.floor" label=${say("ui.floor")} hint=${say("ui.floor.hint")} unit=${say("ui.points")}
      integer min=${0} max=${1000} value=${form.floor} onChange=${set("floor")} error=${error("floor")} />
    <${NumberBox} name="prepare.target" label=${say("ui.target")} hint=${say("ui.target.hint", { maximum: view.maximum })}
      unit=${say("ui.points")} integer min=${0} max=${1000} value=${form.target} onChange=${set("target")} error=${error("target")} />
    <div class="pm-three">
      <${Select} label=${say("ui.first")} options=${others(form.second, form.third)} value=${form.first}
        onChange=${set("first")} error=${error("first")} />
      <${Select} label=${say("ui.second")} options=${others(form.first, form.third)} value=${form.second}
        onChange=${set("second")} optional placeholder=${say("ui.optional")} />
      <${Select} label=${say("ui.third")} options=${others(form.first, form.second)} value=${form.third}
        onChange=${set("third")} optional placeholder=${say("ui.optional")} />
    </div>
    <${Choices} legend=${say("ui.zone")} value=${form.zone} onChange=${set("zone")} error=${error("zone")}
      options=${["yes", "no"].map((id) => ({ id, text: say(`ui.zone.${id}`) }))} />
    <${Details} summary=${say("ui.guess")} open=${Boolean(form.guess)}>
      <${RankList} legend=${say("ui.guess.legend")} hint=${say("ui.guess.hint")} options=${issues} value=${form.guess}
        onChange=${set("guess")} firstLabel=${say("ui.most")} lastLabel=${say("ui.least")} />
    <//>
    <div class="pm-row">
      <${Button} tone="primary" disabled=${disabled} onPress=${hand}>${say("ui.prepare.send")}<//>
      <span class="pm-hint">${say("ui.prepare.once")}</span>
    </div>
    ${Object.keys(gaps).length > 0 && html`<${Notice} tone="look" live>
      <p>${say("ui.prepare.gaps")}</p><//>`}
  <//></div>`;
}

function problems(form, say) {
  const found = {};
  if (form.floor === null) found.floor = say("ui.error.floor");
  if (form.target === null) found.target = say("ui.error.target");
  if (!form.first) found.first = say("ui.error.first");
  if (!form.zone) found.zone = say("ui.error.zone");
  return found;
}

/* ---- after the talk ---- */

function Result({ brief, view, say }) {
  const won = view.deal;
  const tone = won ? (won.points >= view.floor ? "good" : "act") : "look";
  const text = won
    ? say(won.points >= view.floor ? "ui.deal" : "ui.deal.low", { points: won.points, floor: view.floor, maximum: view.maximum })
    : say(`ui.ending.${view.ending || "nodeal"}`);
  return html`<${Notice} tone=${tone} title=${say(won ? "ui.agreed" : "ui.not_agreed")} live><p>${text}</p><//>
    ${won && view.phase === "close" && html`<${Terms} brief=${brief} package=${won.package} say=${say} caption=${say("ui.terms")} />`}`;
}

function Closing({ brief, view, act, say, disabled }) {
  const issues = brief.issues.map((issue) => {
    const told = view.learned.find((each) => each.issue === issue.id);
    return { id: issue.id, text: issue.label, mark: told && say("ui.told", { rank: told.rank }), tone: told && "info" };
  });
  const last = view.history.filter((line) => line.who === "counterpart").at(-1);
  return html`<${Result} ...${{ brief, view, say }} />
    ${last && html`<blockquote class="pm-last"><b>${brief.counterpart.name}</b><p>${last.text}</p></blockquote>`}
    <${Section} title=${say("ui.model")}>
      <${RankList} legend=${say("ui.model.legend")} hint=${say("ui.model.hint")} options=${issues}
        value=${view.ranking.length ? view.ranking : null} disabled=${disabled}
        onChange=${(ranking) => act("model", { ranking })} firstLabel=${say("ui.most")} lastLabel=${say("ui.least")} />
    <//>
    ${brief.closings.length > 0 && html`<${Section} title=${say("ui.closing")}>
      <${Choices} legend=${say("ui.closing.legend")} options=${brief.closings} value=${view.closing || null}
        onChange=${(phrase) => act("close", { phrase })} disabled=${disabled} />
    <//>`}`;
}

