/* A live table: one loop asks the server what is new, acts go by POST, and everything is drawn from the answers.

The server alone knows whose turn it is, what may be done and how much time is left. */

import {
  Button,
  Card,
  Details,
  FormContext,
  Notice,
  Paragraphs,
  Section,
  Select,
  Tag,
  html,
  number,
  speak,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "./components.js";
import { Conditions, Options, total } from "./kinds/negotiation/terms.js";
import { End } from "./rooms-end.js";
import { catalogue, post, token } from "./transport.js";
import { render } from "./vendor/preact.js";

const { base, room, language } = document.body.dataset;
const address = (rest) => new URL(`pamong/rooms/${room}/${rest}`, new URL(base, location.origin)).href;
const PAUSE = 2000;
/* Longer than the server keeps a question waiting. */
const LIMIT = 40000;
/* Whoever touched the page within this time is there. */
const AWAKE = 60000;
/* Whoever goes on waiting is asked again after this time. */
const AGAIN = 180000;
const wait = (time) => new Promise((done) => setTimeout(done, time));
const given = JSON.parse(document.getElementById("pm-room").textContent);

/* ---- what the page knows ---- */

const known = { ...given.screen, entries: [], lost: false, ends: 0 };
let redraw = () => {};
let touched = performance.now();

function take(told) {
  const fresh = told.entries.filter((each) => each.n > (known.entries.at(-1)?.n ?? 0));
  const entries = [...known.entries, ...fresh];
  if (told.n >= (known.n ?? 0)) Object.assign(known, told);
  known.entries = entries;
  known.ends = performance.now() + told.left * 1000;
  redraw();
}

async function listen() {
  while (!known.ending) {
    const awake = performance.now() - touched < AWAKE ? 1 : 0;
    const asked = `look?since=${known.n}&quiet=${known.quiet.join(",")}&awake=${awake}`;
    const told = await fetch(address(asked), { signal: AbortSignal.timeout(LIMIT), headers: token() })
      .then((answer) => (answer.ok ? answer.json() : null), () => null);
    known.lost = !told;
    if (told) take(told);
    else (redraw(), await wait(PAUSE));
  }
}

/* One act; its id makes sending it again harmless. Resolves to nothing, or to why it was refused. */
async function act(name, data = {}, channel = "joint") {
  const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  touched = performance.now();
  for (let times = 0; times < 3; times += 1) {
    const answer = await post(address(`acts?since=${known.n}`), { id, act: name, data, channel }).catch(() => null);
    if (answer && !answer.refused) return take(answer);
    if (answer && !answer.again) return answer.text || "refused";
    await wait(PAUSE);
  }
  return "offline";
}

/* ---- the table ---- */

function Room({ sheet, say, form }) {
  const [, draw] = useState(0);
  const [problem, setProblem] = useState("");
  useEffect(() => void (redraw = () => draw((n) => n + 1)), []);
  const send = async (...what) => {
    const refused = await act(...what);
    setProblem(refused === "offline" ? say("offline") : refused === "refused" ? say("refused.data") : refused || "");
    return !refused;
  };
  const called = (seat) => sheet.table.find((each) => each.seat === seat)?.name ?? say("you");
  const active = known.may.includes("walk");
  const scene = { sheet, say, view: { ...known }, send, called };
  return html`<${FormContext.Provider} value=${{ say: form, drafts: { read: () => null, keep() {}, drop() {}, saving: (_, save) => save() }, lookAgain() {} }}>
    <${Where} ...${scene} />
    ${known.ending && html`<${End} ...${{ ...scene, negotiation }} />`}
    <${Away} ...${scene} />
    ${problem && html`<${Notice} tone="act" live><p>${problem}</p><//>`}
    <${Brief} ...${scene} />
    <div class="pm-panel">
      <${Talk} ...${scene} />
      ${active && html`<${Say} ...${scene} />`}
      ${active && sheet.kind === "negotiation" && html`<${Words} ...${scene} />`}
    </div>
    ${active && html`<div class="pm-panel"><${Package} ...${scene} /></div><${Leave} ...${scene} />`}
  <//>`;
}

/* ---- whose turn, how long ---- */

const title = document.title;

function Where({ view, say, called, sheet }) {
  const mine = view.due.includes(sheet.seat);
  const bar = useRef(null);
  // Seen in the list of tabs too; and where a button went away, the focus comes here.
  useEffect(() => void (document.title = mine ? say("turn.tab", { title }) : title), [mine]);
  useLayoutEffect(() => void (bar.current && view.n && document.activeElement === document.body && bar.current.focus({ preventScroll: true })), [view.n]);
  const others = view.due.filter((seat) => seat !== sheet.seat).map(called).join(say("and"));
  const turn = view.ending ? say("turn.over") : mine ? say(view.standing ? "turn.answer" : "turn.mine") : say("turn.theirs", { name: others });
  return html`<div class=${`room-where${view.ending ? " room-over" : mine ? " room-mine" : ""}`} data-turn=${view.ending ? "over" : mine ? "mine" : "theirs"} tabindex="-1" ref=${bar}>
    <p role="status"><b>${turn}</b></p>
    ${!view.ending && html`<p class="room-facts"><${Clock} say=${say} />
      ${sheet.kind === "negotiation" && html`<span>${say("rounds", view.rounds)}</span>`}</p>`}
    ${view.lost && html`<p class="room-lost" role="alert">${say("lost")}</p>`}
  </div>`;
}

/* Counts down by itself; is read aloud only when little is left. */
function Clock({ say }) {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.round((known.ends - performance.now()) / 1000));
  const text = left >= 60 ? say("left.minutes", { count: Math.ceil(left / 60) }) : say("left.seconds", { count: left });
  const warned = left <= 60 ? say("left.last") : left <= 300 ? say("left.five") : "";
  return html`<span class=${left <= 60 ? "room-late" : ""}>${text}</span><span class="pm-unseen" role="status">${warned}</span>`;
}

/* ---- somebody is not there ---- */

function Away({ view, say, called, send, sheet }) {
  const [waited, setWaited] = useState({});
  const silent = view.quiet.join(",");
  const patient = waited.silent === silent && performance.now() < waited.until;
  if (view.ending) return null;
  if (view.may.includes("return")) {
    return html`<${Notice} tone="look" title=${say("played.mine")} live><p>${say("played.mine.text")}</p>
      <div class="pm-row"><${Button} tone="primary" onPress=${() => send("return")}>${say("return")}<//></div><//>`;
  }
  const program = view.played.length > 0 && html`<${Notice}><p>${say("played", { name: view.played.map(called).join(say("and")) })}</p><//>`;
  if (!silent || patient || !view.may.includes("substitute")) return program || null;
  return html`${program}<div data-silent=${silent}><${Notice} tone="look" title=${say("silent", { name: view.quiet.map(called).join(say("and")) })} live>
    <p>${say("silent.text")}</p>
    <div class="pm-row">
      <${Button} onPress=${() => setWaited({ silent, until: performance.now() + AGAIN })}>${say("silent.wait")}<//>
      ${view.quiet.map((seat) => html`<${Button} key=${seat} tone="primary" onPress=${() => send("substitute", { seat })}>
        ${say(seat === "mediator" ? "silent.without" : sheet.table.length > 1 ? "silent.program.of" : "silent.program", { name: called(seat) })}<//>`)}
      <${Button} tone="danger" onPress=${() => send("leave")}>${say("silent.leave")}<//>
    </div><//></div>`;
}

/* ---- what one knows ---- */

function Brief({ sheet, say, view }) {
  const first = useRef(view.n === 0);
  return html`<${Details} summary=${say("brief")} open=${first.current}><div class="pm-nego">
    <div>${sheet.told_to && html`<p class="pm-hint">${say("brief.told", { name: sheet.told_to })}</p>`}<${Paragraphs} text=${sheet.intro} /></div>
    <${Card} level=${2} title=${say("brief.role", { name: sheet.role.name })}><${Paragraphs} text=${sheet.role.summary} /><//>
    ${sheet.batna && html`<${Card} tone="look" level=${2} title=${say("brief.secret")}>
      ${sheet.lines.map((text) => html`<${Paragraphs} text=${text} />`)}
      ${sheet.needs.length > 0 && html`<h3>${say("brief.needs")}</h3><ul class="room-needs">${sheet.needs.map((need) => html`<li>
        <b>${need.label}</b> ${need.confidential && html`<${Tag} tone="look">${say("brief.caucus")}<//>`}<br />${need.text}</li>`)}</ul>`}
      <h3>${say("brief.fallback")}</h3>
      ${sheet.batna.text && html`<${Paragraphs} text=${sheet.batna.text} />`}
      <p class="pm-text"><b>${say("brief.fallback.points", { points: sheet.batna.points })}</b></p>
      ${sheet.role.authority.length > 0 && html`<p class="pm-text"><b>${say("brief.authority")}</b> ${sheet.role.authority.join("; ")}</p>`}
    <//>`}
    ${sheet.rules.length > 0 && html`<${Section} level=${2} title=${say("brief.rules")}><ul class="room-rules">${sheet.rules.map((rule) => html`<li>${rule}</li>`)}</ul><//>`}
    ${sheet.table.map((each) => html`<${Card} key=${each.seat} level=${2} title=${each.name}><${Paragraphs} text=${each.summary} /><//>`)}
    <p class="pm-hint">${say(`brief.howto.${sheet.kind}`)}</p>
    ${sheet.batna && html`<${Section} level=${2} title=${say("brief.points")}>
      <p class="pm-hint">${say("brief.points.hint", { maximum: sheet.maximum })}</p><${Options} brief=${sheet} say=${negotiation} /><//>`}
  </div><//>`;
}

/* The parts of a negotiation's view speak its own catalogue. */
let negotiation = (key) => key;

/* ---- the talk ---- */

function Talk({ sheet, view, say, called }) {
  const box = useRef(null);
  const count = view.entries.length;
  // The newest line stays in sight within its own box; the page itself does not move.
  useLayoutEffect(() => void (box.current && (box.current.scrollTop = box.current.scrollHeight)), [count]);
  return html`<${Section} level=${2} title=${say("talk")}>
    <div class="room-talk" role="log" aria-label=${say("talk")} tabindex="0" ref=${box}>
      ${count === 0 && html`<p class="pm-hint">${say("talk.empty")}</p>`}
      <ol class="pm-talk">${view.entries.map((line) => html`<${Line} key=${line.n} ...${{ line, sheet, say, called, entries: view.entries }} />`)}</ol>
    </div>
  <//>`;
}

function Line({ line, sheet, say, called, entries }) {
  const mine = line.seat === sheet.seat;
  const who = !line.seat || line.act === "substitute" || line.act === "return" ? "system" : mine ? "me" : "other";
  const label = sheet.issues.find((issue) => issue.id === line.issue)?.label;
  const name = called(line.seat);
  const text = {
    say: () => line.text || say("said.gone"),
    ask: () => say("said.ask"),
    share: () => say("said.share", { issue: label }),
    offer: () => say(mine ? "said.offer.mine" : "said.offer"),
    accept: () => say(mine ? "said.accept.mine" : "said.accept", { name }),
    decline: () => say(mine ? "said.decline.mine" : "said.decline", { name }),
    walk: () => say(mine ? "said.walk.mine" : "said.walk", { name }),
    leave: () => say("said.leave"),
    timeout: () => say("said.timeout"),
    substitute: () => say("said.substitute", { name: called(line.subject) }),
    return: () => say("said.return", { name }),
    reply: () => line.text,
  }[line.act]?.();
  const before = entries.filter((each) => each.package && each.n < line.n && each.seat === line.seat).at(-1)?.package;
  return html`<li class=${`pm-line pm-line-${who}`} data-n=${line.n}>
    ${who !== "system" && html`<span class="pm-line-name">${mine ? say("you") : name}${line.channel !== "joint" && html` · ${say("channel.caucus.short")}`}${line.act === "reply" && html` · ${say("program")}`}</span>`}
    <p>${text}</p>
    ${line.package && html`<${Offer} ...${{ line, before, sheet, say }} />`}
  </li>`;
}

/* A package as it is said: in full the first time, afterwards only what changed. */
function Offer({ line, before, sheet, say }) {
  const changed = sheet.issues.filter((issue) => !before || before[issue.id] !== line.package[issue.id]);
  return html`<div class="pm-offer">
    ${line.points !== undefined && html`<p class="pm-offer-points">${say("worth", { points: number(line.points) })}</p>`}
    ${changed.length === 0 && html`<p class="pm-hint">${say("unchanged")}</p>`}
    <ul>${changed.map((issue) => html`<li><span class="pm-clause-issue">${issue.label}</span>
      <span class="pm-clause-text">${issue.options[line.package[issue.id]].label}</span></li>`)}</ul>
  </div>`;
}

/* ---- words ---- */

function Say({ sheet, say, send, called, view }) {
  const [text, setText] = useState("");
  const [channel, setChannel] = useState("joint");
  const id = "pesan";
  const over = text.length > sheet.longest;
  const go = async () => {
    if (!text.trim() || over) return;
    if (await send("say", { text: text.trim() }, channel)) setText("");
  };
  const place = (name) => (name === "joint" ? say("channel.joint") : say(name === `caucus:${sheet.seat}` ? "channel.caucus.mine" : "channel.caucus", { name: called(name.slice(7)) }));
  if (!view.may.includes("say")) return null;
  return html`<div class="room-say">
    ${sheet.channels.length > 1 && html`<${Select} label=${say("channel")} hint=${say("channel.hint")} optional value=${channel}
      options=${sheet.channels.map((each) => ({ id: each, text: place(each) }))} onChange=${(next) => (setChannel(next), true)} />`}
    <div class=${`pm-labelled${over ? " pm-wrong" : ""}`}>
      <label for=${id} class="pm-label">${say("say.label")}</label>
      <textarea id=${id} rows="3" value=${text} aria-describedby="pesan-sisa" onInput=${(event) => setText(event.target.value)}
        onKeyDown=${(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && go()} />
      <p class="pm-count" id="pesan-sisa">${say("say.left", { count: sheet.longest - text.length })}</p>
    </div>
    <div class="pm-row"><${Button} tone="primary" disabled=${!text.trim() || over} onPress=${go}>${say("say.send")}<//>
      ${view.played.length > 0 && html`<span class="pm-hint">${say("say.program")}</span>`}</div>
  </div>`;
}

function Words({ sheet, say, send, view }) {
  const [issue, setIssue] = useState(null);
  const open = sheet.issues.filter((each) => !view.shared.includes(each.id));
  const share = async () => {
    if (issue && (await send("share", { issue }))) setIssue(null);
  };
  return html`<${Details} summary=${say("words")}>
    <p class="pm-hint">${say("words.hint")}</p>
    ${view.may.includes("ask") && html`<div class="pm-row"><${Button} onPress=${() => send("ask")}>${say("ask", { left: view.asks_left })}<//></div>`}
    ${open.length > 0 && html`<${Select} label=${say("share")} options=${open.map((each) => ({ id: each.id, text: each.label }))} value=${issue} optional
        onChange=${(id) => (setIssue(id), true)} />
      <div class="pm-row"><${Button} disabled=${!issue} onPress=${share}>${say("share.send")}<//></div>`}
  <//>`;
}

/* ---- the package ---- */

function Package({ sheet, view, say, send, called }) {
  const [terms, setTerms] = useState(() => view.last_offer?.package ?? {});
  const [asking, setAsking] = useState("");
  const may = (name) => view.may.includes(name);
  const priced = Boolean(sheet.batna);
  const whole = sheet.issues.every((issue) => terms[issue.id] !== undefined);
  const points = priced ? total(sheet, terms) : 0;
  const standing = view.standing;
  // What was asked about has gone from the table.
  useEffect(() => setAsking(""), [standing?.n, view.n]);
  const offer = () => {
    if (!whole) return setAsking("gaps");
    if (priced && points < sheet.batna.points && asking !== "offer") return setAsking("offer");
    setAsking("");
    return send("offer", { package: terms });
  };
  const accept = () => (asking === "accept" ? send("accept", { offer: standing.n }) : setAsking("accept"));
  const mine = standing && standing.seat === sheet.seat;
  return html`<${Section} level=${2} title=${say(sheet.kind === "mediation" ? "draft" : "package")}>
    ${standing && html`<${Standing} ...${{ sheet, standing, say, called, mine }} />`}
    ${asking === "accept" && standing && html`<${Notice} tone="look" title=${say("accept.sure")} live>
      <p>${say(priced && standing.points < sheet.batna.points ? "accept.low" : "accept.fine", { points: standing.points, floor: sheet.batna?.points })}</p><//>`}
    ${(may("accept") || may("decline")) && html`<div class="pm-row">
      <${Button} tone="primary" onPress=${accept}>${say(asking === "accept" ? "accept.yes" : "accept")}<//>
      ${asking === "accept" && html`<${Button} onPress=${() => setAsking("")}>${say("back")}<//>`}
      ${may("decline") && asking !== "accept" && html`<${Button} onPress=${() => send("decline", { offer: standing.n })}>${say("decline")}<//>`}
    </div>`}
    ${may("offer")
      ? html`<h3>${say(standing && !mine ? "counter" : "compose")}</h3>
        <div class="pm-table-issues">${sheet.issues.map((issue) => html`<${Row} key=${issue.id} ...${{ issue, sheet, terms, standing, say, priced, change: (next) => (setTerms(next), setAsking("")) }} />`)}</div>
        ${standing && html`<div class="pm-row"><${Button} onPress=${() => setTerms(standing.package)}>${say("copy")}<//></div>`}
        ${priced && html`<${Meter} ...${{ sheet, points, whole, standing, say }} />`}
        ${asking === "gaps" && !whole && html`<${Notice} tone="look" live><p>${say("gaps")}</p><//>`}
        ${asking === "offer" && html`<${Notice} tone="look" live><p>${say("offer.low", { points, floor: sheet.batna.points })}</p><//>`}
        <div class="pm-row pm-decide"><${Button} tone=${may("accept") ? "plain" : "primary"} onPress=${offer}>${say(asking === "offer" ? "offer.yes" : sheet.kind === "mediation" ? "offer.draft" : "offer")}<//></div>`
      : html`<p class="pm-hint">${say(view.rounds.used >= view.rounds.of ? "offer.spent" : sheet.kind === "mediation" && !mine ? "offer.mediator" : "offer.wait")}</p>`}
  <//>`;
}

function Standing({ sheet, standing, say, called, mine }) {
  const accepted = standing.accepted.filter((seat) => seat !== standing.seat).map((seat) => (seat === sheet.seat ? say("you") : called(seat)));
  const declined = standing.declined.map((seat) => (seat === sheet.seat ? say("you") : called(seat)));
  return html`<${Card} tone=${mine ? undefined : "info"} level=${3} title=${mine ? say("standing.mine") : say("standing", { name: called(standing.seat) })}>
    ${standing.points !== undefined && html`<p class="pm-offer-points">${say("worth.floor", { points: number(standing.points), floor: sheet.batna.points })}</p>`}
    <ul class="pm-terms">${sheet.issues.map((issue) => html`<li><span class="pm-term-issue">${issue.label}</span>
      ${sheet.batna && html`<span class="pm-term-points">${say("n_points", { points: number(sheet.points[issue.id][standing.package[issue.id]]) })}</span>`}
      <span class="pm-term-text">${issue.options[standing.package[issue.id]].label}<${Conditions} option=${issue.options[standing.package[issue.id]]} say=${negotiation} /></span></li>`)}</ul>
    ${accepted.length > 0 && html`<p>${say("standing.accepted", { names: accepted.join(say("and")) })}</p>`}
    ${declined.length > 0 && html`<p>${say("standing.declined", { names: declined.join(say("and")) })}</p>`}
  <//>`;
}

function Row({ issue, sheet, terms, standing, change, say, priced }) {
  const points = sheet.points[issue.id];
  const chosen = terms[issue.id];
  const same = standing && standing.package[issue.id] === chosen;
  const options = issue.options.map((option, place) => ({
    id: String(place),
    text: priced ? say("option", { label: option.label, points: number(points[place]) }) : option.label,
  }));
  return html`<div class=${`pm-issue-row${same ? " pm-same" : ""}`}>
    <div class="pm-issue-name"><b>${issue.label}</b></div>
    <div class="pm-issue-mine">
      <${Select} label=${issue.label} hideLabel optional options=${options} value=${chosen === undefined ? null : String(chosen)}
        onChange=${(id) => (change({ ...terms, [issue.id]: Number(id) }), true)} />
      ${chosen !== undefined && html`<div class="pm-issue-detail"><${Conditions} option=${issue.options[chosen]} say=${negotiation} /></div>`}
    </div>
  </div>`;
}

/* Own points of the package being put together, against the fallback and what lies on the table. */
function Meter({ sheet, points, whole, standing, say }) {
  const at = (value) => `${Math.min(100, (100 * value) / sheet.maximum)}%`;
  const marks = [["floor", sheet.batna.points], ["theirs", standing?.seat !== sheet.seat ? standing?.points : undefined]].filter(([, value]) => value !== undefined);
  return html`<div class=${`pm-meter${whole && points < sheet.batna.points ? " pm-low" : ""}`}>
    <p><output>${say(whole ? "meter" : "meter.part", { points: number(points), maximum: sheet.maximum })}</output></p>
    <div class="pm-meter-track" aria-hidden="true"><span class="pm-meter-fill" style=${{ width: at(points) }}></span>
      ${marks.map(([name, value]) => html`<i class=${`pm-mark pm-mark-${name}`} style=${{ left: at(value) }}></i>`)}</div>
    <ul class="pm-meter-key">${marks.map(([name, value]) => html`<li><i class=${`pm-mark pm-mark-${name}`} aria-hidden="true"></i>${say(`meter.${name}`, { points: number(value) })}</li>`)}</ul>
  </div>`;
}

function Leave({ say, send, view }) {
  const [asking, setAsking] = useState(false);
  if (!view.may.includes("walk")) return null;
  return html`<div class="pm-leave">
    ${asking && html`<${Notice} tone="look" title=${say("walk.sure")} live><p>${say("walk.text")}</p><//>`}
    <div class="pm-row">
      <${Button} tone="danger" onPress=${() => (asking ? send("walk") : setAsking(true))}>${say(asking ? "walk.yes" : "walk")}<//>
      ${asking && html`<${Button} onPress=${() => setAsking(false)}>${say("back")}<//>`}
    </div></div>`;
}

/* ---- beginning ---- */

async function texts(area) {
  for (;;) {
    const entries = await catalogue(language, area).catch(() => null);
    if (entries) return entries;
    await wait(PAUSE);
  }
}

const speaker = (entries) => (key, values = {}) => {
  const entry = entries[key] ?? key;
  return (Array.isArray(entry) ? entry[0] : entry).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};

const [own, form, kind] = await Promise.all(["rooms", "form", "negotiation"].map(texts));
speak(form.intl);
negotiation = speaker(kind);
take(given.screen);
for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, () => (touched = performance.now()), { passive: true });
const place = document.getElementById("meja");
place.replaceChildren();
render(html`<${Room} sheet=${given.sheet} say=${speaker(own)} form=${speaker(form)} />`, place);
listen();
