/* The talk: what was said, the table of issues, and everything that can be done next. */

import {
  Button,
  Card,
  Choices,
  Details,
  FormContext,
  Notice,
  Section,
  Select,
  empty,
  html,
  number,
  useEffect,
  useRef,
  useState,
} from "../../components.js";
import { useContext } from "../../vendor/preact.js";
import { Conditions, Terms, best, total } from "./terms.js";

export function Talk(scene) {
  const { view, say } = scene;
  const box = useRef(null);
  const said = view.history.length;
  const before = useRef(said);
  // Bring the newest answer into sight; the focus stays, unless what was pressed is gone.
  useEffect(() => {
    if (said > before.current) {
      box.current?.scrollIntoView({ block: "nearest" });
      if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
    }
    before.current = said;
  }, [said]);
  return html`<${Meeting} ...${scene} />
    ${view.may_greet && scene.brief.openings.length > 0 && html`<${Greeting} ...${scene} />`}
    <div ref=${box} tabindex="-1"><${Conversation} ...${scene} /></div>
    <${Table} ...${scene} />
    <${Words} ...${scene} />
    <${Leave} ...${scene} />`;
}

/* ---- where the talk stands ---- */

function Meeting({ view, brief, say }) {
  const { used, of } = view.rounds;
  const left = of - used;
  return html`<div class="pm-meeting">
    <div>
      <p class="pm-meeting-title">${say("ui.round", { round: Math.min(used + 1, of), of })}</p>
      <span class="pm-pips" aria-hidden="true">
        ${Array.from({ length: of }, (_, place) => html`<i class=${place < used ? "pm-past" : place === used ? "pm-now" : ""}></i>`)}
      </span>
    </div>
    ${left === 1 && html`<p class="pm-meeting-last">${say("ui.last_round")}</p>`}
    ${view.learned.length > 0 && html`<div>
      <p class="pm-meeting-title">${say("ui.learned")}</p>
      <ol class="pm-learned">
        ${view.learned.map(({ issue, rank }) => html`<li value=${rank}>${label(brief, issue)}</li>`)}
      </ol>
    </div>`}
  </div>`;
}

const label = (brief, id) => brief.issues.find((issue) => issue.id === id)?.label ?? id;

/* ---- what was said ---- */

const RECENT = 2;

function Conversation(scene) {
  const { view, say } = scene;
  const lines = view.history.map((line, place) => ({ ...line, before: previous(view.history, place) }));
  if (!lines.length) return null;
  const older = lines.slice(0, Math.max(0, lines.length - RECENT));
  const recent = lines.slice(older.length);
  return html`<${Section} title=${say("ui.talk")}>
    ${older.length > 0 && html`<${Details} summary=${say("ui.older", { count: older.length })}>
      <ol class="pm-talk">${older.map((line) => html`<${Line} key=${line.n} line=${line} ...${scene} />`)}</ol>
    <//>`}
    <div role="log" aria-label=${say("ui.talk")}>
      <ol class="pm-talk">${recent.map((line) => html`<${Line} key=${line.n} line=${line} ...${scene} />`)}</ol>
    </div>
    ${view.waiting && html`<p class="pm-hint" role="status">${say("ui.waiting")}</p>`}
  <//>`;
}

/* The last package that the same side put forward before this line. */
function previous(history, place) {
  const { who } = history[place];
  return history.slice(0, place).filter((line) => line.who === who && line.package).at(-1)?.package;
}

function Line({ line, brief, say }) {
  const mine = line.who === "participant";
  const name = mine ? say("ui.you") : brief.counterpart.name;
  const text = mine ? spoken(line, brief, say) : line.text;
  return html`<li class=${`pm-line pm-line-${mine ? "me" : "other"}`}>
    <span class="pm-line-name">${name}</span>
    ${text && html`<p>${text}</p>`}
    ${line.package && html`<${Offer} ...${{ line, brief, say }} />`}
  </li>`;
}

function spoken(line, brief, say) {
  const { act, subject } = line;
  if (act === "greet") return brief.openings.find((phrase) => phrase.id === subject)?.text;
  if (act === "argue") return brief.arguments.find((argument) => argument.id === subject)?.text;
  if (act === "share") return say("ui.said.share", { issue: label(brief, subject) });
  return say(`ui.said.${act}`);
}

/* A package as it is said: in full the first time, afterwards only what changed. */
function Offer({ line, brief, say }) {
  const { package: terms, before } = line;
  const changed = brief.issues.filter((issue) => !before || before[issue.id] !== terms[issue.id]);
  return html`<div class="pm-offer">
    <p class="pm-offer-points">${say("ui.worth", { points: number(line.points) })}</p>
    ${changed.length > 0
      ? html`<ul>${changed.map((issue) => html`<${Clause} ...${{ issue, terms, before, brief, say }} />`)}</ul>`
      : html`<p class="pm-hint">${say("ui.unchanged")}</p>`}
    ${before && changed.length < brief.issues.length && html`<${Details} summary=${say("ui.whole")}>
      <ul>${brief.issues.map((issue) => html`<${Clause} ...${{ issue, terms, brief, say }} />`)}</ul><//>`}
  </div>`;
}

function Clause({ issue, terms, before, brief, say }) {
  const points = brief.points[issue.id];
  const change = before ? points[terms[issue.id]] - points[before[issue.id]] : 0;
  const sign = change > 0 ? "up" : "down";
  return html`<li><span class="pm-clause-issue">${issue.label}</span>
    <span class="pm-clause-text">${issue.options[terms[issue.id]].label}
      ${change !== 0 && html` <span class=${`pm-change pm-change-${sign}`}><span aria-hidden="true">${change > 0 ? "▲" : "▼"} ${number(Math.abs(change))}</span>
        <span class="pm-unseen">${say(`ui.change.${sign}`, { points: number(Math.abs(change)) })}</span></span>`}
    </span></li>`;
}

/* ---- the table of issues ---- */

function Table({ view, brief, act, say, disabled }) {
  const memory = useContext(FormContext).drafts.memory;
  const kept = `package.${view.attempt}`;
  const [terms, setTerms] = useState(() => memory?.read(kept) ?? view.last_offer?.package ?? {});
  const [asking, setAsking] = useState("");
  const change = (next) => {
    setTerms(next);
    setAsking("");
    memory?.write(kept, next);
    return true;
  };
  const whole = brief.issues.every((issue) => terms[issue.id] !== undefined);
  const points = total(brief, terms);
  const { used, of } = view.rounds;
  const last = used + 1 >= of;
  const offer = () => {
    if (!whole) return setAsking("gaps");
    const wary = last || points < view.floor;
    if (wary && asking !== "offer") return setAsking("offer");
    setAsking("");
    return act("offer", { package: terms });
  };
  const accept = () => {
    if (asking !== "accept") return setAsking("accept");
    setAsking("");
    return act("accept");
  };
  const busy = disabled || view.waiting;
  return html`<${Section} title=${say("ui.table")}>
    <div class="pm-table-issues" tabindex="-1" ...${empty(true)}>
      ${brief.issues.map((issue) => html`<${Row} key=${issue.id} ...${{ issue, view, brief, terms, change, say }} />`)}
    </div>
    <div class="pm-row">
      ${view.standing && html`<${Button} onPress=${() => change(view.standing.package)}>${say("ui.copy_theirs")}<//>`}
      ${view.last_offer && html`<${Button} onPress=${() => change(view.last_offer.package)}>${say("ui.copy_mine")}<//>`}
    </div>
    <${Meter} ...${{ view, points, whole, say }} />
    ${asking === "gaps" && !whole && html`<${Notice} tone="look" live><p>${say("ui.error.package")}</p><//>`}
    ${asking === "offer" && html`<${Notice} tone="look" title=${say("ui.sure")} live>
      ${points < view.floor && html`<p>${say("ui.warn.floor", { points, floor: view.floor })}</p>`}
      ${last && html`<p>${say("ui.warn.last")}</p>`}<//>`}
    ${asking === "accept" && view.standing && html`<${Card} tone="look" title=${say("ui.accept.sure")}>
      <${Terms} brief=${brief} package=${view.standing.package} say=${say} caption=${say("ui.accept.terms")} />
      <p role="status">${say(view.standing.points < view.floor ? "ui.accept.low" : "ui.accept.fine", { points: view.standing.points, floor: view.floor })}</p><//>`}
    <div class="pm-row pm-decide">
      ${asking !== "accept" && html`<${Button} tone="primary" disabled=${busy} onPress=${offer}>
        ${asking === "offer" ? say("ui.offer.yes") : say("ui.offer", { round: Math.min(used + 1, of), of })}<//>`}
      ${view.standing && asking !== "offer" && html`<${Button} tone=${asking === "accept" ? "primary" : "plain"} disabled=${busy} onPress=${accept}>
        ${asking === "accept" ? say("ui.accept.yes") : say("ui.accept", { points: view.standing.points })}<//>`}
      ${asking && asking !== "gaps" && html`<${Button} onPress=${() => setAsking("")}>${say("ui.back")}<//>`}
    </div>
  <//>`;
}

function Row({ issue, view, brief, terms, change, say }) {
  const chosen = terms[issue.id];
  const points = brief.points[issue.id];
  const theirs = view.standing?.package[issue.id];
  const same = theirs !== undefined && theirs === chosen;
  const option = issue.options[chosen];
  const options = issue.options.map((each, place) => ({
    id: String(place),
    text: say("ui.option", { label: each.label, points: number(points[place]) }),
  }));
  return html`<div class=${`pm-issue-row${same ? " pm-same" : ""}`}>
    <div class="pm-issue-name"><b>${issue.label}</b>
      <small>${option ? say("ui.points_of", { points: number(points[chosen]), of: best(brief, issue) }) : say("ui.upto", { points: best(brief, issue) })}</small></div>
    <div class="pm-issue-theirs">
      ${theirs !== undefined && html`<small>${say("ui.theirs")}</small><span>${issue.options[theirs].label}
        <b class="pm-points">${say("ui.n_points", { points: number(points[theirs]) })}</b></span>`}
    </div>
    <div class="pm-issue-mine">
      <${Select} label=${say("ui.mine", { issue: issue.label })} hideLabel optional options=${options}
        value=${chosen === undefined ? null : String(chosen)}
        onChange=${(id) => change({ ...terms, [issue.id]: Number(id) })} />
      ${option && html`<div class="pm-issue-detail">
        ${!same && option.label.length > 24 && html`<small>${option.label}</small>`}
        <${Conditions} option=${option} say=${say} />
        ${same && html`<small class="pm-agree">${say("ui.same")}</small>`}
      </div>`}
    </div>
  </div>`;
}

/* Own points of the package on the table, against fallback, target and their offer. */
function Meter({ view, points, whole, say }) {
  const at = (value) => `${Math.min(100, (100 * value) / view.maximum)}%`;
  const target = view.preparation?.target;
  const low = whole && points < view.floor;
  const marks = [
    ["floor", view.floor],
    ["target", target <= view.maximum ? target : undefined],
    ["theirs", view.standing?.points],
  ].filter(([, value]) => value !== undefined);
  return html`<div class=${`pm-meter${low ? " pm-low" : ""}`}>
    <p><output>${whole ? say("ui.meter", { points: number(points), maximum: view.maximum }) : say("ui.meter.part", { points: number(points) })}</output></p>
    <div class="pm-meter-track" aria-hidden="true">
      <span class="pm-meter-fill" style=${{ width: at(points) }}></span>
      ${marks.map(([name, value]) => html`<i class=${`pm-mark pm-mark-${name}`} style=${{ left: at(value) }}></i>`)}
    </div>
    <ul class="pm-meter-key">
      ${marks.map(([name, value]) => html`<li><i class=${`pm-mark pm-mark-${name}`} aria-hidden="true"></i>${say(`ui.meter.${name}`, { points: number(value) })}</li>`)}
    </ul>
  </div>`;
}

/* ---- words that cost no round ---- */

function Greeting({ brief, act, say, view, disabled }) {
  const [phrase, setPhrase] = useState(null);
  return html`<${Card} level=${3} title=${say("ui.greet")}>
    <${Choices} legend=${say("ui.greet.legend")} options=${brief.openings} value=${phrase} optional
      onChange=${(id) => (setPhrase(id), true)} />
    <div class="pm-row">
      <${Button} tone="primary" disabled=${disabled || view.waiting || !phrase} onPress=${() => phrase && act("greet", { phrase })}>${say("ui.greet.send")}<//>
      <span class="pm-hint">${say("ui.greet.hint")}</span>
    </div>
  <//>`;
}

function Words(scene) {
  const { view, brief, act, say } = scene;
  const disabled = scene.disabled || view.waiting;
  return html`<${Section} title=${say("ui.words")}>
    <p class="pm-hint">${say("ui.words.hint")}</p>
    <div class="pm-words">
      <${Card} title=${say("ui.ask")}>
        <p>${say(view.questions_left > 0 ? "ui.ask.hint" : "ui.ask.none")}</p>
        ${view.questions_left > 0 && html`<div class="pm-row"><${Button} disabled=${disabled} onPress=${() => act("ask")}>
          ${say("ui.ask.send", { left: view.questions_left })}<//></div>`}
      <//>
      <${Share} ...${{ view, brief, act, say, disabled }} />
    </div>
    ${brief.arguments.length > 0 && html`<${Argue} ...${{ view, brief, act, say, disabled }} />`}
  <//>`;
}

function Share({ view, brief, act, say, disabled }) {
  const [issue, setIssue] = useState(null);
  const open = brief.issues.filter((each) => !view.shared.includes(each.id));
  const options = open.map((each) => ({ id: each.id, text: each.label }));
  const send = async () => {
    if (issue && (await act("share", { issue }))) setIssue(null);
  };
  return html`<${Card} title=${say("ui.share")}>
    ${view.shared.length > 0 && html`<p>${say("ui.shared", { issues: view.shared.map((id) => label(brief, id)).join(", ") })}</p>`}
    ${view.shares_left > 0
      ? html`<p>${say("ui.share.hint")}</p>
        <${Select} label=${say("ui.share.which")} options=${options} value=${issue} optional onChange=${(id) => (setIssue(id), true)} />
        <div class="pm-row"><${Button} disabled=${disabled || !issue} onPress=${send}>${say("ui.share.send", { left: view.shares_left })}<//></div>`
      : html`<p>${say("ui.share.none")}</p>`}
  <//>`;
}

function Argue({ view, brief, act, say, disabled }) {
  const [chosen, setChosen] = useState(null);
  const options = brief.arguments
    .filter((argument) => (view.arguments_used[argument.id] ?? 0) < 2)
    .map(({ id, text, issue }) => ({
      id,
      text,
      note: issue ? say("ui.argue.about", { issue: label(brief, issue) }) : undefined,
      mark: view.arguments_used[id] ? say("ui.argue.used") : undefined,
    }));
  const send = async () => {
    if (chosen && (await act("argue", { argument: chosen }))) setChosen(null);
  };
  return html`<${Details} summary=${say("ui.argue")}>
    <${Choices} legend=${say("ui.argue.legend")} options=${options} value=${chosen} optional onChange=${(id) => (setChosen(id), true)} />
    <div class="pm-row"><${Button} disabled=${disabled || !chosen} onPress=${send}>${say("ui.argue.send")}<//></div>
  <//>`;
}

function Leave({ view, act, say, disabled }) {
  const [asking, setAsking] = useState(false);
  const press = () => {
    if (!asking) return setAsking(true);
    setAsking(false);
    return act("walk");
  };
  return html`<div class="pm-leave">
    ${asking && html`<${Notice} tone="look" title=${say("ui.walk.sure")} live>
      <p>${say("ui.walk.text", { floor: view.floor })}</p><//>`}
    <div class="pm-row">
      <${Button} tone="danger" disabled=${disabled || view.waiting} onPress=${press}>${say(asking ? "ui.walk.yes" : "ui.walk")}<//>
      ${asking && html`<${Button} onPress=${() => setAsking(false)}>${say("ui.back")}<//>`}
    </div>
  </div>`;
}
